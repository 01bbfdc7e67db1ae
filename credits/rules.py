"""The kinds of entries in the credit ledger, the life of a waiver, and how an amount is spread over months."""

from collections.abc import Iterable
from datetime import date
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
