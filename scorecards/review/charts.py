"""Charts of a document: the geometry of `lib.charts`, drawn to stand alone, in the colours of paper."""

from typing import Any

from django.template.loader import render_to_string

from scorecards.pages.levels import Level

WIDTH, HEIGHT = 520, 150
PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_HEIGHT = 34, 70, 8, 118
COLOURS = {"met": "#3d9a70", "risk": "#bd7d0c", "breach": "#c5362d", "none": "#b9bdc2"}


def spark_svg(level: Level) -> dict[str, str]:
    """The line of a row, and what it says in words."""
    drawn = level.spark(12)
    dots = [{**dot, "colour": COLOURS.get(dot["mark"], "#2b3442")} for dot in drawn["dots"]]
    svg = render_to_string("documents/spark.svg", {**drawn, "dots": dots})
    return {"svg": svg, "alt": f"{level.level.name}: {drawn['label']}"}


def trend_svg(level: Level) -> dict[str, str]:
    """A service level over twelve months against its target and minimum, and what it says in words."""
    drawn = level.trend(12) or {}
    points = [
        {**point, "cx": _x(point["x"]), "cy": _y(point["y"]) if "y" in point else None, "colour": _colour(point)}
        for point in drawn["points"]
    ]
    svg = render_to_string(
        "documents/trend.svg",
        {
            "width": WIDTH,
            "height": HEIGHT,
            "left": PLOT_LEFT,
            "right": WIDTH - PLOT_RIGHT,
            "foot": PLOT_TOP + PLOT_HEIGHT + 14,
            "points": points,
            "lines": [_polyline(line) for line in drawn["lines"]],
            "limits": [{**limit, "points": _polyline(limit["points"])} for limit in drawn["limits"]],
            "ticks": [{**tick, "y": _y(tick["y"])} for tick in drawn["ticks"]],
            "usual": [_y(limit["y"]) for limit in drawn["control_limits"] if limit["name"] != "mean"],
            "labels": [{**label, "y": _y(label["y"])} for label in drawn["labels"]],
        },
    )
    return {"svg": svg, "alt": f"{level.level.name}: {drawn['summary']}"}


def _colour(point: dict[str, Any]) -> str:
    return COLOURS.get(point.get("mark", ""), "#2b3442")


def _polyline(points: str) -> str:
    """Points in percent of the plot as points of the drawing."""
    pairs = (pair.split(",") for pair in points.split())
    return " ".join(f"{_x(x)},{_y(y)}" for x, y in pairs)


def _x(percent: Any) -> str:
    return f"{PLOT_LEFT + (WIDTH - PLOT_LEFT - PLOT_RIGHT) * float(percent) / 100:.1f}"


def _y(percent: Any) -> str:
    return f"{PLOT_TOP + PLOT_HEIGHT * float(percent) / 100:.1f}"
