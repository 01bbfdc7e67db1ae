"""The life of a submission."""

from django.db.models import TextChoices


class Status(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned"
    ACCEPTED = "accepted", "Accepted"
    SUPERSEDED = "superseded", "Superseded"


LIVE = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)  # at most one of these per contract and month

TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.DRAFT: (Status.SUBMITTED,),
    Status.SUBMITTED: (Status.ACCEPTED, Status.RETURNED),
    Status.RETURNED: (Status.SUBMITTED,),
    Status.ACCEPTED: (Status.SUPERSEDED,),
    Status.SUPERSEDED: (),
}
