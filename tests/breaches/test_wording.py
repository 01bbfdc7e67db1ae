"""A breach in two lines."""

from datetime import date
from decimal import Decimal

import pytest

from breaches import wording


def terms(better="higher", *bands):
    return {"better": better, "bands": [{"name": str(n), **band} for n, band in enumerate(bands)]}


TWO = terms("higher", {"at": "95", "outcome": "met"}, {"outcome": "default"})
THREE = terms("higher", {"at": "95", "outcome": "met"}, {"at": "90", "outcome": "miss"}, {"outcome": "default"})
LOWER = terms("lower", {"at": "4", "outcome": "met"}, {"outcome": "default"})
LOWER_THREE = terms("lower", {"at": "4", "outcome": "met"}, {"at": "8.5", "outcome": "miss"}, {"outcome": "default"})
RANGE = terms("inside", {"low": "80", "high": "92.5", "at": None, "outcome": "met"}, {"outcome": "default"})
NONE_GOOD = terms("higher", {"outcome": "default"})


@pytest.mark.parametrize(
    ("clauses", "outcome", "band_outcome", "title"),
    [
        (TWO, "default", "default", "P1 resolution below target"),
        (THREE, "default", "default", "P1 resolution below minimum"),
        (
            THREE | {"tolerated": {"count": "4", "window": "12"}},
            "default",
            "miss",
            "P1 resolution missed target 4 times or more in 12 periods",
        ),
        (LOWER, "default", "default", "P1 resolution above target"),
        (LOWER_THREE, "default", "default", "P1 resolution above maximum"),
        (RANGE, "default", "default", "P1 resolution outside its range"),
        (TWO, "not_measured", "default", "P1 resolution not reported"),
    ],
)
def test_titles(clauses, outcome, band_outcome, title):
    assert (
        wording.describe_breach(name="P1 resolution", outcome=outcome, band_outcome=band_outcome, clauses=clauses)
        == title
    )


@pytest.mark.parametrize(
    ("clauses", "value", "unit", "band_outcome", "words"),
    [
        (TWO, "89.14", "percent", "default", "89.1% against 95%"),
        (TWO, "94.999", "percent", "default", "94.999% against 95%"),
        (THREE, "89.96", "percent", "default", "89.96% against 90%"),
        (THREE, "92", "percent", "miss", "92.0% against 95%"),
        (LOWER, "4.01", "hours", "default", "4.01 hours against 4 hours"),
        (LOWER, "1234.5", "", "default", "1,234.5 against 4"),
        (LOWER_THREE, "8.51", "hours", "default", "8.51 hours against 8.5 hours"),
        (RANGE, "92.504", "percent", "default", "92.504% against 80–92.5%"),
        (RANGE, "-3", "percent", "default", "−3.0% against 80–92.5%"),
        (NONE_GOOD, "1", "", "default", ""),
        (TWO, None, "percent", "default", ""),
    ],
)
def test_readings(clauses, value, unit, band_outcome, words):
    given = {"value": value and Decimal(value), "unit": unit, "band_outcome": band_outcome, "clauses": clauses}
    assert wording.describe_reading(**given, cycle="month") == words


@pytest.mark.parametrize(
    ("cycle", "over"), [("month", "over 3 months"), ("quarter", "over 3 quarters"), ("custom:SL-01", "over 3 periods")]
)
def test_a_rolling_value_says_over_what(cycle, over):
    given = {"value": Decimal("89.14"), "unit": "percent", "band_outcome": "default"}
    said = wording.describe_reading(**given, clauses={**TWO, "rolling": "3"}, cycle=cycle)
    assert said == f"89.1% {over} against 95%"


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        ("99.9449", "99.95", "99.9"),
        ("99.9499", "99.9", "99.95"),
        ("94.9999999", "95", "94.9999999"),
        ("99.90004", "99.9", "99.90004"),
        ("0.04", "0.1", "0.0"),
        ("-0.25", "0", "−0.3"),
    ],
)
def test_a_value_is_never_shown_on_the_other_side_of_the_limit(value, limit, shown):
    assert wording.format_beside(Decimal(value), Decimal(limit)) == shown


@pytest.mark.parametrize(
    ("streak", "cycle", "words"),
    [
        (1, "month", ""),
        (2, "month", "second month in a row"),
        (3, "quarter", "third quarter in a row"),
        (11, "week", "11th week in a row"),
        (22, "custom:SL-1", "22nd period in a row"),
        (113, "month", "113th month in a row"),
    ],
)
def test_in_a_row(streak, cycle, words):
    assert wording.describe_streak(streak, cycle) == words


@pytest.mark.parametrize(
    ("cycle", "starts_on", "ends_on", "name"),
    [
        ("month", date(2024, 4, 15), date(2024, 4, 30), "April 2024"),
        ("quarter", date(2024, 10, 1), date(2024, 12, 31), "Q4 2024"),
        ("year", date(2024, 1, 1), date(2024, 12, 31), "2024"),
        ("week", date(2024, 4, 29), date(2024, 5, 5), "29 Apr 2024 – 5 May 2024"),
    ],
)
def test_slices(cycle, starts_on, ends_on, name):
    assert wording.format_period(cycle, starts_on, ends_on) == name
