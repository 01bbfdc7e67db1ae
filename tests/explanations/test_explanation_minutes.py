"""The minutes of an availability's period, and which bands and incidents count, as the explanation says them."""

import pytest

from explanations import minutes
from explanations.money import measured
from tests.explanations.examples import line
from tests.factories import contracts, evaluation, slas

WORKING = {"kind": "availability", "hours": "calendar"}
ALWAYS = {"kind": "availability", "hours": "always"}


@pytest.mark.parametrize(
    ("measure", "nth", "said"),
    [
        (WORKING, 0, "21 working days of 480 minutes: 10,080."),
        (WORKING, 6, "23 working days of 480 minutes: 11,040."),
        (ALWAYS, 0, None),
        (ALWAYS, 6, "31 days of 1,440 minutes, 60 more because the clocks change: 44,700."),
        (ALWAYS, 11, "31 days of 1,440 minutes, 60 fewer because the clocks change: 44,580."),
        ({"kind": "ratio"}, 6, None),
    ],
)
def test_minutes_are_days_times_minutes_a_day(cast, scope_of, measure, nth, said):
    with scope_of(cast.aldermoor):
        of = contracts.contract(cast.corvid)
        period = contracts.periods(of, count=12)[nth]
        result = evaluation.result(slas.terms(slas.service_level(of, measure=measure)), period)
        assert line(minutes.lines(result), "Minutes") == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"count": "defaults"}, "1 default in Serious or Severe in 1 period, at least 1"),
        ({"count": "consecutive_defaults"}, "1 default in a row in Serious or Severe, at least 1"),
        ({"count": "defaults", "bands": None}, "1 default in 1 period, at least 1"),
    ],
)
def test_a_rule_names_the_bands_that_it_counts(rule, said):
    given = {"over": "service_level", "window": 1, "bands": ["Serious", "Severe"], "at_least": "1", "more_than": None}
    assert measured(1, given | rule) == said
