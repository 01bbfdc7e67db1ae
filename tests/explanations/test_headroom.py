"""How many more failures until the next band: by hand, and against counting one by one."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explanations.headroom import headroom_steps, rounded
from explanations.ratio_parts import RatioParts, ratio_parts

RATIO = {"kind": "ratio", "of": "Resolved on time", "unit": "percent", "scale": "100", "roll_up": "sum"}
MINUTES = {"kind": "availability", "of": None, "unit": "percent", "roll_up": "sum", "maintenance": "excluded"}
MINUTES |= {"maintenance_allowance": None}


def terms(*ats, better="higher", **policy):
    names = ["Target", "Minor", "Serious", "Severe"]
    bands = [{"name": name, "at": at} for name, at in zip(names, [*ats, None], strict=False)]
    return {"better": better, "bands": bands, **policy}


def steps(*given, **words):
    return [(headroom.band, headroom.more, headroom.then) for headroom in headroom_steps(*given, **words)]


def test_failing_cases_are_added_where_the_volume_is_not_known():
    """190 of 195: 190 ÷ 200 is still 95 %, 190 ÷ 201 is not; 190 ÷ 211 is 90.05 %, 190 ÷ 212 is below 90 %."""
    found = headroom_steps(terms("95", "90"), RATIO, RatioParts(Decimal(190), Decimal(195)))
    assert [(r.more, r.fails_at) for r in found] == [(5, 6), (16, 17)]
    assert found[0].sentence == "6 more cases that miss it, and the result falls from Target to Minor."
    assert found[1].sentence.startswith("17 more cases")


def test_with_the_expected_volume_the_rest_is_taken_to_be_good():
    """Of 200 cases 10 may fail at 95 %; 3 have failed."""
    found = steps(terms("95", "90"), RATIO, RatioParts(Decimal(97), Decimal(100)), expected=Decimal(200))
    assert found == [("Target", 7, "Minor"), ("Minor", 17, "Serious")]


def test_a_band_that_is_gone_is_not_promised():
    found = steps(terms("95", "90"), RATIO, RatioParts(Decimal(88), Decimal(100)), expected=Decimal(200))
    assert found == [("Minor", 8, "Serious")]
    assert steps(terms("95", "90"), RATIO, RatioParts(Decimal(50), Decimal(100)), expected=Decimal(110)) == [
        ("Serious", None, None)
    ]


def test_what_is_left_of_the_period_may_not_be_enough_to_lose_it():
    (headroom,) = headroom_steps(terms("95"), RATIO, RatioParts(Decimal(100), Decimal(100)), expected=Decimal(104))
    assert (headroom.more, headroom.fails_at, headroom.then) == (None, None, None)
    assert headroom.sentence == "Target can no longer be lost in this period."
    assert steps(terms("95"), RATIO, RatioParts(Decimal(95), Decimal(100)), expected=Decimal(90)) == [
        ("Target", None, None)
    ]


def test_one_more_case_is_one():
    (headroom,) = headroom_steps(terms("95"), RATIO, RatioParts(Decimal(19), Decimal(20)))
    assert headroom.sentence == "1 more case that misses it, and the result falls from Target to Minor."


def test_where_lower_is_better_the_numerator_counts_the_failures():
    """5 % of 200 are 10; 4 have happened."""
    measure = RATIO | {"of": "Abandoned calls"}
    (headroom,) = headroom_steps(
        terms("5", better="lower"), measure, RatioParts(Decimal(4), Decimal(100)), expected=Decimal(200)
    )
    assert (headroom.more, headroom.unit) == (6, "cases")
    assert headroom.sentence == "7 more cases of “Abandoned calls”, and the result falls from Target to Minor."
    (headroom,) = headroom_steps(terms("5", better="lower"), measure, RatioParts(Decimal(1), Decimal(20)))
    assert headroom.sentence.startswith("1 more case of “Abandoned calls”")


def test_minutes_of_downtime():
    """0.5 % of 44,640 minutes are 223.2; 120 are gone."""
    good = ratio_parts(MINUTES, terms("99.5"), {"downtime": Decimal(120)}, 44640)
    (headroom,) = headroom_steps(terms("99.5"), MINUTES, good, expected=Decimal(7))
    assert (headroom.more, headroom.unit) == (103, "minutes")
    assert headroom.sentence == "104 more minutes of downtime, and the result falls from Target to Minor."
    gone = RatioParts(Decimal(-3), Decimal(100))
    assert steps(terms("99.5"), MINUTES, gone) == [("Minor", None, None)]
    (headroom,) = headroom_steps(terms("99.5"), MINUTES, RatioParts(Decimal("199.5"), Decimal(200)))
    assert headroom.sentence.startswith("1 more minute of downtime")


def test_several_bands_are_lost_at_once_where_one_case_is_much():
    assert steps(terms("95", "90"), RATIO, RatioParts(Decimal(4), Decimal(4))) == [("Target", 0, "Serious")]


def test_rounding_is_that_of_the_terms():
    """94.95 % is 95.0 % half up, and 94.9 % when cut."""
    kept = terms("95", rounding={"places": "1", "mode": "half_up"})
    cut = terms("95", rounding={"places": "1", "mode": "truncate"})
    so_far = RatioParts(Decimal(1000), Decimal(1000))
    assert steps(kept, RATIO, so_far, expected=Decimal(2000)) == [("Target", 101, "Minor")]
    assert steps(cut, RATIO, so_far, expected=Decimal(2000)) == [("Target", 100, "Minor")]


def test_a_rolling_value_carries_what_was_before():
    so_far, before = RatioParts(Decimal(100), Decimal(100)), RatioParts(Decimal(190), Decimal(200))
    found = steps(terms("95", rolling="3"), RATIO, so_far, expected=Decimal(100), carried=before)
    assert found == [("Target", None, None)]
    found = steps(terms("95", rolling="3"), RATIO, so_far, expected=Decimal(200), carried=before)
    assert found == [("Target", 10, "Minor")]


@pytest.mark.parametrize(("volume", "more"), [(10, 1), (40, 2), (59, 2), (60, 3)])
def test_the_low_volume_allowance(volume, more):
    """max(1, ⌊n × 5 ÷ 100⌋) failing cases are allowed: one of 10, although that is 90 %."""
    so_far = RatioParts(Decimal(0), Decimal(0))
    for better, at in (("higher", "95"), ("lower", "5")):
        found = steps(terms(at, better=better, allowance=True), RATIO, so_far, expected=Decimal(volume))
        assert found == [("Target", more, "Minor")]


def test_the_allowance_is_for_percentages_only():
    per_mille = RATIO | {"scale": "1000"}
    found = steps(terms("950", allowance=True), per_mille, RatioParts(Decimal(0), Decimal(0)), expected=Decimal(10))
    assert found == [("Target", 0, "Minor")]


@pytest.mark.parametrize(
    ("conditions", "measure", "so_far"),
    [
        (terms("95"), {"kind": "value", "unit": "s", "roll_up": "sum"}, RatioParts(Decimal(3), Decimal(1))),
        (terms("5", better="lower"), RATIO | {"unit": "minutes"}, RatioParts(Decimal(3), Decimal(1))),
        (terms("95"), RATIO | {"roll_up": "mean"}, RatioParts(Decimal(3), Decimal(3))),
        (terms("5", better="lower"), MINUTES, RatioParts(Decimal(3), Decimal(3))),
        (terms(), RATIO, RatioParts(Decimal(3), Decimal(3))),
        (
            {"better": "inside", "bands": [{"name": "A", "low": "1", "high": "2"}, {"name": "B"}]},
            RATIO,
            RatioParts(*[Decimal(3)] * 2),
        ),
        (terms("95"), RATIO, RatioParts(Decimal(0), Decimal(0))),
        (terms("95", minimum_volume="5"), RATIO, RatioParts(Decimal(4), Decimal(4))),
    ],
)
def test_nothing_is_said_where_nothing_can_be(conditions, measure, so_far):
    assert headroom_steps(conditions, measure, so_far) == ()


def test_a_threshold_of_nothing_cannot_be_lost():
    assert steps(terms("0"), RATIO, RatioParts(Decimal(5), Decimal(5))) == [("Target", None, None)]


COUNTS = st.integers(0, 60)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["higher", "lower"]),
    st.lists(st.sampled_from([50, 80, 90, 95, 99]), min_size=1, max_size=3, unique=True),
    st.tuples(COUNTS, COUNTS, COUNTS).filter(lambda counts: counts[1] + counts[2] > 0),
    st.booleans(),
    st.sampled_from([None, {"places": "0", "mode": "half_up"}, {"places": "1", "mode": "truncate"}]),
)
def test_it_is_what_counting_one_by_one_finds(better, ats, counts, allowance, rounding):
    """An independent reading: walk through the rest of the period, one failure at a time."""
    good, rest, begun = min(counts[0], counts[1]), counts[2], counts[1]
    volume = begun + rest
    ats = sorted(ats, reverse=True) if better == "higher" else sorted(100 - at for at in ats)
    conditions = terms(*map(str, ats), better=better, allowance=allowance, rounding=rounding)

    def place(more):
        failing = (begun - good if better == "higher" else good) + more
        limit = max(1, volume * (100 - ats[0] if better == "higher" else ats[0]) // 100)
        if allowance and failing <= limit:
            return 0
        value = Fraction(100 * (volume - failing if better == "higher" else failing), volume)
        if rounding:
            tens = 10 ** int(rounding["places"])
            value = Fraction(int(value * tens + (Fraction(1, 2) if rounding["mode"] == "half_up" else 0)), tens)
        reached = [n for n, at in enumerate(ats) if (value >= at if better == "higher" else value <= at)]
        return min(reached, default=len(ats))

    walked = [place(more) for more in range(rest + 1)]
    changes = [more for more in range(rest) if walked[more + 1] != walked[more]]
    found = headroom_steps(conditions, RATIO, RatioParts(Decimal(good), Decimal(begun)), expected=Decimal(volume))
    assert [headroom.more for headroom in found] == (changes or [None])


def test_half_up_is_away_from_zero_and_truncating_towards_it():
    half, cut = {"places": "1", "mode": "half_up"}, {"places": "1", "mode": "truncate"}
    assert rounded(Fraction(-105, 100), half) == Fraction(-11, 10)
    assert rounded(Fraction(-109, 100), cut) == -1
    assert rounded(Fraction(1, 3), None) == Fraction(1, 3)
