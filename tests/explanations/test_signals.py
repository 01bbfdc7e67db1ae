"""Process-behaviour limits and signals, with numbers that can be worked out by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from explanations.process_signals import assurance, bounds_of, limits, signals
from lib.control_limits import exact_limits

STEADY = [Decimal(10), Decimal(12)] * 6  # mean 11, every moving range 2: limits 11 ± 5.32
# One value far off moves the mean too, so that it stays between 6 and 16.
LIVELY = [Decimal(6), Decimal(16)] * 6


def found(values, better="higher", target=None, **words):
    return [(s.kind, s.verdict, s.first, s.last) for s in signals(values, better, target, **words)]


def test_limits_are_the_mean_and_2_66_mean_moving_ranges():
    assert exact_limits(STEADY).lower == Fraction(568, 100)
    assert (limits(STEADY).mean, limits(STEADY).lower, limits(STEADY).upper) == (11.0, 5.68, 16.32)


@pytest.mark.parametrize("values", [[], [1, 2, 3, 4, 5], [1, None, 2, None, 3, None, 4, None, 5, None, 6]])
def test_too_few_values_or_no_neighbours_have_no_limits(values):
    assert limits(values) is None
    assert signals(values, "higher") == []
    assert assurance(values, "higher", 3) is None


def test_a_gap_has_no_moving_range():
    """10 and 110 stand on either side of the gap; comparing them would make the limits wide."""
    exact = exact_limits([10, 10, 10, None, 110, 110, 110])
    assert (exact.mean, exact.lower, exact.upper) == (60, 60, 60)


def test_a_flat_series_has_no_signal_although_its_limits_are_one_number():
    """In floats the mean of ten times 0.1 is not 0.1."""
    assert found([0.1] * 10) == []
    assert found([Decimal("99.99")] * 30) == []


def test_a_steady_process_has_no_signal():
    assert found(STEADY) == []


@pytest.mark.parametrize(
    ("better", "value", "verdict"),
    [
        ("higher", 60, "improving"),
        ("lower", 60, "worsening"),
        ("higher", -38, "worsening"),
        ("lower", -38, "improving"),
    ],
)
def test_a_value_outside(better, value, verdict):
    values = [*LIVELY, Decimal(value)]
    assert found(values, better) == [("outside", verdict, 12, 12)]
    way = "above" if value > 0 else "below"
    (signal,) = signals(values, better, labels=[f"month {n}" for n in range(1, 14)], unit="percent")
    assert f"{value}%".replace("-", "−") in signal.sentence
    assert f"in month 13 is unusually {'high' if way == 'above' else 'low'} (usual range" in signal.sentence


def test_a_value_on_the_limit_is_inside():
    """Four times 0 and 1, then y, which is the upper limit where y = (4 + y) ÷ 9 + 2.66 × (7 + y − 1) ÷ 8."""
    factor = Fraction(266, 100)
    y = (Fraction(4, 9) + factor * 6 / 8) / (1 - Fraction(1, 9) - factor / 8)
    values = [Fraction(0), Fraction(1)] * 4
    assert exact_limits([*values, y]).upper == y
    assert found([*values, y]) == []
    assert found([*values, y + Fraction(1, 10**9)]) == [("outside", "improving", 8, 8)]


def test_eight_on_one_side_and_not_seven():
    """Below the mean of 11.5 first, above it later; the moving ranges keep all values inside the limits."""
    low, high = [10, 12, 10, 11, 10, 12, 10, 11], [13, 11, 13, 12, 13, 11, 13, 12]
    assert found(low + high) == []
    shifted = [10, 11, 10, 11, 10, 11, 10, 11, 13, 12, 13, 12, 13, 12, 13, 12]
    assert found(shifted) == [("shift", "worsening", 0, 7), ("shift", "improving", 8, 15)]
    assert found(shifted, "lower") == [("shift", "improving", 0, 7), ("shift", "worsening", 8, 15)]
    assert (
        "8 values in a row, period 9 to period 16, lie above the mean of 11.5" in signals(shifted, "lower")[1].sentence
    )
    assert found(shifted[1:-1]) == []


def test_a_value_on_the_mean_ends_a_shift_and_a_gap_does_not():
    shifted = [10, 11, 10, 11, 10, 11, 10, 11, 13, 12, 13, 12, 13, 12, 13, 12]
    with_gap = [*shifted[:4], None, *shifted[4:]]
    assert found(with_gap) == [("shift", "worsening", 0, 8), ("shift", "improving", 9, 16)]
    on_mean = [*shifted[:4], Fraction(23, 2), *shifted[4:]]
    assert [f for f in found(on_mean) if f[3] < 9] == []


def test_six_rising_or_falling_and_not_five():
    values = [10, 14, 10, 14, 10, 11, 12, 13, 14, 15, 10, 14, 10, 14]
    assert found(values) == [("run", "improving", 4, 9)]
    assert found(values, "lower") == [("run", "worsening", 4, 9)]
    assert found([-value for value in values]) == [("run", "worsening", 4, 9)]
    (signal,) = signals(values, "higher")
    assert signal.sentence == "Rising for 6 values in a row, from 10 in period 5 to 15 in period 10: getting better."
    assert found([*values[:5], *values[6:]]) == []


def test_equal_neighbours_and_gaps_end_a_run():
    assert found([10, 14, 10, 14, 10, 11, 12, 12, 13, 14, 15, 10, 14]) == []
    assert found([10, 14, 10, 14, 10, 11, 12, None, 13, 14, 15, 10, 14]) == []


def test_inside_a_range_better_is_nearer_to_it():
    values = [*LIVELY, Decimal(60)]
    assert found(values, "inside", (5, 20)) == [("outside", "worsening", 12, 12)]
    assert found(values, "inside", (50, 70)) == [("outside", "improving", 12, 12)]
    assert found(values, "inside", (0, 100)) == [("outside", "changed", 12, 12)]
    assert found(values, "inside") == [("outside", "changed", 12, 12)]
    assert "is unusually high" in signals(values, "inside")[0].sentence
    assert found([-value for value in values], "inside", (0, 5)) == [("outside", "worsening", 12, 12)]


def test_current_signals_reach_the_last_value():
    once = [*LIVELY[:6], Decimal(60), *LIVELY[:6]]
    assert [s.kind for s in signals(once, "higher")] == ["outside"]
    assert signals(once, "higher", only_current=True) == []
    now = [*LIVELY, Decimal(60), None]
    assert [s.kind for s in signals(now, "higher", only_current=True)] == ["outside"]
    assert signals([], "higher", only_current=True) == []


@pytest.mark.parametrize(
    ("better", "target", "kind"),
    [
        ("higher", Decimal("5.68"), "always"),
        ("higher", 6, "by_chance"),
        ("higher", Decimal("16.33"), "never"),
        ("lower", Decimal("16.32"), "always"),
        ("lower", 11, "by_chance"),
        ("lower", 5, "never"),
        ("inside", (5, 17), "always"),
        ("inside", (5, 11), "by_chance"),
        ("inside", (20, 30), "never"),
        ("inside", (1, 5), "never"),
    ],
)
def test_what_to_expect_of_the_process_as_it_is(better, target, kind):
    said = assurance(STEADY, better, target, unit="percent")
    assert said.kind == kind
    assert said.sentence.startswith("As it is, it varies between 5.68% and 16.32%")


def test_without_a_target_nothing_is_said_of_it():
    assert assurance(STEADY, "higher", None) is None


@pytest.mark.parametrize(
    ("measure", "values", "bounds"),
    [
        ({"kind": "ratio", "unit": "percent"}, [99], (0, 100)),
        ({"kind": "availability", "unit": "percent"}, [99], (0, 100)),
        ({"kind": "ratio", "unit": "per 1,000"}, [140], (0, None)),
        ({"kind": "count", "unit": ""}, [3], (0, None)),
        ({"kind": "value", "unit": "minutes"}, [3, None], (0, None)),
        ({"kind": "value", "unit": "points"}, [3, -1], (None, None)),
    ],
)
def test_limits_are_named_no_further_than_values_can_be(measure, values, bounds):
    assert bounds_of(measure, values) == bounds


def test_sentences_cut_the_limits_to_what_can_be():
    """STEADY varies between 5.68 and 16.32."""
    said = assurance(STEADY, "higher", 11, bounds=(6, 16)).sentence
    assert said == "As it is, it varies between 6 and 16: some periods reach the target, others do not."
    found = signals([*STEADY, 100], "higher", bounds=(3, 100))[-1]
    assert found.sentence.startswith("100 in period 13 is unusually high (usual range 3 to ")
