"""The life of a table that is made in the background."""

from datetime import timedelta

from django.db.models import TextChoices

KEPT_FOR = timedelta(days=7)
# Longer than a task may run: whoever took a table and has not kept it by then is gone.
LEASE = timedelta(minutes=10)
LONGEST_ADDRESS = 2000


class ExportStatus(TextChoices):
    WAITING = "waiting", "Waiting for a worker"
    MADE = "made", "Ready"
    FAILED = "failed", "Not made"
    EXPIRED = "expired", "Removed after its time"
    CANCELLED = "cancelled", "Cancelled"


MOVES: dict[str, tuple[str, ...]] = {
    ExportStatus.WAITING: (ExportStatus.MADE, ExportStatus.FAILED, ExportStatus.CANCELLED),
    ExportStatus.MADE: (ExportStatus.EXPIRED,),
}
