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
    Status.SUBMITTED: (Status.ACCEPTED, Status.RETURNED, Status.DRAFT),
    Status.RETURNED: (Status.SUBMITTED,),
    Status.ACCEPTED: (Status.SUPERSEDED,),
    Status.SUPERSEDED: (),
}


class StepKind(TextChoices):
    """What happened to a submission, for its history."""

    SUBMITTED = "submitted", "Submitted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RETURNED = "returned", "Returned"
    ACCEPTED = "accepted", "Accepted"


def declaration(name: str, side: str, *, by_key: bool = False) -> str:
    """What is declared of figures that are submitted; `side` is the submitter's vendor, or the client who reports for it."""
    if by_key:
        return f"Key {name} declares for {side} that these figures are complete and come from its records."
    return f"I, {name}, declare for {side} that these figures are complete and come from our records."


def in_preparation(status: str, saved_at: datetime | None, decided_at: datetime | None) -> bool:
    """Whether figures are not submitted as they are now: a draft, or returned ones that were changed since."""
    changed = saved_at is not None and decided_at is not None and saved_at > decided_at
    return status == Status.DRAFT or (status == Status.RETURNED and changed)


def removable(status: str, handed_over_at: datetime | None, added_at: datetime) -> bool:
    """Whether evidence may be taken away again: before the figures were submitted with it, and never after.

    `handed_over_at` is the last time, also where the figures were withdrawn since.
    """
    return status in OPEN and (handed_over_at is None or added_at > handed_over_at)
