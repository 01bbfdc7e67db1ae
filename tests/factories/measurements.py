"""Submissions, figures and evidence. Made inside an open scope."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.models import Contract, Period
from measurements.actions.sheets import count_reported
from measurements.models import Evidence, Figure, ImportBatch, Step, Submission
from measurements.rules import Status, StepKind
from organisations.models import Membership
from slas.models import ServiceLevel
from tests.factories.files import stored

SUBMITTED_AT = datetime(2024, 5, 7, 9, 0, tzinfo=UTC)


def submission(of: Contract, month: date = date(2024, 4, 1), by: Membership | None = None, **fields: Any) -> Submission:
    """A submission of a month: a draft, or submitted where somebody is named in `by`."""
    given: dict[str, Any] = {"vendor_id": of.vendor_id, "contract": of, "month": month, "revision": 1}
    if by:
        given |= {"status": Status.SUBMITTED, "submitted_by": by, "submitted_by_name": by.name}
        given["submitted_at"] = SUBMITTED_AT
    return Submission.objects.create(**given | fields)


def accepted(of: Contract, month: date, by: Membership, **fields: Any) -> Submission:
    """An accepted submission that nobody of the vendor submitted by hand: it came by file. `by` accepted it."""
    given = {"status": Status.ACCEPTED, "submitted_at": SUBMITTED_AT, "submitted_by_name": "Corvid Systems"}
    given |= {"decided_by": by, "decided_by_name": by.name, "decided_at": SUBMITTED_AT}
    made = submission(of, month, **given | fields)
    step(made, by=by, kind=StepKind.ACCEPTED)
    return made


def figure(
    of: Submission, level: ServiceLevel, period: Period, numerator: int = 98, denominator: int = 100, **fields: Any
) -> Figure:
    given = {"vendor_id": of.vendor_id, "submission": of, "service_level": level, "period": period}
    made = Figure.objects.create(**given | {"numerator": numerator, "denominator": denominator} | fields)
    count_reported([of])
    return made


def step(of: Submission, by: Membership, kind: str = StepKind.SUBMITTED, **fields: Any) -> Step:
    given = {"vendor_id": of.vendor_id, "submission": of, "kind": kind, "by": by, "by_name": by.name}
    return Step.objects.create(**given | {"at": SUBMITTED_AT} | fields)


def evidence(
    of: Submission, content: bytes = b"ticket,minutes\n1,12\n", name: str = "tickets.csv", **fields: Any
) -> Evidence:
    """A file that is in the storage and in the table, whatever the state of its submission."""
    given = {"vendor_id": of.vendor_id, "submission": of, "added_at": SUBMITTED_AT}
    return stored(Evidence, content, name, **given | fields)


def import_batch(of: Contract, by: Membership, **fields: Any) -> ImportBatch:
    """A file that somebody looks at; a vendor's where its maker is."""
    given = {"vendor_id": by.vendor_id, "contract": of, "by": by, "filename": "april.csv", "rows": [], "problems": []}
    return ImportBatch.objects.create(**given | {"made_at": SUBMITTED_AT} | fields)
