"""Lines over time: the sparkline in a row and the trend with its thresholds, zones, notes and process limits."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

from lib.charts.scale import (
    Context,
    Limit,
    Limits,
    Point,
    Scale,
    axis,
    fixed,
    flat,
    polyline,
    runs,
    step_lines,
    summary,
    tick_places,
    tick_values,
    written,
)
from lib.templatetags.numbers import Number, number

TENTHS = 1  # places of a pixel in the height of a sparkline, and none in its width: a scorecard has hundreds of its coordinates
LABEL_GAP = 6.5  # percent of the height that a 12 px label needs
LIMIT_CSS = {"target": "tgt", "minimum": "min", "previous": "prev", "band": "band"}


def spark(
    points: Sequence[Point],
    limits: Sequence[Limit] = (),
    width: int = 120,
    height: int = 28,
    pad: int = 3,
    places: int | None = None,
) -> Context:
    """A sparkline in pixels: the line, its target and minimum, and dots on breaches, on lone points and on the last.

    Keys: w, h, lines (points attributes), limits ({css, points}), dots ({x, y, mark, last}), label (what is read out, with so many
    `places`).
    """
    steps = [(limit.kind, limit.values) for limit in limits if limit.kind in ("target", "minimum")]
    numbers = [float(p.value) for p in points if p.value is not None]
    every = numbers + [v for _, values in steps for v in flat(values)]
    low, high = (min(every), max(every)) if every else (0.0, 1.0)

    def x(at: float) -> float:
        return round(pad + (width - 2 * pad) * (at / (len(points) - 1) if len(points) > 1 else 0.5), 0)

    def y(value: Number) -> float:
        up = (float(value) - low) / (high - low) if high > low else 0.5
        return round(pad + (height - 2 * pad) * (1 - up), TENTHS)

    stretches = runs([(x(i), y(p.value)) if p.value is not None else None for i, p in enumerate(points)])
    lone = {stretch[0] for stretch in stretches if len(stretch) == 1}
    last = len(points) - 1
    dots = [
        {"x": fixed(x(i)), "y": fixed(y(p.value)), "mark": p.mark, "last": i == last}
        for i, p in enumerate(points)
        if p.value is not None and (i == last or p.mark == "breach" or (x(i), y(p.value)) in lone)
    ]
    edges = [(0.0 if i == 0 else x(i - 0.5), float(width) if i == last else x(i + 0.5)) for i in range(len(points))]
    return {
        "w": width,
        "h": height,
        "lines": [polyline(stretch) for stretch in stretches if len(stretch) > 1],
        "limits": [
            {"css": "tg" if kind == "target" else "mn", "points": line}
            for kind, values in steps
            for line in step_lines(values, edges, y)
        ],
        "dots": dots,
        "label": summary(points, places=places, dated=False),
    }


def trend(
    points: Sequence[Point],
    limits: Sequence[Limit] = (),
    better: str = "higher",
    unit: str = "%",
    places: int | None = 1,
    notes: Sequence[tuple[int, str]] = (),
    control_limits: Limits | None = None,
    before: Sequence[Number | None] = (),
    bounds: tuple[float, float] | None = None,
) -> Context:
    """A trend chart in percent: line, thresholds that may step, tinted zones, notes, process limits, hover targets.

    `notes` are (index of the period they begin with, text), for example "v2 in force". `before` is a second, dashed
    series. `bounds` defaults to 0–100 for a percentage. At least one point; every limit has one entry per point.
    """
    count = len(points)
    if not count or any(len(limit.values) != count for limit in limits) or (before and len(before) != count):
        raise ValueError("a trend needs at least one point, and limits and series of the same length")
    bounds = (0.0, 100.0) if bounds is None and unit == "%" else bounds
    numbers = [float(p.value) for p in points if p.value is not None] + flat(list(before))
    numbers += [v for limit in limits for v in flat(limit.values)]
    if control_limits:
        numbers += flat([control_limits.mean, control_limits.lower, control_limits.upper])
    low, high, step = axis(numbers, bounds, air=0.16 if any(p.ringed for p in points) else 0.08)

    def x(at: Number) -> float:
        return 100 * (float(at) + 0.5) / count

    def y(value: Number) -> float:
        return min(100.0, max(0.0, 100 * (high - float(value)) / (high - low)))

    of_kind = {limit.kind: limit for limit in limits}
    lines = runs([(x(i), y(p.value)) if p.value is not None else None for i, p in enumerate(points)])
    dashed = runs([(x(i), y(v)) if v is not None else None for i, v in enumerate(before)])
    edges = [(100 * i / count, 100 * (i + 1) / count) for i in range(count)]
    ticks = tick_values(low, high, step)
    return {
        "points": [_placed(points, i, unit, places, x, y) for i in range(count)],
        "lines": [polyline(stretch) for stretch in lines],
        "before": [polyline(stretch) for stretch in dashed],
        "ticks": [{"y": fixed(y(t)), "text": number(t, tick_places(step))} for t in ticks],
        "limits": [
            {"css": LIMIT_CSS.get(limit.kind, "band"), "points": line}
            for limit in limits
            for line in step_lines(limit.values, edges, y)
        ],
        "zones": zones(of_kind.get("target"), of_kind.get("minimum"), better, count, y),
        "labels": _labels(limits, control_limits, unit, y),
        "control_limits": _control_limit_lines(control_limits, y),
        "notes": [_note(at, text, count) for at, text in notes],
        "summary": summary(points, unit, places),
        "ringed": any(p.ringed for p in points),
    }


def _placed(points: Sequence[Point], at: int, unit: str, places: int | None, x: Scale, y: Scale) -> Context:
    """One period of a trend: its axis label, hover target and, where there is a value, its dot."""
    point, count = points[at], len(points)
    placed: Context = {
        "label": point.label,
        "title": point.title or point.label,
        "value": point.value,
        "x": fixed(x(at)),
        "left": fixed(100 * at / count),
        "width": fixed(100 / count),
        "last": at == count - 1,
        "odd": (count - 1 - at) % 2 == 1,
    }
    if point.value is not None:
        height = y(point.value)
        placed |= {"y": fixed(height), "mark": point.mark, "text": written(point.value, unit, places)}
        placed |= {"ringed": point.ringed, "tip": "-12" if height > 12 else "20", **label_place(points, at, height)}
    return placed


def zones(target: Limit | None, minimum: Limit | None, better: str, count: int, y: Scale) -> list[Context]:
    """Tinted rectangles: between target and minimum ("risk"), beyond the worst of them ("bad").

    Neighbouring periods with the same terms share one rectangle. `better` is higher, lower or inside.
    """
    sides = [(target.values[i] if target else None, minimum.values[i] if minimum else None) for i in range(count)]
    out: list[Context] = []
    for (goal, floor), group in groupby(range(count), key=lambda i: sides[i]):
        stretch = list(group)
        left, right = 100 * stretch[0] / count, 100 * (stretch[-1] + 1) / count
        for css, upper, lower in _tints(goal, floor, better, y):
            if lower - upper > 0.005:
                out.append(
                    {
                        "css": css,
                        "x": fixed(left),
                        "w": fixed(right - left),
                        "y": fixed(upper),
                        "h": fixed(lower - upper),
                    }
                )
    return out


def _tints(goal: Any, floor: Any, better: str, y: Scale) -> list[tuple[str, float, float]]:
    """(css, upper, lower) coordinates of the tints of one stretch of terms; 0 is the top, 100 the bottom."""
    if goal is None and floor is None:
        return []
    if better == "inside":
        worst = floor if floor is not None else goal
        tints = [("bad", y(worst[0]), 100.0), ("bad", 0.0, y(worst[1]))]
        if goal is not None and floor is not None:
            tints += [("risk", y(goal[0]), y(floor[0])), ("risk", y(floor[1]), y(goal[1]))]
        return tints
    worst = y(floor if floor is not None else goal)
    tints = [("bad", worst, 100.0)] if better == "higher" else [("bad", 0.0, worst)]
    if goal is not None and floor is not None:
        tints.append(("risk", min(y(goal), worst), max(y(goal), worst)))
    return tints


def _labels(limits: Sequence[Limit], control_limits: Limits | None, unit: str, y: Scale) -> list[Context]:
    """Labels at the right edge: the last value of every threshold and the process limits, spread apart."""
    labels: list[Context] = []
    for limit in limits:
        last = next((v for v in reversed(limit.values) if v is not None), None)
        for value in last if isinstance(last, tuple) else [last]:
            if value is not None:
                css = {"target": "lab-tgt", "minimum": "lab-min"}.get(limit.kind, "")
                labels.append({"css": css, "text": written(value, unit, None), "at": y(value), "name": limit.name})
    if control_limits:
        for name, value in (("upper limit", control_limits.upper), ("lower limit", control_limits.lower)):
            if value is not None:
                labels.append({"css": "lab-limit", "text": written(value, unit, 1), "at": y(value), "name": name})
    return spread(labels)


def spread(labels: list[Context], gap: float = LABEL_GAP) -> list[Context]:
    """Move labels at the right edge apart so that none covers another; order from top to bottom is kept."""
    ordered = sorted(labels, key=lambda label: label["at"])
    for before, label in pairwise(ordered):
        label["at"] = max(label["at"], before["at"] + gap)
    if ordered and ordered[-1]["at"] > 100:
        ordered[-1]["at"] = 100.0
        for after, label in pairwise(reversed(ordered)):
            label["at"] = min(label["at"], after["at"] - gap)
    for label in ordered:
        label["y"] = fixed(label["at"])
    return ordered


def label_place(points: Sequence[Point], at: int, height: float = 50.0) -> Context:
    """Where the label of a ringed point does not meet the line: under a low, over a high, beside a slope.

    `height` is the point's own place in percent from the top: near an edge the label stays inside the chart.
    """
    value = points[at].value
    before = points[at - 1].value if at else None
    after = points[at + 1].value if at + 1 < len(points) else None
    under, over = {"lx": 0, "ly": 25, "anchor": "middle"}, {"lx": 0, "ly": -16, "anchor": "middle"}
    if height > 92 or height < 6:
        return over if height > 92 else under
    if value is None or after is None or before is None:
        other = before if after is None else after
        return over if value is not None and other is not None and other < value else under
    if before >= value <= after:
        return under
    if before <= value >= after:
        return over
    return {"lx": 13, "ly": 16 if after > value else -8, "anchor": "start"}


def _control_limit_lines(control_limits: Limits | None, y: Scale) -> list[Context]:
    """Heights of the process limits that exist."""
    if control_limits is None:
        return []
    named = (("mean", control_limits.mean), ("lower", control_limits.lower), ("upper", control_limits.upper))
    return [{"name": name, "y": fixed(y(value))} for name, value in named if value is not None]


def _note(at: int, text: str, count: int) -> Context:
    """A dotted vertical at the beginning of a period; near the right edge its text stands on the left."""
    x = 100 * at / count
    late = x > 75
    return {"x": fixed(x), "text": text, "dx": -6 if late else 6, "anchor": "end" if late else "start"}
