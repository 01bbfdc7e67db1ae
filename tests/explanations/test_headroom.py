"""How many more failures until the next band: by hand, and against counting one by one."""

import json
import os
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.pipeline import statement
from explanations.headroom import describe_headroom

pytestmark = pytest.mark.django_db
# The step alone, given a slot that was judged, and its terms, as the steps before it have them.
SLOT = """
terms AS (
    SELECT t.*, 1 AS terms_no, 1 AS contract_id, cardinality(t.names) AS bands FROM jsonb_to_record(%(terms)s::jsonb) AS t (
        names text[], better text, kind text, share boolean, mean_of_parts boolean, scale numeric, places int, mode text,
        low numeric[], high numeric[])
),
classified AS (
    SELECT c.*, 1 AS terms_no, 1 AS service_level_id, date '2024-04-01' AS starts_on, date '2024-04-01' AS month
    FROM jsonb_to_record(%(slot)s::jsonb) AS c (
        state text, band int, allowance_applied boolean, good numeric, base numeric, rolled_good numeric, rolled_base numeric)
),
"""
STEP = statement(("headroom",), "SELECT band, fails_at, becomes FROM headroom").replace("RECURSIVE", SLOT, 1)
NAMES = ["Target", "Minor", "Serious", "Severe"]


def terms(*ats, better="higher", scale=100, rounding=None, **fields):
    side = "low" if better == "higher" else "high"
    rounding = rounding or {"places": None, "mode": None}
    given = {
        "names": NAMES[: len(ats) + 1],
        "better": better,
        "scale": scale,
        "share": True,
        "kind": "ratio",
        side: ats,
    }
    return given | {"mean_of_parts": False} | rounding | fields


MINUTES = {"kind": "availability", "share": False}


def lost(conditions, good, base, band=1, **fields):
    """(band, with so many more failures, the band then) of a slot in the first band, unless said otherwise."""
    slot = {"state": "judged", "band": band, "allowance_applied": False, "good": good, "base": base} | fields
    with connection.cursor() as cursor:
        cursor.execute(STEP, {"terms": json.dumps(conditions), "slot": json.dumps(slot), "headroom_of": None})
        return cursor.fetchone()


def test_failing_cases_are_added():
    """190 of 195: 190 ÷ 200 is still 95 %, 190 ÷ 201 is not; 190 ÷ 211 is 90.05 %, 190 ÷ 212 is below 90 %."""
    assert lost(terms(95, 90), 190, 195) == ("Target", 6, "Minor")
    assert lost(terms(95, 90), 190, 205, band=2) == ("Minor", 7, "Serious")
    assert lost(terms(95, 90), 19, 20) == ("Target", 1, "Minor")
    assert lost(terms(95, 90), 1, 5, band=3) is None, "from the last band nothing falls"


def test_where_lower_is_better_the_numerator_counts_the_failures():
    """4 of 100: 5 of 101 are less than 5 %, 6 of 102 more."""
    assert lost(terms(5, better="lower"), 4, 100) == ("Target", 2, "Minor")
    assert lost(terms(5, better="lower"), 1, 20) == ("Target", 1, "Minor")
    assert lost(terms(100, better="lower"), 1, 20) is None


def test_minutes_of_downtime():
    """0.5 % of 44,640 minutes are 223.2; 120 are gone."""
    assert lost(terms(99.5, **MINUTES), 44520, 44640) == ("Target", 104, "Minor")
    assert lost(terms(0, **MINUTES), 100, 200) is None, "no more minutes are lost than there are"
    assert lost(terms(50, **MINUTES), 1, 10, rolled_good=60, rolled_base=110) is None
    assert lost(terms(50, **MINUTES), 9, 10, rolled_good=60, rolled_base=110) == ("Target", 6, "Minor")


def test_several_bands_are_lost_at_once_where_one_case_is_much():
    assert lost(terms(95, 90), 4, 4) == ("Target", 1, "Serious")
    assert lost(terms(95, 90, 80), 4, 4) == ("Target", 1, "Serious"), "4 of 5 are 80 %"


def test_a_rolling_value_carries_what_was_before():
    assert lost(terms(95), 100, 100, rolled_good=290, rolled_base=300) == ("Target", 6, "Minor")


