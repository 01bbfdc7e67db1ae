"""A month's credit on hold: called by whoever contradicts what it is made of, and waits for a ruling."""

from datetime import date, datetime

from contracts.models import Contract
from credits.models import CreditHold


def hold(*, contract: Contract, month: date, held_for: str, now: datetime) -> CreditHold:
    """Nothing of the month's credit is taken on an invoice until what it is held for is settled. One statement."""
    return CreditHold.objects.create(
        vendor_id=contract.vendor_id, contract=contract, month=month, held_for=held_for, held_at=now
    )


def release(*, held_for: str, now: datetime) -> int:
    """It is settled. One statement; returns how many holds it ended."""
    return CreditHold.objects.filter(held_for=held_for, released_at=None).update(released_at=now)


def held_months(contract: Contract) -> set[date]:
    """The months of a contract whose credit is on hold. One statement."""
    return set(CreditHold.objects.filter(contract=contract, released_at=None).values_list("month", flat=True))
