"""The kinds of entries in the credit ledger, the lives of waivers and claims, and how an amount is spread over months.

How much is due is part of the judgement: `evaluation/sql/credit.sql` and `caps.sql`.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import TextChoices


class EntryKind(TextChoices):
    ACCRUAL = "accrual", "Credit accrued"
    FORGONE = "forgone", "Cut by a cap"  # for the record: amount 0 in the balance
    EARN_BACK = "earn_back", "Earned back"
    ADJUSTMENT = "adjustment", "Restatement"
    WAIVER = "waiver", "Waived"
    WAIVER_BACK = "waiver_back", "Waiver taken back"  # the credit that was waived does not exist any more
    INVOICE = "invoice", "Taken on an invoice"


EARNED = (EntryKind.ACCRUAL, EntryKind.EARN_BACK, EntryKind.ADJUSTMENT)  # together: what the month's judgement comes to


class WaiverStatus(TextChoices):
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


WAIVER_TRANSITIONS: dict[str, tuple[str, ...]] = {
    WaiverStatus.PROPOSED: (WaiverStatus.APPROVED, WaiverStatus.DECLINED, WaiverStatus.WITHDRAWN),
}


def in_minor_units(amount: Decimal, minor_unit: int) -> bool:
    """Whether an amount has no more decimal places than its currency has."""
    return amount == round(amount, minor_unit)


def allocate_oldest_first(amount: Decimal, balances: Iterable[tuple[date, Decimal]]) -> list[tuple[date, Decimal]]:
    """An amount taken from the balances of months, the oldest first, as far as each goes; only months with its sign give.

    `balances`: (month, balance) in order of month. What the months cannot give is left out.
    """
    parts = []
    for month, balance in balances:
        if amount and balance and (balance > 0) == (amount > 0):
            part = min(amount, balance, key=abs)
            parts.append((month, part))
            amount -= part
    return parts


# From credit to cash -----------------------------------------------------------------------------------------------


class ClaimStatus(TextChoices):
    CLAIMED = "claimed", "Claimed"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    INVOICED = "invoiced", "On invoice"
    RECOVERED = "recovered", "Recovered"
    WRITTEN_OFF = "written_off", "Written off"


CLAIM_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ClaimStatus.CLAIMED: (ClaimStatus.APPROVED, ClaimStatus.DECLINED, ClaimStatus.WITHDRAWN),
    ClaimStatus.APPROVED: (ClaimStatus.INVOICED, ClaimStatus.WRITTEN_OFF, ClaimStatus.WITHDRAWN),
    ClaimStatus.INVOICED: (ClaimStatus.RECOVERED, ClaimStatus.WRITTEN_OFF),
}
BEFORE_INVOICE = (ClaimStatus.CLAIMED, ClaimStatus.APPROVED)  # of these the ledger knows nothing yet


class ReconciliationStatus(TextChoices):
    LOOKED_AT = "looked_at", "Not booked yet"
    BOOKED = "booked", "Booked"
    DISCARDED = "discarded", "Discarded"


RECONCILIATION_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ReconciliationStatus.LOOKED_AT: (ReconciliationStatus.BOOKED, ReconciliationStatus.DISCARDED),
}


class CashState(TextChoices):
    """Where a part of a month's credit stands on its way to cash, in the order of that way."""

    ON_HOLD = "on_hold", "On hold"
    CLAIMABLE = "claimable", "Claimable"
    CLAIMED = "claimed", "Claimed"
    APPROVED = "approved", "Approved"
    INVOICED = "invoiced", "On invoice"
    RECOVERED = "recovered", "Recovered"
    PAY_BACK = "pay_back", "To pay back"  # more was taken than the month comes to by now
    WAIVED = "waived", "Waived"
    WRITTEN_OFF = "written_off", "Written off"
    LAPSED = "lapsed", "Lapsed"


CASH_STEPS = (
    CashState.ON_HOLD, CashState.CLAIMABLE, CashState.CLAIMED, CashState.APPROVED, CashState.INVOICED, CashState.RECOVERED,
)  # fmt: skip
CASH_OPEN = (*CASH_STEPS[:-1], CashState.PAY_BACK)
# Whoever could not claim because a result was disputed, or because the credit was raised later, has so many days afterwards.
CLAIM_AGAIN_WITHIN = 30
SOON = timedelta(days=30)  # a claim that must be made within this time is marked; two weeks before, a letter goes out
