"""A contract of Corvid's with money in it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from contracts.models import Contract
from credits.actions import approve_claim, record_invoice
from evaluation.models import Month
from tests.factories import contracts, evaluation, slas

ENTERED = datetime(2024, 4, 2, tzinfo=UTC)
NOW = datetime(2024, 7, 15, 9, tzinfo=UTC)
CREDITS = {"point": {"percent_of": "charges", "value": "0.5"}}


@pytest.fixture
def system(cast, scope_of):
    """The cast, in the system's scope at Aldermoor."""
    with scope_of(cast.aldermoor):
        yield cast


class Books:
    """A contract from April 2024 with one monthly service level; months are written by hand."""

    def __init__(self, vendor, months=4):
        self.contract = contracts.contract(vendor, credits=CREDITS, reference=f"MSA-{Contract.objects.count() + 1:03}")
        Contract.objects.filter(pk=self.contract.pk).update(created_at=ENTERED)
        self.periods = contracts.periods(self.contract, count=months)
        self.terms = slas.terms(slas.service_level(self.contract))

    def month(self, nth, credit="0", capped_amount="0", earned_back="0", final=True):
        """The nth month (1 is April) comes to this much, from now on."""
        money = {
            "credit": Decimal(credit),
            "capped_amount": Decimal(capped_amount),
            "earned_back": Decimal(earned_back),
        }
        period = self.periods[nth - 1]
        found = Month.objects.filter(contract=self.contract, month=period.month)
        if not found.update(final=final, **money):
            evaluation.month(period, final=final, **money)

    def restated(self, nth, because, at=NOW):
        """A result of the nth month was restated."""
        revision = self.contract.pk + nth + int(at.timestamp()) % 10_000
        evaluation.past_result(
            self.terms, self.periods[nth - 1], restated_because=because, restated_at=at, revision=revision
        )

    @property
    def entries(self):
        """(month, kind, amount, capped_amount, posted in) in order of posting."""
        rows = self.contract.ledger.order_by("pk").values_list("month", "kind", "amount", "capped_amount", "posted_in")
        return [
            (month.month, kind, f"{amount.normalize():f}", f"{capped_amount.normalize():f}", posted_in.month)
            for month, kind, amount, capped_amount, posted_in in rows
        ]

    def balance(self, nth=None):
        entries = self.contract.ledger.all()
        return (entries.filter(month=date(2024, 3 + nth, 1)) if nth else entries).balance()


@pytest.fixture
def books(system):
    return Books(system.corvid)


def deducted(system, contract, amount, reference):
    """Petra records what an invoice took off, and Marco approves it."""
    claims = record_invoice(by=system.petra, contract=contract, amount=amount, reference=reference)
    for one in claims:
        approve_claim(by=system.marco, claim=one)
