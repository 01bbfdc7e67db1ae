"""Writing into a contract's books by hand: one person at a time, in the currency's own units."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q

from contracts.models import Contract
from credits.models import LedgerEntry
from credits.rules import EntryKind, in_minor_units
from evaluation.models import Month
from explanations.words import format_money as money_text
from lib.errors import RuleBroken


def lock_for_posting(contract: Contract) -> Contract:
    """The contract, locked until the end of the transaction: what is read of its balance holds until something is posted."""
    return Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)


def check_amount(contract: Contract, amount: Decimal) -> None:
    """RuleBroken for an amount with more decimal places than the contract's currency has."""
    if not in_minor_units(amount, contract.minor_unit):
        places = contract.minor_unit
        raise RuleBroken("amount", f"{contract.currency} has {places} decimal places; write the amount with no more.")


def open_month(contract: Contract) -> date:
    """The month in whose books an entry of today stands: the earliest that is not final, or the one after the last. Of a contract with
    credits, and so with months."""
    found = Month.objects.filter(contract=contract).aggregate(
        open=Min("month", filter=Q(final=False)), last=Max("month")
    )
    last: date = found["last"]
    after = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return found["open"] or after


def post(
    contract: Contract, parts: Sequence[tuple[date, Decimal]], *, kind: EntryKind, **columns: Any
) -> list[LedgerEntry]:
    """Post one entry a month. Call it with the contract's books locked: the next number of each kind is counted."""
    posted_in = open_month(contract)
    months = [month for month, _ in parts]
    counts = dict(
        LedgerEntry.objects.filter(contract=contract, month__in=months, kind=kind)
        .values_list("month")
        .annotate(count=Count("pk"))
    )
    entries = [
        LedgerEntry(
            vendor_id=contract.vendor_id,
            contract=contract,
            month=month,
            posted_in=posted_in,
            kind=kind,
            number=counts.get(month, 0) + 1,
            amount=amount,
            capped_amount=Decimal(0),
            **columns,
        )
        for month, amount in parts
    ]
    return LedgerEntry.objects.bulk_create(entries)


def money(contract: Contract, amount: Decimal) -> str:
    """£1,234.50, as pages write it."""
    return money_text(amount, contract.currency, contract.minor_unit)
