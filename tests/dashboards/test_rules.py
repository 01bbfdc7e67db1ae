"""Means, changes, thresholds and how values are written."""

from datetime import date
from decimal import Decimal

import pytest

from dashboards.rules import falling, sort_of, status_of, window
from explanations.thresholds import beside, minimum_of, places_of, target_of, unit_of

D = Decimal


def test_the_window_ends_with_the_month():
    assert window(date(2024, 2, 1), 3) == [date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1)]
    assert len(window(date(2024, 2, 1))) == 12


@pytest.mark.parametrize(
    ("scores", "months"),
    [([], 0), ([90], 0), ([90, 91], 0), ([95, 94, 93], 2), ([95, None, 93, 92], 1), ([95, 94, None], 0), ([9, 9], 0)],
)
def test_falling(scores, months):
    assert falling(scores) == months


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("-score", ("score", True)),
        ("name", ("name", False)),
        ("-open", ("open", True)),
        ("", ("score", False)),
        ("pk", ("score", False)),
    ],
)
def test_sort_of(text, sort):
    assert sort_of(text) == sort


def test_unknown_filters_are_none():
    assert [status_of(text) for text in ("late", "", "'; --")] == ["late", "", ""]


def band(outcome, at=None, low=None, high=None):
    return {"outcome": outcome, "at": at, "low": low, "high": high}


def test_target_and_minimum():
    bands = [band("met", "83"), band("met", "80"), band("miss", "77"), band("default", "72"), band("default")]
    assert (target_of({"bands": bands}), minimum_of({"bands": bands})) == (D(80), D(77))
    two = [band("met", "95"), band("default", "90"), band("default")]
    assert (target_of({"bands": two}), minimum_of({"bands": two})) == (D(95), None)
    inside = [band("met", low="380", high="460"), band("miss", low="350", high="500"), band("default")]
    assert target_of({"bands": inside}) == (D(380), D(460))
    assert minimum_of({"bands": inside}) == (D(350), D(500))
    assert target_of({"bands": [band("default", "90"), band("default")]}) is None


def test_places_follow_the_thresholds():
    percent, seconds, count = {"unit": "percent"}, {"unit": "seconds"}, {"unit": "failures", "kind": "count"}
    assert unit_of(percent) == "%"
    assert unit_of({"unit": None}) == ""
    assert [places_of(percent, [D(edge), None]) for edge in ("95", "99.9", "99.95")] == [1, 1, 2]
    assert [places_of(seconds, edges) for edges in ([D(20)], [D("2.5")], [None])] == [1, 1, None]
    assert places_of(count, [D(8)]) == 0


@pytest.mark.parametrize(("value", "places"), [("94.96", 2), ("94.9996", 4), ("95", 1), ("94.5", 1), ("95.04", 2)])
def test_a_value_is_never_written_like_a_threshold_it_does_not_reach(value, places):
    assert beside(D(value), [D(95), None], 1) == places
    assert beside(D(value), [D(95)], None) is None
