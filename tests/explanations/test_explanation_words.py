"""What an explanation says of the rarer clauses: guards, allowance, steps, parts, rolling values."""

from decimal import Decimal
from fractions import Fraction

import pytest

from explanations.explanation import explain, format_explanation
from explanations.words import format_number
from lib.templatetags.numbers import format_ordinal
from tests.explanations.examples import BANDS, explanations_of, header_of, line, pair
from tests.factories import contracts, measurements, slas
from tests.factories import evaluation as results


@pytest.fixture
def aldermoor(cast, scope_of):
    with scope_of(cast.aldermoor):
        yield


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("terms", "figure", "label", "text"),
    [
        ({}, pair(92, 100), "Outcome", "A miss; the terms make no default of it, however often it happens."),
        (
            {"minimum_volume": 5},
            pair(3, 4),
            "Low volume",
            "A volume of 4 is below the minimum of 5: the period is exempt.",
        ),
        ({}, pair(0, 0), "No volume", "There were no cases; by the terms there is nothing to judge."),
        (
            {"no_volume": "met"},
            pair(0, 0),
            "No volume",
            "There were no cases; by the terms that counts as met, in the first band.",
        ),
        (
            {"allowance": True},
            pair(9, 10),
            "Allowance",
            "Of 10 cases 5%, rounded down, but at least 1 may fail: 1. 1 failed, so the first band is reached.",
        ),
        (
            {"scoring": "linear"},
            pair(93, 100),
            "Score",
            "50 + (93 − 90) ÷ (95 − 90) × (100 − 50) = 80, on the straight line from Fair (50 at 90%) to Good (100 at 95%).",
        ),
        (
            {"rounding": {"places": 1, "mode": "truncate"}},
            pair(2, 3),
            "Rounding",
            "66.666666…% cut to 1 decimal: 66.6%.",
        ),
        (
            {"tolerated": {"count": 1, "window": 3, "counting_defaults": True}},
            pair(92, 100),
            "Outcome",
            "The 1st miss or default within 3 periods; none is tolerated: this one is a default.",
        ),
    ],
)
def test_guards_and_policies_in_words(terms, figure, label, text):
    assert line(explanations_of({"terms": terms}, [figure])[0].steps, label) == text


@pytest.mark.usefixtures("aldermoor")
def test_a_missing_figure_that_counts_as_a_default():
    stepped = [*BANDS[:2], BANDS[2] | {"per_step": {"from": 90, "step": 1, "round": "down"}}]
    explanations = explanations_of({"terms": {"missing": "default", "bands": stepped}}, [pair(87, 100)])
    assert explanations[1].verdict == "Not measured, which counts as a default, 10 points."
    assert "with the points and the score of the last band, Bad." in line(explanations[1].steps, "No figures")
    assert "1 (steps: one for a missing figure)" in line(explanations[1].steps, "Points")
    assert "3 (steps: (90 − 87) ÷ 1, rounded down)" in line(explanations[0].steps, "Points")
    assert explanations[0].terms.bands[2].points == "10 for each 1 from 90"


@pytest.mark.usefixtures("aldermoor")
def test_a_missing_figure_that_is_left_out_is_not_met():
    explanation = explanations_of({}, [pair(97, 100)])[1]
    assert explanation.verdict == "Not measured."
    assert line(explanation.steps, "No figures").endswith("the period is left out, which is not the same as met.")


@pytest.mark.usefixtures("aldermoor")
def test_steps_are_never_less_than_none():
    stepped = [BANDS[0], BANDS[2] | {"per_step": {"from": 90, "step": 1}}]
    (explanation, *_) = explanations_of({"terms": {"bands": stepped}}, [pair(92, 100)])
    assert "0 (steps: (90 − 92) ÷ 1, at least 0)" in line(explanation.steps, "Points")


@pytest.mark.usefixtures("aldermoor")
def test_parts_are_summed_or_averaged():
    parts = [pair(90, 100, part="North"), pair(50, 50, part="South")]
    (summed, *_) = explanations_of({}, parts)
    assert summed.formula.written == "(90 + 50) ÷ (100 + 50) × 100"
    mean = {"kind": "ratio", "of": "Good", "among": "All", "roll_up": "mean"}
    (averaged, *_) = explanations_of({"measure": mean}, parts, contract=header_of("S"))
    assert averaged.formula.written == "(90 ÷ 100 + 50 ÷ 50) ÷ 2 × 100"
    assert "  North: Good 90, All 100" in format_explanation(averaged)


