"""The steps of submissions, written down as they are taken."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from measurements.actions.sheets import checksum, sheets_of
from measurements.models import Step, Submission
from measurements.rules import StepKind, declaration
from organisations.models import Membership

# What a step's reason is, by the column of the submission that has it at that moment.
REASON = {StepKind.SUBMITTED: "reason", StepKind.RETURNED: "return_reason"}


def write_steps(
    kinds: Iterable[StepKind],
    submissions: Iterable[Submission],
    by: Membership | None,
    now: datetime,
    declared: bool = False,
    returned: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """Each of the submissions took these steps, in this order; who submitted it may have `declared` its figures complete.

    One statement, and one more for the checksums of figures that somebody submits.
    """
    kinds, submissions = list(kinds), list(submissions)
    handed_over = by is not None and StepKind.SUBMITTED in kinds
    sheets = sheets_of(submissions) if handed_over else {}
    said = ""
    if by and declared and handed_over:
        said = declaration(by.name, (by.vendor or by.organisation).name, by_key=by.is_key)
    Step.objects.bulk_create(
        Step(
            vendor_id=one.vendor_id,
            submission=one,
            kind=kind,
            by=by,
            by_name=by.name if by else "",
            at=now,
            reason=getattr(one, REASON[kind]) if kind in REASON else "",
            figures=[[*slot, reason] for slot, reason in (returned or {}).items()] if kind == StepKind.RETURNED else [],
            declaration=said if kind == StepKind.SUBMITTED else "",
            checksum=checksum(sheets.get(one.pk, {})) if handed_over and kind == StepKind.SUBMITTED else "",
        )
        for kind in kinds
        for one in submissions
    )
