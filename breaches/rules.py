"""The life of a breach, and the kinds of entries in the credit ledger."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import TextChoices

# Months before the one in which a contract was entered that are news all the same: the last two closed ones, whose reviews,
# invoices and corrections are still under way. Defaults of earlier months are history: they are kept, and nobody is alarmed.
NEWS_MONTHS = 2
# What people are still told of after an outage; older things are on the pages, and nobody wants the alert any more.
LATELY = timedelta(days=14)
HISTORY_NOTE = "On record from before the contract was kept here."


class Status(TextChoices):
    OPEN = "open", "Not acknowledged"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    PLAN = "plan", "Plan under way"
    VERIFIED = "verified", "Verified"
    CLOSED = "closed", "Closed"
    DISPUTED = "disputed", "Disputed"
    EXCUSED = "excused", "Excused"
    WAIVED = "waived", "Waived"
    RESTATED = "restated", "Restated"  # a correction made the default go away


TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.OPEN: (Status.ACKNOWLEDGED, Status.RESTATED),
    Status.ACKNOWLEDGED: (Status.OPEN, Status.PLAN, Status.CLOSED, Status.RESTATED),
    Status.PLAN: (Status.VERIFIED, Status.RESTATED),
    Status.VERIFIED: (Status.CLOSED, Status.RESTATED),
    Status.CLOSED: (Status.RESTATED,),
    Status.WAIVED: (Status.RESTATED,),
    Status.DISPUTED: (Status.ACKNOWLEDGED, Status.EXCUSED, Status.RESTATED),
    Status.RESTATED: (Status.OPEN,),
}

LIVE = (Status.OPEN, Status.ACKNOWLEDGED, Status.PLAN, Status.DISPUTED)


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


def spread(amount: Decimal, balances: Iterable[tuple[date, Decimal]]) -> list[tuple[date, Decimal]]:
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