@pytest.mark.usefixtures("aldermoor")
def test_rolling_values_say_what_comes_from_before():
    figures = [pair(90, 100), pair(0, 0, period="2024-05-01"), pair(50, 50, period="2024-06-01")]
    april, may, june, *_ = explanations_of({"terms": {"rolling": 3}}, figures)
    assert april.formula.written == "90 ÷ 100 × 100"
    assert may.formula.written == "(0 + 90) ÷ (0 + 100) × 100"
    assert line(may.steps, "Rolling").startswith("Over this period (no volume) and the 2 periods before it")
    assert june.formula.written == "(50 + 90) ÷ (50 + 100) × 100"


@pytest.mark.usefixtures("aldermoor")
def test_rolling_means_say_how_many_there_were():
    mean = {"kind": "ratio", "of": "Good", "among": "All", "roll_up": "mean"}
    figures = [pair(90, 100), pair(0, 0, period="2024-05-01"), pair(50, 50, period="2024-06-01")]
    april, may, june, *_ = explanations_of({"measure": mean, "terms": {"rolling": 3}}, figures)
    assert (april.formula.written, may.formula.written) == ("90 ÷ 100 × 100", "90 ÷ 1")
    assert june.formula.written == "(100 + 90) ÷ 2"


@pytest.mark.usefixtures("aldermoor")
def test_one_band_takes_any_value():
    (explanation, *_) = explanations_of(
        {"terms": {"bands": [{**BANDS[2], "outcome": "met"}], "allowance": True}}, [pair(100, 100)]
    )
    assert explanation.terms.bands[0].words == "any value"
    assert line(explanation.steps, "Band") == "100% is any value: Bad, met."


@pytest.mark.usefixtures("aldermoor")
def test_a_range_to_stay_inside():
    bands = [
        {**BANDS[0], "at": [75, 85]},
        {**BANDS[1], "at": [70, 90]},
        BANDS[2],
    ]
    (explanation, *_) = explanations_of({"terms": {"better": "inside", "bands": bands}}, [pair(88, 100)])
    assert [band.words for band in explanation.terms.bands] == [
        "within 75 and 85%",
        "within 70 and 90%",
        "outside 70 and 90%",
    ]
    assert line(explanation.steps, "Band").startswith("88% is within 70 and 90% and not within 75 and 85%: Fair")


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("better", "relief", "figure", "formula", "note"),
    [
        (
            "lower",
            "exclude",
            pair(3, 10, relieved="2"),
            "(3 − 2) ÷ (10 − 2) × 100 = 12.5%",
            "2 relieved cases leave both sides.",
        ),
        (
            "lower",
            "exclude",
            pair(1, 10, relieved="2"),
            "0 ÷ (10 − 2) × 100 = 0%",
            "2 relieved cases leave both sides.",
        ),
        (
            "higher",
            "deem_met",
            pair(7, 10, relieved="2"),
            "(7 + 2) ÷ 10 × 100 = 90%",
            "2 relieved cases count as good.",
        ),
    ],
)
def test_relief_is_written_out(better, relief, figure, formula, note):
    bands = [{**BANDS[0], "at": 5}, BANDS[2]]
    (explanation, *_) = explanations_of({"terms": {"better": better, "relief": relief, "bands": bands}}, [figure])
    assert str(explanation.formula) == formula
    assert explanation.figures[0].notes == (note,)


