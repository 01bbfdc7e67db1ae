"""Geometry of charts: what a chart may say and what it may not."""

from decimal import Decimal

import pytest

from lib.charts import (
    Limit,
    Limits,
    Point,
    bars,
    build_up,
    heat_cell,
    heat_class,
    spark,
    steady,
    summary,
    trend,
    waterfall,
)
from lib.charts.lines import label_place, spread
from lib.charts.scale import axis, fixed, tick_places, tick_values

MONTHS = "Nov Dec Jan Feb Mar Apr May Jun Jul Aug Sep Oct".split()


def series(*values: object, marks: str = "") -> list[Point]:
    """Points from numbers in words; "-" is a missing month. `marks` is one letter a point: m, r, b or n."""
    names = {"m": "met", "r": "risk", "b": "breach", "n": "none"}
    return [
        Point(MONTHS[i % 12], None if value == "-" else Decimal(str(value)), names[marks[i]] if marks else "met")
        for i, value in enumerate(values)
    ]


def places(points: str) -> list[tuple[float, float]]:
    """The pairs of a polyline's points attribute."""
    return [tuple(map(float, pair.split(","))) for pair in points.split()]


class TestScale:
    @pytest.mark.parametrize(
        ("value", "text"), [(12.5, "12.5"), (12.0, "12"), (12.344, "12.34"), (-0.001, "0"), (0.0, "0"), (100.0, "100")]
    )
    def test_coordinates_are_short(self, value, text):
        assert fixed(value) == text

    def test_axis_has_round_steps_and_holds_everything_with_air(self):
        low, high, step = axis([72.0, 80.1])
        assert (low, high, step) == (70.0, 82.5, 2.5)
        assert tick_values(low, high, step) == [70, 72.5, 75, 77.5, 80, 82.5]

    def test_axis_of_a_percentage_does_not_pass_100(self):
        low, high, _ = axis([96.0, 100.0], (0.0, 100.0))
        assert high == 100.0
        assert low < 96.0

    def test_a_value_beyond_the_natural_bounds_widens_them(self):
        low, high, _ = axis([-4.0, 104.0], (0.0, 100.0))
        assert low <= -4.0
        assert high >= 104.0

    @pytest.mark.parametrize("value", [0.0, 100.0, 99.95, -3.0, 12_000.0])
    def test_a_flat_series_gets_a_scale_around_it(self, value):
        low, high, step = axis([value, value])
        assert low < value < high
        assert step > 0

    def test_no_values_get_a_scale_too(self):
        low, high, _ = axis([])
        assert low < high

    @pytest.mark.parametrize(("step", "count"), [(1, 0), (2.5, 1), (0.02, 2), (0.005, 3), (50, 0)])
    def test_ticks_have_as_many_places_as_their_step(self, step, count):
        assert tick_places(step) == count


class TestSpark:
    def test_gap_breaks_the_line(self):
        drawn = spark(series(1, 2, "-", 3, 4))
        assert [len(places(line)) for line in drawn["lines"]] == [2, 2]

    def test_a_lone_point_between_gaps_is_a_dot(self):
        drawn = spark(series(1, 2, "-", 3, "-", 4, 5))
        assert len(drawn["lines"]) == 2
        assert "60" in {dot["x"] for dot in drawn["dots"]}

    def test_one_point_stands_in_the_middle(self):
        drawn = spark(series(7))
        assert drawn["lines"] == []
        assert drawn["dots"] == [{"x": "60", "y": "14", "mark": "met", "last": True}]

    def test_flat_series_runs_at_half_height(self):
        assert {y for _, y in places(spark(series(5, 5, 5))["lines"][0])} == {14.0}

    def test_all_missing_draws_nothing_and_says_so(self):
        drawn = spark(series("-", "-"))
        assert drawn["lines"] == drawn["dots"] == []
        assert drawn["label"] == "No data"

    def test_breaches_and_the_last_point_are_marked(self):
        drawn = spark(series(9, 3, 9, 8, marks="mbmr"))
        assert [(dot["mark"], dot["last"]) for dot in drawn["dots"]] == [("breach", False), ("risk", True)]

    def test_a_last_month_without_data_has_no_dot(self):
        assert spark(series(9, 8, "-"))["dots"] == []

    def test_thresholds_step_where_the_terms_change(self):
        (line,) = spark(series(9, 8, 7, 6), [Limit("target", [5, 5, 6, 6])])["limits"]
        assert line["css"] == "tg"
        assert len({y for _, y in places(line["points"])}) == 2
        assert [x for x, _ in places(line["points"])] == [0.0, 60.0, 60.0, 120.0]

    def test_higher_values_stand_higher(self):
        ((x1, y1), (x2, y2)) = places(spark(series(1, 2))["lines"][0])
        assert x1 < x2
        assert y1 > y2


