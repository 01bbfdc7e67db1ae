"""What relief requests and disputes have in common: asked for by the vendor, said by both, withdrawn, and answered late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import F

from contracts.calendar import WorkingCalendar
from contracts.models import Contract, Period
from disputes.models import Dispute, HearingEntry, HearingFile, ReliefRequest
from disputes.rules import ANSWER_WITHIN, HearingKind, last_day
from files.actions import Examined, attach_files, examine
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.texts import checked
from measurements.models import Figure, Submission
from measurements.rules import Status
from organisations.actions import require
from organisations.models import Membership
from slas.models import ServiceLevel

Either = ReliefRequest | Dispute
# Whether an answer is late, by the contract's day.
IS_DUE = """
EXISTS (
    SELECT FROM disputes_reliefrequest AS r JOIN contracts_contract AS c ON c.organisation_id = r.organisation_id AND c.id = r.contract_id
    WHERE r.organisation_id = %(organisation)s AND r.status = 'open' AND r.escalated_at IS NULL
        AND r.answer_by < (%(now)s AT TIME ZONE c.timezone)::date
) OR EXISTS (
    SELECT FROM disputes_dispute AS r JOIN contracts_contract AS c ON c.organisation_id = r.organisation_id AND c.id = r.contract_id
    WHERE r.organisation_id = %(organisation)s AND r.status = 'open' AND r.escalated_at IS NULL
        AND r.answer_by < (%(now)s AT TIME ZONE c.timezone)::date
)
"""


def asked(
    by: Membership, service_level: ServiceLevel, period: Period, part: str, explanation: str, now: datetime
) -> dict[str, Any]:
    """Columns of something that is asked for now. RuleBroken where the explanation is missing, or the period is none of the level's."""
    contract = service_level.contract
    if period.contract_id != contract.pk or period.cycle != service_level.cycle:
        raise RuleBroken("period", f"{period.label} is no period of {service_level.name}. Choose one that is.")
    accepted = Submission.objects.filter(contract=contract, month=period.month, status=Status.ACCEPTED).first()
    return {
        "vendor_id": contract.vendor_id,
        "contract": contract,
        "service_level": service_level,
        "period": period,
        "month": period.month,
        "part": part.strip(),
        "explanation": checked(explanation, "explanation"),
        "asked_by": by,
        "asked_by_name": by.name,
        "asked_at": now,
        "answer_by": answer_by(contract, now),
        "counted": accepted,
    }


def answer_by(contract: Contract, now: datetime) -> date:
    """The last day of the contract on which an answer to something asked now is in time."""
    today = contract.day(now)
    return last_day(
        today, contract.answer_within or ANSWER_WITHIN, WorkingCalendar.of(contract.in_force(today).calendar)
    )


def figure_of(hearing: Either, submission: Submission | None) -> Figure | None:
    """The figure that it is about, in a submission."""
    if submission is None:
        return None
    found: Figure | None = Figure.objects.filter(
        submission=submission, service_level=hearing.service_level_id, period=hearing.period_id, part=hearing.part
    ).first()
    return found


@transaction.atomic
def say_in_hearing(
    *, by: Membership, hearing: Either, text: str, files: Sequence[File[bytes]] = (), now: datetime | None = None
) -> HearingEntry:
    """A message that both sides can read, with files; the other side is told.

    Conflict once it is decided, RuleBroken where it is empty or a file is not taken.
    """
    require(by, "hearing.discuss")
    given = examine(files)
    if hearing.status != "open":
        raise Conflict("status", "This is decided, and nothing can be added. Reload to see the answer.")
    said, at = checked(text, "message"), now or clock.database_now()
    return write(hearing, HearingKind.MESSAGE, by=by, at=at, text=said, files=given)


@transaction.atomic
def escalate_due(*, now: datetime) -> int:
    """Note of what waits in the organisation in scope that its answer is late: both sides are told, and nothing else changes.

    Days are those of the contract. Returns how many; 0 the second time.
    """
    late = 0
    for model in (ReliefRequest, Dispute):
        waiting = model.objects.open().filter(escalated_at=None, answer_by__lte=now.date()).select_related("contract")
        for hearing in waiting.select_for_update(of=("self",), skip_locked=True):
            if hearing.contract.day(now) > hearing.answer_by:
                model.objects.filter(pk=hearing.pk).update(escalated_at=now, version=F("version") + 1)
                write(hearing, HearingKind.ESCALATED, by=None, at=now)
                late += 1
    return late


def write(
    hearing: Either,
    kind: HearingKind,
    *,
    by: Membership | None,
    at: datetime,
    text: str = "",
    files: Sequence[Examined] = (),
) -> HearingEntry:
    """A line of its thread, with the files that came with it."""
    of = {"relief_request": hearing} if isinstance(hearing, ReliefRequest) else {"dispute": hearing}
    given = {"by": by, "by_name": by.name if by else "", "from_vendor": bool(by and by.vendor_id)}
    entry: HearingEntry = HearingEntry.objects.create(
        vendor_id=hearing.vendor_id, contract_id=hearing.contract_id, kind=kind, text=text, at=at, **of, **given
    )
    attach_files(HearingFile, files, by=by, at=at, vendor_id=hearing.vendor_id, entry=entry)
    return entry
