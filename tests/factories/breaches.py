"""Breaches and entries of the credit ledger. Made inside an open scope."""

from datetime import UTC, date, datetime
from typing import Any

from breaches.models import (
    Breach,
    Consequence,
    ConsequenceStep,
    CorrectivePlan,
    Escalation,
    Excusal,
    InternalNote,
    NoteFile,
    PlanProposal,
    PlanStep,
    StepReport,
    ThreadEntry,
    ThreadFile,
    Watcher,
)
from breaches.rules import Status
from breaches.rules.plans import Cause, EntryKind
from contracts.models import Period
from credits.models import ColumnTemplate, CreditClaim, LedgerEntry, Reconciliation, WaiverProposal
from credits.rules import EntryKind as LedgerKind
from organisations.models import Membership
from slas.models import ServiceLevel
from tests.factories.files import stored

OPENED_AT = datetime(2024, 5, 16, tzinfo=UTC)


def breach(level: ServiceLevel, period: Period, **fields: Any) -> Breach:
    """An open breach of a service level in a period."""
    given = {"vendor_id": level.vendor_id, "contract_id": level.contract_id, "service_level": level, "period": period}
    given |= {"starts_on": period.starts_on, "month": period.month, "opened_at": OPENED_AT}
    if by := fields.get("acknowledged_by"):
        given |= {"acknowledged_by_name": by.name}
    return Breach.objects.create(**given | fields)


def ledger_entry(period: Period, **fields: Any) -> LedgerEntry:
    """500.00 accrued for the period's month."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    given |= {"posted_in": period.month, "kind": LedgerKind.ACCRUAL, "amount": 500, "capped_amount": 0}
    return LedgerEntry.objects.create(**given | fields)


def waiver_proposal(period: Period, by: Membership, **fields: Any) -> WaiverProposal:
    """Somebody proposes to waive 100.00 of the month's credit."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month, "amount": 100}
    given |= {"reason": "The outage was ours in part.", "proposed_by": by, "proposed_at": OPENED_AT}
    return WaiverProposal.objects.create(**given | fields)


def plan(of: Breach, by: Membership, **fields: Any) -> CorrectivePlan:
    """A plan that was asked for, by the end of May 2024; the breach stands under it."""
    given = {"vendor_id": of.vendor_id, "contract_id": of.contract_id, "request": "Causes and steps, please."}
    given |= {"due_on": date(2024, 5, 31), "asked_by": by, "asked_by_name": by.name, "asked_at": OPENED_AT}
    made = CorrectivePlan.objects.create(**given | {"verify_after": 3} | fields)
    Breach.objects.filter(pk=of.pk).update(plan=made, status=Status.PLAN)
    of.refresh_from_db()
    return made


def proposal(of: CorrectivePlan, by: Membership, steps: int = 1, **fields: Any) -> PlanProposal:
    """The vendor's first edition, with steps that are due in June 2024."""
    given = {
        "vendor_id": of.vendor_id,
        "plan": of,
        "revision": 1,
        "cause": Cause.STAFF,
        "cause_text": "Two people left.",
    }
    made = PlanProposal.objects.create(**given | {"by": by, "by_name": by.name, "at": OPENED_AT} | fields)
    for position in range(1, steps + 1):
        PlanStep.objects.create(
            vendor_id=of.vendor_id,
            proposal=made,
            position=position,
            text=f"Hire engineer {position}",
            owner="Ravi Menon",
            due_on=date(2024, 6, 15),
        )
    return made


def step_report(of: PlanStep, by: Membership, **fields: Any) -> StepReport:
    """The step is done."""
    given = {"vendor_id": of.vendor_id, "step": of, "done": True, "by": by, "by_name": by.name, "at": OPENED_AT}
    return StepReport.objects.create(**given | fields)


