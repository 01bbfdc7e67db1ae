"""The life of an attached file."""

from django.db.models import TextChoices


class FileState(TextChoices):
    PENDING = "pending", "Pending"  # it is being written
    STORED = "stored", "Stored"
    EXPIRED = "expired", "Removed after its time"  # name and checksum stay
    BLOCKED = "blocked", "Blocked: a virus was found"  # nobody gets it any more


class Scan(TextChoices):
    """What the virus check said; without one, that there was none."""

    NONE = "none", "Not scanned for viruses"
    CLEAN = "clean", "Scanned, no virus found"
