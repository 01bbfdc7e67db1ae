"""Bands as a picture: where they begin and end, what they score, and the line that says so."""

from decimal import Decimal

from slas.curve import curve

HIGHER = [
    {"name": "Target", "at": "95", "outcome": "met", "score": "100"},
    {"name": "Below target", "at": "90", "outcome": "miss", "score": "60"},
    {"name": "Below minimum", "outcome": "default", "score": "0"},
]


def test_higher_is_better_the_best_band_is_at_the_right_and_the_axis_ends_at_a_hundred_per_cent():
    drawn = curve(HIGHER, "higher", "percent")
    assert drawn is not None
    assert [(step.name, step.x, step.width, step.look) for step in drawn.steps] == [
        ("Below minimum", Decimal("0.00"), Decimal("33.33"), "bad"),
        ("Below target", Decimal("33.33"), Decimal("33.34"), "risk"),
        ("Target", Decimal("66.67"), Decimal("33.33"), ""),
    ]
    assert drawn.line == "0.00,75.00 33.33,75.00 33.33,33.00 66.67,33.00 66.67,5.00 100.00,5.00"
    assert [(text, threshold) for text, _, threshold in drawn.axis] == [
        ("85%", False),
        ("90%", True),
        ("95%", True),
        ("100%", False),
    ]


def test_lower_is_better_is_the_mirror_image():
    bands = [
        {"name": "Target", "at": "20", "outcome": "met", "score": "100"},
        {"name": "Slow", "at": "30", "outcome": "miss", "score": "50"},
        {"name": "Too slow", "outcome": "default", "score": "0"},
    ]
    drawn = curve(bands, "lower", "s")
    assert drawn is not None
    assert [step.name for step in drawn.steps] == ["Target", "Slow", "Too slow"]
    assert drawn.line == "0.00,5.00 33.33,5.00 33.33,40.00 66.67,40.00 66.67,75.00 100.00,75.00"


def test_inside_a_range_the_outer_bands_lie_on_both_sides():
    bands = [
        {"name": "In plan", "low": "75", "high": "85", "outcome": "met", "score": "100"},
        {"name": "Near", "low": "70", "high": "90", "outcome": "miss", "score": "60"},
        {"name": "Off", "outcome": "default", "score": "0"},
    ]
    drawn = curve(bands, "inside", "percent")
    assert drawn is not None
    assert [step.name for step in drawn.steps] == ["Off", "Near", "In plan", "Near", "Off"]
    assert sum(step.width for step in drawn.steps) == 100


def test_linear_scores_lie_on_a_slope_and_below_the_last_threshold_the_last_band_counts():
    drawn = curve(HIGHER, "higher", "percent", linear=True)
    assert drawn is not None
    assert drawn.line == "0.00,75.00 33.33,75.00 33.33,33.00 66.67,5.00 100.00,5.00"
    mirrored = curve(
        [
            {"name": "Target", "at": "20", "outcome": "met", "score": "100"},
            {"name": "Slow", "at": "30", "outcome": "miss", "score": "50"},
            {"name": "Too slow", "outcome": "default", "score": "0"},
        ],
        "lower",
        linear=True,
    )
    assert mirrored is not None
    assert mirrored.line == "100.00,75.00 66.67,75.00 66.67,40.00 33.33,5.00 0.00,5.00"


def test_past_values_lie_on_the_axis_and_widen_it():
    drawn = curve(HIGHER, "higher", "percent", past=[(Decimal("84"), "breach"), (Decimal("96"), "met")])
    assert drawn is not None
    assert [(text, look) for text, _, look in drawn.dots] == [("84%", "breach"), ("96%", "met")]
    assert all(0 <= place <= 100 for _, place, _ in drawn.dots)


def test_a_single_band_is_no_curve():
    assert curve([{"name": "All", "outcome": "met", "score": "100"}], "higher") is None


def test_one_threshold_alone_has_air_on_both_sides_and_nothing_lies_below_nothing():
    bands = [
        {"name": "None", "at": "0", "outcome": "met", "score": "100"},
        {"name": "Some", "outcome": "default", "score": "0"},
    ]
    drawn = curve(bands, "lower")
    assert drawn is not None
    assert [step.width > 0 for step in drawn.steps] == [True, True]
    full = curve(
        [
            {"name": "All", "at": "100", "outcome": "met", "score": "100"},
            {"name": "Less", "outcome": "default", "score": "0"},
        ],
        "higher",
        "percent",
    )
    assert full is not None
    assert [step.width > 0 for step in full.steps] == [True, True]
