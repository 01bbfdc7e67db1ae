"""Breaches and entries of the credit ledger. Made inside an open scope."""

from datetime import UTC, datetime
from typing import Any

from breaches.models import Breach
from contracts.models import Period
from credits.models import LedgerEntry, WaiverProposal
from credits.rules import EntryKind
from organisations.models import Membership
from slas.models import ServiceLevel

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
    given |= {"posted_in": period.month, "kind": EntryKind.ACCRUAL, "amount": 500, "capped_amount": 0}
    return LedgerEntry.objects.create(**given | fields)


def waiver_proposal(period: Period, by: Membership, **fields: Any) -> WaiverProposal:
    """Somebody proposes to waive 100.00 of the month's credit."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month, "amount": 100}
    given |= {"reason": "The outage was ours in part.", "proposed_by": by, "proposed_at": OPENED_AT}
    return WaiverProposal.objects.create(**given | fields)
