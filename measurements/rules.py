"""The life of a submission, and of what is attached to it."""

from datetime import datetime

from django.db.models import TextChoices


class Status(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned"
    ACCEPTED = "accepted", "Accepted"
    SUPERSEDED = "superseded", "Superseded"


LIVE = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)  # at most one of these per contract and month
OPEN = (Status.DRAFT, Status.RETURNED)  # whoever reports may still change it

TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.DRAFT: (Status.SUBMITTED,),
    Status.SUBMITTED: (Status.ACCEPTED, Status.RETURNED),
    Status.RETURNED: (Status.SUBMITTED,),
    Status.ACCEPTED: (Status.SUPERSEDED,),
    Status.SUPERSEDED: (),
}


class EvidenceState(TextChoices):
    PENDING = "pending", "Pending"  # its file is being written
    STORED = "stored", "Stored"


def removable(status: str, submitted_at: datetime | None, added_at: datetime) -> bool:
    """Whether evidence may be taken away again: before the figures were handed over with it, and never after."""
    return status in OPEN and (submitted_at is None or added_at > submitted_at)
