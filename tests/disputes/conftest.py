"""A contract of Corvid's that was judged: April at 90 of 100 cases, a breach that costs 200.00."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from credits.actions import post_due
from evaluation.actions import judge_due
from evaluation.models import Month, Result
from measurements.actions import accept, import_figures
from scorecards.actions import build_due
from slas.actions import import_contract
from tests.measurements.reporting import csv
from tests.slas.contract_texts import document, level, terms, text

MAY = datetime(2024, 5, 20, 9, tzinfo=UTC)  # a Monday
CREDITS = {"point": {"amount": "100.00"}}
BANDS = [
    {"name": "Good", "at": 95, "outcome": "met", "points": 0, "score": 100},
    {"name": "Bad", "outcome": "default", "points": 2, "score": 0},
]


class World:
    """The contract, its one monthly service level and April; what stands of it, asked in the system's scope."""

    def __init__(self, cast, scope_of, credits=CREDITS):
        self.cast, self.scope_of = cast, scope_of
        with scope_of(cast.aldermoor):
            levels = [level("SL-01", terms=[terms("2024-04-01", bands=BANDS)]), level("SL-02")]
            self.contract = import_contract(by=None, source=text(document(service_levels=levels, credits=credits)))
            self.level = self.contract.service_levels.get(code="SL-01")
            self.april = self.contract.periods.get(cycle="month", starts_on=date(2024, 4, 1))

    def report(self, *rows, submit=True, **given):
        with self.scope_of(self.cast.vera):
            return import_figures(by=self.cast.vera, contract=self.contract, source=csv(*rows), submit=submit, **given)

    def accepted(self, *rows):
        for one in self.report(*rows):
            with self.scope_of(self.cast.marco):
                accept(by=self.cast.marco, submission=one)
        self.judge()

    def judge(self, now=MAY):
        """What the workers do about it."""
        with self.scope_of(self.cast.aldermoor):
            judge_due(now=now)
            build_due(now=now)
            post_due(now=now)

    def result(self, code="SL-01"):
        with self.scope_of(self.cast.aldermoor):
            return Result.objects.select_related("contract", "service_level", "period").get(
                service_level__code=code, month=self.april.month
            )

    def credit(self):
        with self.scope_of(self.cast.aldermoor):
            return Month.objects.get(contract=self.contract, month=self.april.month).credit

    def balance(self):
        with self.scope_of(self.cast.aldermoor):
            return self.contract.ledger.balance()


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    made = World(cast, scope_of)
    made.accepted("SL-01,2024-04-01,90,100")
    return made


@pytest.fixture
def by(scope_of) -> Callable:
    """`by(member, action, …)`: the action as this member, in their scope; rows as they stand now."""

    def act(member, action, **given):
        with scope_of(member):
            given = {
                name: type(one).objects.get(pk=one.pk) if hasattr(one, "pk") and name not in ("result",) else one
                for name, one in given.items()
            }
            return action(by=member, **given)

    return act
