"""A contract that ends earlier than agreed is judged as if it had always ended then: as stored, by `try`, and by the oracle."""

import copy
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.models import Period
from evaluation.models import PastResult
from slas.ending import shortened
from tests.evaluation.engines import product
from tests.evaluation.oracle import judge
from tests.evaluation.oracle.days import day
from tests.evaluation.oracle.facts import level_periods
from tests.evaluation.stored import judgement, report, results, take_contract, thrown_away, tick
from tests.evaluation.strategies import judgements
from tests.evaluation.test_replay import CONTRACT
from tests.evaluation.test_restatement import judged, long_after, some


def at(on):
    return datetime.combine(on, time(1), UTC)


def ended_file(contract, last):
    """The contract that ends on a day, by itself: what begins later is left out."""
    return shortened(contract, last)[0]


@pytest.mark.django_db
@some
@given(judgements(), st.integers(0, 10_000))
def test_an_earlier_end_is_judged_as_if_it_had_always_been_so(drawn, number):
    contract, figures, _ = drawn
    first, last = (day(contract["contract"][key]) for key in ("starts_on", "ends_on"))
    assume((last - first).days > 20)
    end = first + timedelta(days=10 + number % ((last - first).days - 10))
    ended = ended_file(contract, end)
    assume(ended["service_levels"])
    over, later = [], []
    spans = {
        level["code"]: {start: (begins, stops) for (begins, stops), start in _spans(level, contract)}
        for level in ended["service_levels"]
    }
    for row in figures:
        span = spans.get(row["service_level"], {}).get(date.fromisoformat(row["period"]))
        if span is not None and span[1] < end:
            over.append(row)
        elif span is not None and span[0] <= end and "downtime" not in row:  # more minutes than a cut period may have
            later.append(row)
    with thrown_away():
        stored = judged(contract, over, at(end - timedelta(days=1)))
        take_contract(ended, today=end)
        report(stored, ended, later, long_after(contract))
        tick(long_after(contract))
        fresh = judged(ended, over + later, long_after(contract), "FRESH")
        assert without(judgement(stored), {level["code"] for level in ended["service_levels"]}) == judgement(fresh)
        assert not Period.objects.filter(contract=stored, starts_on__gt=end).exists()
    as_of = long_after(contract).date()
    assert product(ended, over + later, as_of) == judge(ended, over + later, as_of)


def without(judged, codes):
    """The judgement without what an earlier scorecard says of service levels that were to begin later: it stands, and counts nothing."""
    for card in judged["scorecards"].values():
        for kra in card["kras"]:
            listed = kra["levels"]
            kra["levels"] = [one for one in listed if one[0] in codes]
            assert all(one[1:] == [None, None] for one in listed if one not in kra["levels"])
            assume(kra["levels"] or not listed)  # a KRA that only they were to serve is due and uncovered from now on
    return judged


def _spans(level, contract):
    """The periods of a service level with each day by which a file may call them."""
    for begins, stops in level_periods(level, contract["contract"]):
        yield (begins, stops), begins
        for months in (1, 3, 12):
            yield (begins, stops), begins.replace(day=1, month=(begins.month - 1) // months * months + 1)


# One end, worked out by hand ----------------------------------------------------------------------------------------

UPTIME = {"kind": "availability", "hours": "always"}
BANDS = [
    {"name": "Good", "at": 99, "outcome": "met", "points": 0, "score": 100},
    {"name": "Bad", "outcome": "default", "points": 1, "score": 0},
]


def quarterly():
    contract = copy.deepcopy(CONTRACT)
    level = contract["service_levels"][0] | {"code": "UP", "every": "quarter", "measure": UPTIME}
    level["terms"] = [{"from": "2025-01-01", "better": "higher", "bands": BANDS}]
    contract["service_levels"] = [level]
    contract["contract"] |= {"charges": {"monthly": "1000.00"}, "report_due": 5}
    contract["credits"] = {
        "point": {"percent_of": "charges", "value": "100"},
        "caps": [{"percent_of": "charges", "value": "5", "over": "contract_year"}],
    }
    return contract


@pytest.mark.django_db
def test_a_period_that_the_end_cuts_has_the_minutes_and_the_month_that_are_left(db):
    """A quarter of 91 days, of which 45 are left: 700 minutes are 1.08 % of them, and 5 % of five months' charges are the cap."""
    contract = quarterly()
    ended = ended_file(contract, date(2025, 5, 15))
    rows = [{"service_level": "UP", "period": "2025-04-01", "downtime": "700", "maintenance": "0"}]
    with thrown_away():
        stored = judged(contract, [], at(date(2025, 5, 10)))
        assert results(stored)["UP", date(2025, 4, 1)].month == date(2025, 6, 1)
        take_contract(ended, today=date(2025, 5, 10))
        tick(at(date(2025, 5, 11)))
        pending = results(stored)["UP", date(2025, 4, 1)]
        assert (pending.outcome, pending.month) == ("pending", date(2025, 5, 1))
        period = Period.objects.get(contract=stored, starts_on=date(2025, 4, 1))
        assert (period.ends_on, period.minutes, period.slots) == (date(2025, 5, 15), 45 * 1440, 1)
        report(stored, ended, rows, at(date(2025, 5, 20)))
        tick(at(date(2025, 6, 20)))
        judged_now = results(stored)["UP", date(2025, 4, 1)]
        assert (judged_now.outcome, judged_now.month) == ("default", date(2025, 5, 1))
        assert not PastResult.objects.filter(contract=stored, starts_on=date(2025, 4, 1)).exists()
    said = product(ended, rows, date(2025, 6, 20))
    assert said == judge(ended, rows, date(2025, 6, 20))
    assert [row["credit"] for row in said["months"]][-1] == "250.00"
