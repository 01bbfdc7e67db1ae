"""Points, thresholds, coordinates and scales that all charts share."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lib.templatetags.numbers import NO_VALUE, Number, number, percent

Pair = tuple[Number, Number]
Context = dict[str, Any]
Scale = Callable[[Number], float]


@dataclass(frozen=True)
class Point:
    """One period: short `label` for the axis, `value` or None, `mark` met/risk/breach/none, long `title`."""

    label: str
    value: Number | None
    mark: str = "none"
    title: str = ""
    ringed: bool = False


@dataclass(frozen=True)
class Limit:
    """A threshold over the same periods as the points, one entry each: a number, a (low, high) pair, or None.

    `kind` is target, minimum, band (a further threshold) or previous (terms no longer in force). Entries that differ
    draw a step: the terms changed there.
    """

    kind: str
    values: Sequence[Number | Pair | None]
    name: str = ""


@dataclass(frozen=True)
class Limits:
    """Process-behaviour limits of a series; any of them may be None."""

    mean: Number | None
    lower: Number | None
    upper: Number | None


def steady(value: Number | Pair | None, count: int) -> list[Number | Pair | None]:
    """A threshold that did not change over `count` periods."""
    return [value] * count


def fixed(value: float) -> str:
    """A coordinate with at most two places: 12.50 → 12.5, −0.001 → 0."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def written(value: Number | None, unit: str, places: int | None) -> str:
    """A value as charts write it: 95.3%, 19 s; – for none."""
    if value is None:
        return NO_VALUE
    if unit == "%":
        return percent(value, places)
    return f"{number(value, places)}\u00a0{unit}" if unit else number(value, places)


def flat(values: Sequence[Number | Pair | None]) -> list[float]:
    """All numbers of a threshold, both sides of pairs, without gaps."""
    out: list[float] = []
    for value in values:
        if isinstance(value, tuple):
            out += [float(value[0]), float(value[1])]
        elif value is not None:
            out.append(float(value))
    return out


def runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Unbroken stretches of places; a None breaks the line."""
    return [[p for p in group if p] for there, group in groupby(places, key=lambda p: p is not None) if there]


def polyline(places: Sequence[tuple[float, float]]) -> str:
    """The points attribute of a polyline."""
    return " ".join(f"{fixed(x)},{fixed(y)}" for x, y in places)


def step_lines(values: Sequence[Number | Pair | None], edges: Sequence[tuple[float, float]], y: Scale) -> list[str]:
    """Polylines of a threshold: level within equal terms, a step where they change, a gap where there are none.

    `edges` are the left and right end of each period; `y` turns a value into a coordinate. A pair gives two lines.
    """
    lines: list[str] = []
    for side in range(2 if any(isinstance(v, tuple) for v in values) else 1):
        one = [v[side] if isinstance(v, tuple) else v if side == 0 else None for v in values]
        for there, group in groupby(enumerate(one), key=lambda item: item[1] is not None):
            if not there:
                continue
            places: list[tuple[float, float]] = []
            for value, same in groupby(group, key=lambda item: item[1]):
                stretch = [index for index, _ in same]
                level = y(value)
                places += [(edges[stretch[0]][0], level), (edges[stretch[-1]][1], level)]
            lines.append(polyline(places))
    return lines


def summary(points: Sequence[Point], unit: str = "", places: int | None = None, dated: bool = True) -> str:
    """What a chart shows, in a sentence for people who do not see it; not `dated` where the page says which periods they are."""
    known = [p for p in points if p.value is not None]
    if not known:
        return "No data"
    first, last = known[0], known[-1]
    if len(known) == 1:
        return f"{written(first.value, unit, places)} in {first.title or first.label}"
    missing = len(points) - len(known)
    values = sorted(p.value for p in known if p.value is not None)
    low, high = written(values[0], unit, places), written(values[-1], unit, places)
    begin, end = (
        f"{written(one.value, unit, places)}{f' in {one.title or one.label}' if dated else ''}" for one in (first, last)
    )
    text = f"{len(known)} periods, from {begin} to {end}, between {low} and {high}"
    return f"{text}; {missing} without data" if missing else text


def axis(
    values: Sequence[float], bounds: tuple[float, float] | None = None, ticks: int = 5, air: float = 0.08
) -> tuple[float, float, float]:
    """Low end, high end and step of a scale of round numbers that holds `values` with some air (a share of their span).

    `bounds` are the natural ends (0 and 100 for a percentage); the air never crosses them, values may.
    A flat series gets a scale around it.
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    span = (high - low) or max(abs(high) * 0.04, 1.0)
    bottom, top = low - air * span, high + air * span
    if bounds:
        bottom, top = max(bottom, min(bounds[0], low)), min(top, max(bounds[1], high))
    raw = (top - bottom) / max(ticks - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    start, end = math.floor(bottom / step + 1e-9) * step, math.ceil(top / step - 1e-9) * step
    if bounds:
        start, end = max(start, min(bounds[0], low)), min(end, max(bounds[1], high))
    return start, end, step


def tick_values(low: float, high: float, step: float) -> list[float]:
    """The round numbers from `low` to `high`."""
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 10) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_places(step: float) -> int:
    """Decimal places that ticks of this step need."""
    return next((n for n in range(7) if abs(step * 10**n - round(step * 10**n)) < 1e-9), 6)