def entry(of: Breach, by: Membership | None = None, **fields: Any) -> ThreadEntry:
    """A message in the breach's thread."""
    given = {"vendor_id": of.vendor_id, "breach": of, "kind": EntryKind.MESSAGE, "text": "We look into it."}
    given |= {"by": by, "by_name": by.name if by else "", "from_vendor": bool(by and by.is_vendor), "at": OPENED_AT}
    return ThreadEntry.objects.create(**given | fields)


def note(of: Breach, by: Membership, **fields: Any) -> InternalNote:
    """What only the client's people read."""
    given = {"breach": of, "text": "Not before the board has met.", "by": by, "by_name": by.name, "at": OPENED_AT}
    return InternalNote.objects.create(**given | fields)


def escalation(of: Breach, **fields: Any) -> Escalation:
    """The first rung, planned for noon of the day."""
    given = {"breach": of, "opened_at": of.opened_at, "rung": 0, "due_at": OPENED_AT.replace(hour=12)}
    return Escalation.objects.create(**given | fields)


def watcher(of: Breach, member: Membership) -> Watcher:
    return Watcher.objects.create(breach=of, member=member, name=member.name)


def excusal(of: Breach, by: Membership, **fields: Any) -> Excusal:
    """Somebody proposes to waive the breach; 100.00 of credit hang on it."""
    given = {"vendor_id": of.vendor_id, "breach": of, "ending": "waived", "reason": "Ours in part.", "amount": 100}
    given |= {"proposed_by": by, "proposed_by_name": by.name, "proposed_at": OPENED_AT}
    return Excusal.objects.create(**given | fields)


def thread_file(of: ThreadEntry, **fields: Any) -> ThreadFile:
    given = {"vendor_id": of.vendor_id, "entry": of, "added_at": of.at}
    return stored(ThreadFile, **given | {"added_by": of.by, "added_by_name": of.by_name} | fields)


def note_file(of: InternalNote, **fields: Any) -> NoteFile:
    return stored(NoteFile, **{"note": of, "added_at": of.at, "added_by": of.by, "added_by_name": of.by_name} | fields)


def consequence(period: Period, **fields: Any) -> Consequence:
    """A right to terminate, to be decided about."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "rule": "Chronic failure", "measured": 3}
    given |= {"then": "termination_right", "since": period.month, "last_month": period.month, "opened_at": OPENED_AT}
    return Consequence.objects.create(**given | fields)


def consequence_step(of: Consequence, by: Membership) -> ConsequenceStep:
    """Somebody waived it."""
    given = {"status": "waived", "reason": "The vendor paid.", "by": by, "by_name": by.name, "at": OPENED_AT}
    return ConsequenceStep.objects.create(consequence=of, **given)


def credit_claim(period: Period, by: Membership, **fields: Any) -> CreditClaim:
    """100.00 of the month's credit are claimed."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month, "amount": 100}
    given |= {
        "reference": f"{period.contract.reference}/{period.month:%Y-%m}",
        "claimed_by": by,
        "claimed_by_name": by.name,
    }
    return CreditClaim.objects.create(**given | {"claimed_at": OPENED_AT} | fields)


def approved_claim(period: Period, by: Membership, decided_by: Membership, **fields: Any) -> CreditClaim:
    """The same, approved: the vendor sees it."""
    decided = {"decided_by": decided_by, "decided_by_name": decided_by.name, "decided_at": OPENED_AT}
    return credit_claim(period, by, **decided | {"status": "approved", "shared": True} | fields)


def column_template(**fields: Any) -> ColumnTemplate:
    """Two columns for accounts payable."""
    given = {"name": f"AP {ColumnTemplate.objects.count() + 1}"}
    given |= {"columns": [["reference", "Document"], ["amount", "Amount"]]}
    return ColumnTemplate.objects.create(**given | fields)


def reconciliation(by: Membership, **fields: Any) -> Reconciliation:
    """A file of one row that was looked at."""
    given = {"filename": "AP-2024-06.csv", "rows": [[2, {"reference": "X", "amount": "1"}]], "by": by}
    return Reconciliation.objects.create(**given | {"made_at": OPENED_AT} | fields)
