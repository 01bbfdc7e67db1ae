"""Contracts with one judged month, as the pages need them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from evaluation.pipeline import EvaluationRequest
from measurements.actions import import_figures, submit
from scorecards.actions import build
from tests.factories import breaches, contracts, evaluation, kras, measurements, notifications, slas
from tests.measurements.reporting import contract, csv

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)  # the month that pages show by default is May
MAY, APRIL = date(2024, 5, 1), date(2024, 4, 1)


@pytest.fixture
def in_june(clock):
    """The day on which the pages show May by default."""
    clock(NOW)


class Judged:
    """A contract whose April and May were judged: one KRA, one service level, 92 % and a breach in each month."""

    def __init__(self, cast, vendor, score="80", before="90", charges="100000", **fields):
        self.contract = contracts.contract(vendor, **fields)
        self.periods = contracts.periods(self.contract, count=3)
        self.level = slas.service_level(self.contract, kra=kras.kra(self.contract))
        self.terms = slas.terms(self.level)
        for period, value in zip(self.periods[:2], (before, score), strict=True):
            evaluation.month(period, charges=Decimal(charges))
            if value is not None:
                self.result = evaluation.result(self.terms, period, score=Decimal(value))
                submission = measurements.accepted(self.contract, period.month, by=cast.marco)
                measurements.figure(submission, self.level, period)

        self.score()

    def score(self):
        """Its scorecards, built from what stands in the months judged."""
        build([EvaluationRequest(self.contract.pk, self.periods[0].starts_on, NOW.date())])

    def breach(self, nth=1, **fields):
        return breaches.breach(self.level, self.periods[nth], **fields)


@pytest.fixture
def judged(cast, scope_of):
    """`judged(vendor, score="80")` at Aldermoor, in the system's scope and closed again."""

    def make(vendor, **given):
        with scope_of(cast.aldermoor):
            return Judged(cast, vendor, **given)

    return make


@pytest.fixture
def notice_for(cast, scope_of):
    """A notification about a breach in a member's inbox."""

    def make(member, breach=None, **fields):
        with scope_of(cast.aldermoor):
            given = {"key": f"breach:{breach.pk}:opened:x", "path": f"breaches/{breach.pk}/"} if breach else {}
            return notifications.notification(notifications.event(member.vendor, **given | fields), member)

    return make


@pytest.fixture
def agreed(cast, scope_of):
    """A contract as it was imported, nothing reported."""
    with scope_of(cast.aldermoor):
        return contract()


@pytest.fixture
def draft(cast, scope_of, agreed):
    """Vera's figures of April, not submitted."""
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100,,All well"))
    return made


@pytest.fixture
def submitted(cast, scope_of, draft):
    """The same, submitted by Vera."""
    with scope_of(cast.vera):
        return submit(by=cast.vera, submission=draft)
