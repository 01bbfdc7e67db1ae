"""A month's credit on hold: called by whoever contradicts what it is made of, and waits for a ruling."""

from datetime import date, datetime

from contracts.models import Contract
from credits.models import CreditHold


def hold(*, contract: Contract, month: date, cause: str, now: datetime) -> CreditHold:
    """Nothing of the month's credit is taken on an invoice until this cause is released. One statement."""
    return CreditHold.objects.create(
        vendor_id=contract.vendor_id, contract=contract, month=month, cause=cause, held_at=now
    )


def release(*, cause: str, now: datetime) -> int:
    """The cause is settled. One statement; returns how many holds it ended."""
    return CreditHold.objects.filter(cause=cause, released_at=None).update(released_at=now)


def held_months(contract: Contract) -> set[date]:
    """The months of a contract whose credit is on hold. One statement."""
    return set(CreditHold.objects.filter(contract=contract, released_at=None).values_list("month", flat=True))