class TestTrend:
    def test_needs_points_and_thresholds_of_the_same_length(self):
        with pytest.raises(ValueError, match="at least one point"):
            trend([])
        with pytest.raises(ValueError, match="same length"):
            trend(series(1, 2), [Limit("target", [1])])
        with pytest.raises(ValueError, match="same length"):
            trend(series(1, 2), before=[1])

    def test_exact_decimals_are_written_rounded_half_up(self):
        (point,) = trend([Point("Oct", Decimal("99.95"), "met")], places=1)["points"]
        assert point["text"] == "100.0%"

    def test_other_units_stand_after_a_space_that_does_not_break(self):
        (point,) = trend(series(19), unit="s", places=0)["points"]
        assert point["text"] == "19\u00a0s"

    def test_a_gap_is_never_joined_and_keeps_its_month(self):
        drawn = trend(series(80, "-", 78))
        assert [len(places(line)) for line in drawn["lines"]] == [1, 1]
        assert [point["label"] for point in drawn["points"]] == ["Nov", "Dec", "Jan"]
        assert "y" not in drawn["points"][1]

    def test_higher_is_better_tints_below(self):
        zones = {
            z["css"]: z for z in trend(series(79, 72), [Limit("target", [78, 78]), Limit("minimum", [74, 74])])["zones"]
        }
        below_target, below_minimum = zones["risk"], zones["bad"]
        assert float(below_target["y"]) + float(below_target["h"]) == pytest.approx(float(below_minimum["y"]), abs=0.02)
        assert float(below_minimum["y"]) + float(below_minimum["h"]) == pytest.approx(100, abs=0.02)

    def test_lower_is_better_tints_above(self):
        limits = [Limit("target", [4, 4]), Limit("minimum", [6, 6])]
        zones = {z["css"]: z for z in trend(series(3, 7), limits, better="lower", unit="")["zones"]}
        assert zones["bad"]["y"] == "0"
        assert float(zones["bad"]["h"]) == pytest.approx(float(zones["risk"]["y"]), abs=0.02)

    def test_inside_a_range_has_two_lines_and_tints_on_both_sides(self):
        limits = [Limit("target", steady((95, 105), 2)), Limit("minimum", steady((90, 110), 2))]
        drawn = trend(series(100, 88), limits, better="inside", unit="")
        assert [limit["css"] for limit in drawn["limits"]] == ["tgt", "tgt", "min", "min"]
        assert [z["css"] for z in drawn["zones"]] == ["bad", "bad", "risk", "risk"]
        assert [label["text"] for label in drawn["labels"]] == ["110", "105", "95", "90"]

    def test_terms_that_change_step_and_tint_each_stretch(self):
        drawn = trend(series(80, 80, 80, 80), [Limit("target", [70, 70, 75, 75])])
        (line,) = drawn["limits"]
        assert [x for x, _ in places(line["points"])] == [0.0, 50.0, 50.0, 100.0]
        assert [(z["x"], z["w"]) for z in drawn["zones"]] == [("0", "50"), ("50", "50")]

    def test_months_before_the_terms_have_no_line_and_no_tint(self):
        drawn = trend(series(80, 80, 80, 80), [Limit("target", [None, None, 75, 75])])
        assert [x for x, _ in places(drawn["limits"][0]["points"])] == [50.0, 100.0]
        assert [z["x"] for z in drawn["zones"]] == ["50"]

    def test_several_thresholds_are_all_drawn(self):
        limits = [
            Limit("target", [95]),
            Limit("minimum", [85]),
            Limit("band", [75], "Serious"),
            Limit("previous", [90]),
        ]
        assert [x["css"] for x in trend(series(80), limits)["limits"]] == ["tgt", "min", "band", "prev"]

    def test_without_thresholds_there_are_no_tints(self):
        drawn = trend(series(80, 81))
        assert drawn["zones"] == drawn["limits"] == drawn["labels"] == []

    def test_everything_lies_inside_the_drawing(self):
        drawn = trend(
            series(97, 12, 99, "-", 100), [Limit("target", steady(95, 5))], control_limits=Limits(60, -20, 140), unit=""
        )
        heights = [float(p["y"]) for p in drawn["points"] if "y" in p] + [
            float(x["y"]) for x in drawn["control_limits"]
        ]
        assert all(0 <= height <= 100 for height in heights)

    def test_a_value_beyond_the_bounds_is_still_on_the_chart(self):
        drawn = trend(series(101, 99))
        assert 0 <= float(drawn["points"][0]["y"]) <= 100

    def test_process_limits_are_optional_one_by_one(self):
        assert trend(series(1, 2))["control_limits"] == []
        named = [
            line["name"] for line in trend(series(1, 2), control_limits=Limits(1, None, 2), unit="")["control_limits"]
        ]
        assert named == ["mean", "upper"]

    def test_a_second_series_may_have_gaps(self):
        assert len(trend(series(1, 2, 3), before=[1, None, 2], unit="")["before"]) == 2

    def test_notes_stand_at_the_beginning_of_their_month_and_turn_at_the_edge(self):
        first, last = trend(series(*range(10)), notes=[(3, "v2 in force"), (9, "Site move")], unit="")["notes"]
        assert (first["x"], first["anchor"]) == ("30", "start")
        assert (last["x"], last["anchor"]) == ("90", "end")

    def test_the_last_month_keeps_its_label_on_a_phone(self):
        points = trend(series(1, 2, 3, 4), unit="")["points"]
        assert [p["odd"] for p in points] == [True, False, True, False]
        assert points[-1]["last"]

    def test_the_summary_says_what_is_missing(self):
        text = summary([Point("Sep", Decimal("80"), "met", "September 2026"), Point("Oct", None)], "%", 1)
        assert text == "80.0% in September 2026"
        assert summary(series(80, "-", 76, 79), "%", 1) == (
            "3 periods, from 80.0% in Nov to 79.0% in Feb, between 76.0% and 80.0%; 1 without data"
        )


