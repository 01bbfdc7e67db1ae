"""The steps of submissions, written down as they are taken."""

from collections.abc import Iterable
from datetime import datetime

from measurements.models import Step, Submission
from measurements.rules import StepKind
from organisations.models import Membership

# What a step's reason is, by the column of the submission that has it at that moment.
REASON = {StepKind.SUBMITTED: "reason", StepKind.RETURNED: "return_reason"}


def write_steps(
    kinds: Iterable[StepKind], submissions: Iterable[Submission], by: Membership | None, now: datetime
) -> None:
    """Each of the submissions took these steps, in this order. One statement."""
    submissions = list(submissions)
    Step.objects.bulk_create(
        Step(
            vendor_id=one.vendor_id,
            submission=one,
            kind=kind,
            by=by,
            by_name=by.name if by else "",
            at=now,
            reason=getattr(one, REASON[kind]) if kind in REASON else "",
        )
        for kind in kinds
        for one in submissions
    )
