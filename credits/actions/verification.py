"""Checking the ledger: each month's money, computed again from figures and terms, against what was stored and what was posted."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from contracts.models import Contract, Reevaluation
from credits.models import LedgerEntry
from credits.rules import EntryKind
from evaluation.actions import judge
from evaluation.models import Month
from evaluation.pipeline import EvaluationRequest
from lib import clock

ZERO = Decimal(0)
MONEY = ("credit", "earned_back", "capped_amount")
Slot = tuple[int, date]  # contract's id, month
Money = dict[str, Decimal]


@dataclass(frozen=True)
class Difference:
    """Where two amounts that must be equal are not. `what` says which amount of the month, `found` is the one that is wrong."""

    contract: str
    month: date
    what: str
    expected: Decimal
    found: Decimal | None

    def __str__(self) -> str:
        found = "missing" if self.found is None else f"{self.found:,.4f}"
        return f"{self.contract} {self.month:%Y-%m}: {self.what} is {found}, should be {self.expected:,.4f}"


@dataclass(frozen=True)
class Verification:
    """What a check found. `months` were compared; of `waiting` contracts a change is still to be judged, so they were left out."""

    months: int
    waiting: tuple[str, ...]
    differences: tuple[Difference, ...]


def contracts_to_verify() -> list[int]:
    """The contracts of the organisation in scope that have been judged, by reference. One statement."""
    judged = Reevaluation.objects.exclude(judged_on=None).order_by("contract__reference")
    return list(judged.values_list("contract_id", flat=True))


def verify_share(contracts: Collection[int]) -> Verification:
    """Judge a share of contracts again and compare their months with what is stored and with the ledger. Changes nothing.

    To be called in a transaction of its own, which holds the contracts' rows in the re-evaluation queue as a worker does: nobody judges
    or posts them meanwhile, and whoever reports on one waits no longer than for a share. One that a worker holds is waited for.
    """
    held = (
        Reevaluation.objects.select_related("contract").select_for_update(of=("self",)).filter(contract__in=contracts)
    )
    reevaluations = sorted(held.order_by("contract_id"), key=lambda one: one.contract.reference)
    judged = {one.contract_id: one for one in reevaluations if one.from_on is None}
    stored = _months(judged)
    with transaction.atomic():
        requests = [EvaluationRequest(pk, one.contract.starts_on, one.judged_on, None) for pk, one in judged.items()]
        if requests:
            judge(requests, now=clock.database_now())
        computed = _months(judged)
        transaction.set_rollback(True)
    known = {pk: one.contract for pk, one in judged.items()}
    differences = [*_of_months(known, stored, computed), *_of_ledger(known, computed)]
    waiting = tuple(one.contract.reference for one in reevaluations if one.from_on is not None)
    return Verification(len(computed), waiting, tuple(differences))


def _months(contracts: Collection[int]) -> dict[Slot, Money]:
    rows = Month.objects.filter(contract_id__in=contracts).order_by("contract_id", "month")
    return {
        (row.pop("contract_id"), row.pop("month")): row for row in rows.values("contract_id", "month", "final", *MONEY)
    }


def _of_months(
    contracts: dict[int, Contract], stored: dict[Slot, Money], computed: dict[Slot, Money]
) -> Iterator[Difference]:
    for slot in sorted(stored.keys() | computed.keys()):
        for amount in MONEY:
            expected, found = computed.get(slot, {}).get(amount, ZERO), stored.get(slot, {}).get(amount)
            if found != expected:
                what = f"the stored {amount.replace('_', ' ')}"
                yield Difference(contracts[slot[0]].reference, slot[1], what, expected, found)


def _of_ledger(contracts: dict[int, Contract], computed: dict[Slot, Money]) -> Iterator[Difference]:
    entries = LedgerEntry.objects.filter(contract_id__in=contracts)
    booked = {(row["contract_id"], row["month"]): row for row in entries.by_month()}
    posted = set(entries.filter(kind=EntryKind.ACCRUAL).values_list("contract_id", "month"))
    open_contracts: set[int] = set()  # a month that is not final: it and those after it are not posted yet
    for slot, money in computed.items():
        contract = contracts[slot[0]]
        if not money["final"]:
            open_contracts.add(contract.pk)
        due = {"credit": money["credit"] - money["earned_back"], "capped_amount": money["capped_amount"]}
        if slot in posted:
            for what, expected in due.items():
                if booked[slot][what] != expected:
                    yield Difference(contract.reference, slot[1], f"the posted {what}", expected, booked[slot][what])
        elif contract.credits and contract.pk not in open_contracts:
            yield Difference(contract.reference, slot[1], "the posted credit", due["credit"], None)
    for slot in sorted(booked.keys() - computed.keys()):
        if booked[slot]["credit"]:
            yield Difference(contracts[slot[0]].reference, slot[1], "the posted credit", ZERO, booked[slot]["credit"])