class TestLabels:
    def test_close_labels_are_moved_apart_in_order(self):
        moved = spread([{"at": 50.0, "text": "a"}, {"at": 51.0, "text": "b"}, {"at": 10.0, "text": "c"}], gap=7)
        assert [label["text"] for label in moved] == ["c", "a", "b"]
        assert moved[2]["at"] - moved[1]["at"] >= 7

    def test_labels_at_the_bottom_move_up(self):
        moved = spread([{"at": 98.0}, {"at": 99.0}, {"at": 100.0}], gap=7)
        assert [label["at"] for label in moved] == [86.0, 93.0, 100.0]

    def test_none_is_fine(self):
        assert spread([]) == []

    @pytest.mark.parametrize(
        ("values", "at", "height", "anchor", "above"),
        [
            ((5, 3, 5), 1, 50, "middle", False),
            ((3, 5, 3), 1, 50, "middle", True),
            ((3, 4, 5), 1, 50, "start", False),
            ((5, 4, 3), 1, 50, "start", True),
            ((5, 3), 1, 50, "middle", False),
            ((3, 5), 1, 50, "middle", True),
            ((3, 5), 0, 50, "middle", False),
            ((5, "-"), 0, 50, "middle", False),
            ((5, 3, 5), 1, 97, "middle", True),
            ((3, 5, 3), 1, 2, "middle", False),
        ],
    )
    def test_a_label_avoids_the_line_and_the_edges(self, values, at, height, anchor, above):
        placed = label_place(series(*values), at, height)
        assert placed["anchor"] == anchor
        assert (placed["ly"] < 0) is above


