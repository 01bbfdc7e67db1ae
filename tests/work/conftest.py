"""A real contract of Corvid's, imported, with figures that come and are corrected through the product's own actions."""

from datetime import UTC, datetime

import pytest
from celery import current_app

from config.tasks import deliver
from contracts.models import Contract
from lib.wakeup import WORK
from measurements.actions import accept, import_figures, start_correction, submit
from measurements.models import Figure
from slas.actions import import_contract

# The month in which the contract was entered: everything after it is news.
ENTERED = datetime(2024, 4, 2, tzinfo=UTC)
TODAY = datetime(2024, 7, 16, 9, tzinfo=UTC)  # June was due on the 12th
CONTRACT = """
plumbline: 1
contract:
  reference: MSA-2024-017
  title: Service desk
  vendor: {code: CORVID, name: Corvid Systems}
  starts_on: 2024-04-01
  ends_on: 2026-03-31
  currency: GBP
  timezone: Europe/London
  calendar: {holidays: GB-ENG}
  report_due: 10
  charges: {monthly: "200000.00"}
kras:
  - {code: REL, name: Reliable service, weight: 100}
service_levels:
  - code: SL-01
    name: Incidents resolved on time
    kras: {REL: 100}
    every: month
    measure: {kind: ratio, of: Resolved on time, among: Incidents resolved}
    terms:
      - from: 2024-04-01
        better: higher
        bands:
          - {name: Target, at: 95, outcome: met, points: 0, score: 100}
          - {name: Minor, at: 90, outcome: default, points: 1, score: 75}
          - {name: Serious, outcome: default, points: 2, score: 0}
        repeat: ["1", "2"]
credits:
  point: {percent_of: charges, value: "0.5"}
  caps: [{percent_of: charges, value: "1.5", over: month}]
"""
FIGURES = """service_level,period,numerator,denominator
SL-01,2024-04,97,100
SL-01,2024-05,91,100
SL-01,2024-06,89,100
"""


class Desk:
    """The contract and what happens to its figures."""

    def __init__(self, cast, scope_of):
        self.cast, self.scope_of = cast, scope_of
        with scope_of(cast.aldermoor):
            self.contract = import_contract(by=None, source=CONTRACT.encode())
            Contract.objects.update(created_at=ENTERED)

    def report(self, figures=FIGURES):
        """Figures come by file and are accepted at once."""
        with self.scope_of(self.cast.aldermoor):
            source = figures.encode()
            import_figures(by=None, contract=self.contract, source=source, filename="f.csv", accept=True, now=ENTERED)

    def correct(self, month, numerator, reason="Two tickets were counted twice"):
        """Vera corrects a month; Marco accepts."""
        with self.scope_of(self.cast.vera):
            correction = start_correction(by=self.cast.vera, contract=self.contract, month=month, reason=reason)
            Figure.objects.filter(submission=correction).update(numerator=numerator)
            submit(by=self.cast.vera, submission=correction)
        with self.scope_of(self.cast.marco):
            accept(by=self.cast.marco, submission=correction)


@pytest.fixture
def desk(cast, scope_of, clock):
    clock(TODAY)
    return Desk(cast, scope_of)


@pytest.fixture
def work():
    """`work(organisation)`: what the workers do when the workers are woken, those who send letters too."""

    def done(organisation):
        current_app.tasks[WORK](organisation.pk)
        deliver(organisation.pk)

    return done
