"""What is common to all that happens to a revision: the line that says so and whose person acts."""

from datetime import datetime

from agreements.models import Revision, RevisionStep
from agreements.rules import SHARED, StepKind
from organisations.models import ApiKey, Membership


def record(
    revision: Revision,
    kind: StepKind,
    *,
    by: Membership | None,
    at: datetime,
    text: str = "",
    person: int | None = None,
) -> RevisionStep:
    """Write down what happened to the edition that the revision stands at. The vendor reads its own steps, and what it is told of once
    it was asked."""
    of_vendor = by is not None and by.is_vendor
    step: RevisionStep = RevisionStep.objects.create(
        vendor_id=revision.vendor_id,
        revision=revision,
        edition=revision.edition,
        kind=kind,
        text=text,
        by=by,
        by_name=by.name if by else "",
        person=person,
        from_vendor=of_vendor,
        shared=of_vendor or (revision.shared and kind in SHARED),
        at=at,
    )
    return step


def person_of(by: Membership) -> int:
    """The user behind a member, whichever membership or key they act with: nobody approves what they wrote themselves."""
    if by.user_id is not None:
        return by.user_id
    found: int = ApiKey.objects.filter(member=by).values_list("owner__user_id", flat=True)[0]
    return found