class TestBars:
    def test_widths_follow_the_weights_and_fill_the_bar(self):
        parts = build_up([("A", Decimal(35), Decimal("69.4")), ("B", Decimal(30), 100), ("C", 35, 0)])
        assert sum(float(p["w"]) for p in parts) + 2 * 0.5 == pytest.approx(100, abs=0.05)
        assert float(parts[1]["filled"]) == float(parts[1]["w"])
        assert parts[2]["filled"] == "0"
        assert parts[0]["earned"] == Decimal("24.29")
        assert [p["grow"] for p in parts] == [35, 30, 35]

    def test_what_was_not_measured_is_neither_earned_nor_lost(self):
        (part,) = build_up([("A", 20, None)])
        assert (part["measured"], part["earned"], part["filled"], part["w"]) == (False, None, "0", "100")

    def test_weights_need_not_add_up_and_a_sliver_keeps_its_label(self):
        parts = build_up([("A", Decimal("0.1"), 50), ("B", Decimal("999.9"), 50)])
        assert [p["grow"] for p in parts] == [1, 100]

    @pytest.mark.parametrize("parts", [[], [("A", 0, 50)]])
    def test_no_weight_no_bar(self, parts):
        assert build_up(parts) == []

    def test_waterfall_hangs_each_bar_on_the_one_before(self):
        rows = waterfall(
            [("Pool", 400, "start", ""), ("A", 100, "minus", ""), ("Back", 50, "plus", ""), ("End", 350, "total", "")]
        )
        assert [(r["x"], r["w"], r["edge"]) for r in rows] == [
            ("0", "100", "100"),
            ("75", "25", "75"),
            ("75", "12.5", "87.5"),
            ("0", "87.5", "87.5"),
        ]
        assert [r["css"] for r in rows] == ["bar-ink", "bar-bad", "bar-met", "bar-ink"]

    def test_a_waterfall_below_zero_stays_in_the_drawing(self):
        rows = waterfall([("Pool", Decimal(100), "start", ""), ("A", Decimal(150), "minus", "")])
        assert all(float(r["x"]) >= 0 and float(r["x"]) + float(r["w"]) <= 100 for r in rows)

    def test_nothing_to_fall(self):
        assert waterfall([]) == []
        assert waterfall([("Pool", 0, "start", "")])[0]["w"] == "0"

    @pytest.mark.parametrize(
        ("share", "width"), [(0, "0"), (Decimal("84.61"), "84.61"), (100, "100"), (130, "100"), (-5, "0")]
    )
    def test_a_share_stays_in_its_track(self, share, width):
        assert bars(share) == width


class TestHeat:
    @pytest.mark.parametrize(
        ("value", "name"),
        [
            (100, "top"),
            (95, "top"),
            (Decimal("94.99"), "ok"),
            (88, "ok"),
            (80, "low"),
            (70, "poor"),
            (Decimal("69.9"), "bad"),
            (0, "bad"),
        ],
    )
    def test_bands_are_inclusive(self, value, name):
        assert heat_class(value) == name

    def test_missing_is_not_bad_and_not_zero(self):
        cell = heat_cell(None)
        assert (cell.css, cell.text, cell.note) == ("h-none", "–", "no data")

    def test_an_organisation_may_have_its_own_bands(self):
        assert heat_class(50, [(40, "top")]) == "top"
        assert heat_class(30, [(40, "top")]) == "bad"

    def test_the_same_number_has_the_same_colour(self):
        cell = heat_cell(Decimal("94.6"), note="provisional", flipped=True)
        assert (cell.css, cell.text, cell.note) == ("h-top h-flip h-open", "95", "provisional")
        assert heat_cell(Decimal("69.6")).css == heat_cell(Decimal("70.4")).css == "h-poor"
