"""A month's credit on hold, as far as it is contradicted: called by whoever contradicts what it is made of, and waits for a ruling."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import models

from contracts.models import Contract
from credits.models import CreditHold
from evaluation.models import Month
from evaluation.without import credit_without


def hold(*, contract: Contract, month: date, held_for: str, now: datetime, result_id: int | None = None) -> CreditHold:
    """Nothing of the month's credit that the result makes is taken on an invoice until what it is held for is settled; without a result
    nothing of the month."""
    held = _open([contract.pk]).filter(month=month)
    amount = None if result_id is None else _part(contract, month, [one.result_id for one in held], result_id, now)
    return CreditHold.objects.create(
        vendor_id=contract.vendor_id,
        contract=contract,
        month=month,
        held_for=held_for,
        held_at=now,
        result_id=result_id,
        amount=amount,
    )


def release(*, held_for: str, now: datetime) -> int:
    """It is settled. One statement; returns how many holds it ended."""
    return CreditHold.objects.filter(held_for=held_for, released_at=None).update(released_at=now)


def held_amounts(contract: Contract) -> dict[date, Decimal | None]:
    """How much of each month is on hold; None: all of it. One statement."""
    found: dict[date, Decimal | None] = {}
    for month, amount in _open([contract.pk]).values_list("month", "amount"):
        before = found.get(month, Decimal(0))
        found[month] = None if amount is None or before is None else before + amount
    return found


def follow_holds(contracts: Collection[int], now: datetime, *, only_less: bool = False) -> int:
    """Work out again what is on hold of months that were judged again, or of which something was settled. Returns how many holds come to
    something else. `only_less`: by the vendor, which gives up and takes nothing; more is held when the month is judged again."""
    changed = 0
    before: dict[tuple[int, date], list[int | None]] = {}
    for one in _open(contracts).filter(result_id__isnull=False).select_related("contract"):
        earlier = before.setdefault((one.contract_id, one.month), [])
        amount = _part(one.contract, one.month, earlier, one.result_id or 0, now)
        earlier.append(one.result_id)
        less = amount is not None and one.amount is not None and amount < one.amount
        if less or (not only_less and amount != one.amount):
            changed += CreditHold.objects.filter(pk=one.pk, released_at=None).update(amount=amount)
    return changed


def _open(contracts: Collection[int]) -> "models.QuerySet[CreditHold]":
    found: models.QuerySet[CreditHold] = CreditHold.objects.filter(contract__in=contracts, released_at=None)
    return found.order_by("pk")


def _part(contract: Contract, month: date, held: Sequence[int | None], result_id: int, now: datetime) -> Decimal | None:
    """What a result makes of the month's credit, beside those of it that are held already. None where the month has no credit yet, and is
    held as a whole until it has one."""
    if not Month.objects.filter(contract=contract, month=month).exists():
        return None
    others = [one for one in held if one is not None]
    before, after = (
        credit_without(contract.pk, month, results, as_of=contract.day(now))
        for results in (others, [*others, result_id])
    )
    return None if before is None or after is None else max(before - after, Decimal(0))