@pytest.mark.usefixtures("aldermoor")
def test_counts_less_what_was_relieved_and_numbers_as_they_are():
    bands = [{**BANDS[0], "at": 5}, BANDS[2]]
    terms = {"better": "lower", "bands": bands}
    (counts, *_) = explanations_of(
        {"measure": {"kind": "count", "unit": "faults"}, "terms": terms}, [{"value": "6", "relieved": "1"}]
    )
    assert str(counts.formula) == "6 − 1 = 5\u00a0faults"
    assert counts.figures[0].notes == ("1 relieved: not counted.",)
    plain = {"measure": {"kind": "value", "unit": "days"}, "terms": terms}
    (days, *_) = explanations_of(plain, [{"value": "4.5"}], contract=header_of("S"))
    assert str(days.formula) == "4.5\u00a0days"
    assert days.figures[0].cells == (("days", "4.5"),)
    two = [{"value": "4.5", "part": "A"}, {"value": "1", "part": "B"}]
    plain["measure"] = plain["measure"] | {"roll_up": "sum"}
    (summed, *_) = explanations_of(plain, two, contract=header_of("T"))
    assert str(summed.formula) == "4.5 + 1 = 5.5\u00a0days"


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("terms", "value", "score"),
    [
        (
            {"better": "lower", "bands": [{**BANDS[0], "at": -5}, {**BANDS[1], "at": "7.5"}, BANDS[2]]},
            "2.5",
            "50 + (7.5 − 2.5) ÷ (7.5 − (−5)) × (100 − 50) = 70, on the straight line from Fair (50 at 7.5 kWh) to Good (100 at −5 kWh).",
        ),
        (
            {"better": "inside", "bands": [{**BANDS[0], "at": [95, 105]}, {**BANDS[1], "at": [90, 110]}, BANDS[2]]},
            "91",
            "50 + (91 − 90) ÷ (95 − 90) × (100 − 50) = 60, on the straight line from Fair (50 at 90 kWh) to Good (100 at 95 kWh).",
        ),
        (
            {"better": "inside", "bands": [{**BANDS[0], "at": [95, 105]}, {**BANDS[1], "at": [90, 110]}, BANDS[2]]},
            "106.5",
            "50 + (110 − 106.5) ÷ (110 − 105) × (100 − 50) = 85, "
            "on the straight line from Fair (50 at 110 kWh) to Good (100 at 105 kWh).",
        ),
    ],
)
def test_a_score_between_two_bands_is_written_as_a_sum(terms, value, score):
    level = {"measure": {"kind": "value", "unit": "kWh"}, "terms": terms | {"scoring": "linear"}}
    (explanation, *_) = explanations_of(level, [{"value": value}])
    assert line(explanation.steps, "Score").replace("\u00a0", " ") == score
    assert explanation.figures[0].cells == (("kWh", value),)


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("relief", "figure", "notes"),
    [
        ("exclude", pair(7, 10, relieved="1"), ("1 relieved case leaves the base.",)),
        ("deem_met", pair(7, 10, relieved="1"), ("1 relieved case counts as good.",)),
        (
            "exclude",
            pair(2, 2, relieved="1"),
            ("1 relieved case leaves the base.", "Of 2 no more count than the 1 that is left."),
        ),
    ],
)
def test_one_relieved_case_is_one(relief, figure, notes):
    assert explanations_of({"terms": {"relief": relief}}, [figure])[0].figures[0].notes == notes


@pytest.mark.usefixtures("aldermoor")
def test_one_minute_is_one():
    measure = {"kind": "availability", "maintenance_allowance": 1}
    (explanation, *_) = explanations_of({"measure": measure}, [{"downtime": "5", "maintenance": "2", "relieved": "1"}])
    assert explanation.figures[0].notes == (
        "1 minute of maintenance is left out.",
        "1 minute of maintenance beyond the 1 allowed is downtime.",
        "1 relieved minute leaves the downtime and the base.",
    )


@pytest.mark.usefixtures("aldermoor")
def test_an_availability_without_minutes_says_so():
    """Where all of them are relieved, none is left to measure."""
    figure = {"downtime": "43200", "maintenance": "0", "relieved": "43200"}
    (explanation, *_) = explanations_of({"measure": {"kind": "availability"}}, [figure])
    assert line(explanation.steps, "No volume") == "There were no minutes; by the terms there is nothing to judge."


@pytest.mark.usefixtures("aldermoor")
def test_one_period_before_is_that_period():
    (explanation, *_) = explanations_of({"terms": {"rolling": 2}}, [pair(90, 100)])
    assert (
        line(explanation.steps, "Rolling")
        == "Over this period (90 ÷ 100 × 100) and the period before it, if that has figures."
    )


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize("mode", ["uptime", "downtime"])
def test_relieved_minutes_leave_downtime_and_base(mode):
    """30 of the 130 minutes of maintenance are downtime: 500 + 30 − 200 are left of it."""
    measure = {"kind": "availability", "maintenance": mode, "maintenance_allowance": 100}
    figure = {"downtime": "500", "maintenance": "130", "relieved": "200"}
    (explanation, *_) = explanations_of({"measure": measure}, [figure])
    down = " − 100" if mode == "downtime" else ""
    assert explanation.formula.written == f"(43,200 − 200 − 330{down}) ÷ (43,200 − 200) × 100"
    assert explanation.figures[0].notes == (
        f"100 minutes of maintenance count as {'down' if down else 'up'}.",
        "30 minutes of maintenance beyond the 100 allowed are downtime.",
        "200 relieved minutes leave the downtime and the base.",
    )


def test_nobody_has_decided_yet(cast, scope_of):
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        period = contracts.periods(contract, count=1)[0]
        submission = measurements.submission(contract, period.month, by=cast.vera)
        made = results.result(slas.terms(slas.service_level(contract)), period, trace={}, submission_id=submission.pk)
        assert explain(made).report.accepted == "Not accepted yet"


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th"), (23, "23rd")]
)
def test_ordinals(count, text):
    assert format_ordinal(count) == text


def test_numbers_are_cut_and_never_rounded_up_to_a_threshold():
    assert format_number(Decimal("98.9999996")) == "98.999999…"
    assert format_number(Decimal("98.50")) == "98.5"
    assert format_number(Fraction(1, 3), 2) == "0.33"
    assert format_number(Decimal(1000), 2) == "1,000"
    assert format_number(Decimal("-0.5")) == "−0.5"