def test_rounding_is_that_of_the_terms():
    """94.95 % is 95.0 % half up, and 94.9 % when cut."""
    half_up, cut = {"places": 1, "mode": "half_up"}, {"places": 1, "mode": "truncate"}
    assert lost(terms(95, rounding=half_up), 1899, 1990) == ("Target", 11, "Minor"), "1899 of 2000 are 94.95 %"
    assert lost(terms(95, rounding=cut), 1900, 1990) == ("Target", 11, "Minor")
    assert lost(terms(5, better="lower", rounding=half_up), 100, 2000) == ("Target", 2, "Minor"), (
        "101 of 2001 are 5.047 %"
    )
    assert lost(terms(5, better="lower", rounding=cut), 100, 2000) == ("Target", 3, "Minor"), "102 of 2002 are 5.09 %"


@pytest.mark.parametrize(("volume", "fails_at"), [(9, 2), (37, 2), (38, 3), (56, 3), (57, 4)])
def test_the_low_volume_allowance(volume, fails_at):
    """max(1, ⌊n × 5 ÷ 100⌋) failing cases are allowed: one of 11, two of 39 are too many, two of 40 are not."""
    lifted = {"allowance_applied": True}
    assert lost(terms(95), volume, volume, **lifted)[1] == fails_at
    assert lost(terms(5, better="lower"), 0, volume, **lifted)[1] == fails_at
    assert lost(terms(100, better="lower"), 0, volume, **lifted) is None


@pytest.mark.parametrize(
    ("conditions", "slot"),
    [
        (terms(95, kind="value", share=False), {}),
        (terms(5, better="lower", share=False), {}),
        (terms(95, mean_of_parts=True), {}),
        (terms(5, better="lower", **MINUTES), {}),
        (terms(5, better="inside"), {}),
        (terms(), {}),
        (terms(0), {}),
        (terms(95), {"state": "exempt", "band": None}),
    ],
)
def test_nothing_is_said_where_nothing_can_be(conditions, slot):
    assert lost(conditions, 5, 5, **slot) is None


COUNTS = st.integers(0, 60)
ROUNDINGS = [None, {"places": 0, "mode": "half_up"}, {"places": 1, "mode": "truncate"}]


@settings(
    max_examples=200 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["higher", "lower"]),
    st.lists(st.sampled_from([50, 80, 90, 95, 99]), min_size=1, max_size=3, unique=True),
    st.tuples(COUNTS, COUNTS).filter(lambda counts: counts[1] > 0),
    st.booleans(),
    st.sampled_from(ROUNDINGS),
)
def test_it_is_what_counting_one_by_one_finds(better, ats, counts, allowance, rounding):
    """An independent reading: one failing case more at a time."""
    good, begun = min(counts), counts[1]
    ats = sorted(ats, reverse=True) if better == "higher" else sorted(100 - at for at in ats)

    def allowed(more):
        failing = (begun - good if better == "higher" else good) + more
        return allowance and failing <= max(1, (begun + more) * (100 - ats[0] if better == "higher" else ats[0]) // 100)

    def place(more):
        if allowed(more):
            return 0
        value = Fraction(100 * (good if better == "higher" else good + more), begun + more)
        if rounding:
            tens = 10 ** rounding["places"]
            value = Fraction(int(value * tens + (Fraction(1, 2) if rounding["mode"] == "half_up" else 0)), tens)
        reached = [n for n, at in enumerate(ats) if (value >= at if better == "higher" else value <= at)]
        return min(reached, default=len(ats))

    here, conditions = place(0), terms(*ats, better=better, rounding=rounding)
    found = lost(conditions, good, begun, band=here + 1, allowance_applied=allowed(0))
    fails_at = next((more for more in range(20_000) if place(more) != here), None) if here < len(ats) else None
    names = NAMES[: len(ats) + 1]
    assert found == (None if fails_at is None else (names[here], fails_at, names[place(fails_at)]))


def said(fails_at, kind="ratio", better="higher"):
    found = {"band": "Target", "fails_at": fails_at, "becomes": "Minor"}
    return describe_headroom(found, {"kind": kind, "of": "Abandoned calls"}, better).removesuffix(
        ", and the result falls from Target to Minor."
    )


def test_in_words():
    assert (said(Decimal(6)), said(1)) == ("6 more cases that miss it", "1 more case that misses it")
    lower = [said(many, better="lower") for many in (1, 7)]
    assert lower == ["1 more case of “Abandoned calls”", "7 more cases of “Abandoned calls”"]
    minutes = [said(many, kind="availability") for many in (1, 2061)]
    assert minutes == ["1 more minute of downtime", "2,061 more minutes of downtime"]
