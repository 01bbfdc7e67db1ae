"""The picture of a service level's bands: which score a value earns, placed in per cent of a drawing. Pure.

Bands are those of full terms or of a contract file: best first, `at` inclusive, the last takes what is left.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from lib.templatetags.numbers import number

TOP, BOTTOM = Decimal(5), Decimal(75)  # where score 100 and score 0 are drawn
DOTS = Decimal(89)  # the line below, on which past values lie
Span = tuple[Decimal, Decimal]


class Step(NamedTuple):
    """One band along the axis. Places and widths in per cent; `look` tints it: "" met, "risk" a tolerated miss, "bad" a breach."""

    name: str
    x: Decimal
    width: Decimal
    middle: Decimal
    y: Decimal
    look: str


class Curve(NamedTuple):
    """What the template draws."""

    steps: list[Step]
    line: str
    axis: list[tuple[str, Decimal, bool]]  # text, place, whether it is a threshold
    scores: list[tuple[int, Decimal]]
    dots: list[tuple[str, Decimal, str]]  # text, place, look


LOOKS = {"met": "", "miss": "risk", "default": "bad"}


def curve(
    bands: Sequence[dict[str, Any]],
    better: str,
    unit: str = "",
    *,
    linear: bool = False,
    past: Iterable[tuple[Decimal, str]] = (),
) -> Curve | None:
    """The bands as a curve, with past values (value, look) as dots below. None where one band takes everything: nothing to see."""
    thresholds = sorted({value for band in bands for value in _edges(band)})
    if not thresholds:
        return None
    past = list(past)
    low, high = _domain(thresholds, [value for value, _ in past], unit)
    sign = "%" if unit == "percent" else f" {unit}" if unit else ""

    def place(value: Decimal) -> Decimal:
        return _round((min(max(value, low), high) - low) / (high - low) * 100)

    steps = []
    for band, (left, right) in _spans(bands, better, low, high):
        x, end, y = place(left), place(right), _height(band["score"])
        steps.append(Step(band["name"], x, end - x, (x + end) / 2, y, LOOKS[band["outcome"]]))
    steps.sort(key=lambda step: step.x)
    points = _slopes(steps, better) if linear and better != "inside" else _stairs(steps)
    ends = [] if low in thresholds else [low], [] if high in thresholds else [high]
    axis = [
        (f"{number(value)}{sign}", place(value), value in thresholds) for value in (*ends[0], *thresholds, *ends[1])
    ]
    return Curve(
        steps,
        " ".join(f"{x},{y}" for x, y in points),
        axis,
        [(score, _height(score)) for score in (100, 75, 50, 25, 0)],
        [(f"{number(value)}{sign}", place(value), look) for value, look in past],
    )


def _edges(band: dict[str, Any]) -> list[Decimal]:
    """The thresholds of one band, of full terms (`low`, `high`) or as written (`at`, one or a pair)."""
    if band.get("low") is not None:
        return [Decimal(band["low"]), Decimal(band["high"])]
    at = band.get("at")
    if at is None:
        return []
    return [Decimal(str(one)) for one in (at if isinstance(at, list | tuple) else [at])]


def _domain(thresholds: list[Decimal], past: list[Decimal], unit: str) -> Span:
    """The ends of the axis: the thresholds with some air on both sides, no per cent above 100 and nothing below 0 that need not be."""
    low, high = min(thresholds + past), max(thresholds + past)
    air = high - low or max(abs(high) / 10, Decimal(1))
    start, end = low - air, high + air
    if unit == "percent" and high <= 100:
        end = min(end, Decimal(100)) if high < 100 else high + air / 5
    if low >= 0:
        start = max(start, Decimal(0))
    if start == low:
        start = low - (end - low) / 10
    return start, end


def _spans(
    bands: Sequence[dict[str, Any]], better: str, low: Decimal, high: Decimal
) -> Iterable[tuple[dict[str, Any], Span]]:
    """Each band with the stretches of the axis that it takes."""
    if better == "inside":
        inner: Span | None = None
        for band in bands:
            left, right = _edges(band) or (low, high)
            if inner is None:
                yield band, (left, right)
            else:
                yield band, (left, inner[0])
                yield band, (inner[1], right)
            inner = left, right
        return
    before = high if better == "higher" else low
    for band in bands:
        at = (_edges(band) or [low if better == "higher" else high])[0]
        yield band, (at, before) if better == "higher" else (before, at)
        before = at


def _stairs(steps: list[Step]) -> list[tuple[Decimal, Decimal]]:
    return [point for step in steps for point in ((step.x, step.y), (step.x + step.width, step.y))]


def _slopes(steps: list[Step], better: str) -> list[tuple[Decimal, Decimal]]:
    """Linear scoring: straight between the bands' thresholds, flat above the first, the last band's score below the last one."""
    ordered = steps if better == "higher" else [*reversed(steps)]
    ahead = [(step.x if better == "higher" else step.x + step.width, step.y) for step in ordered[1:]]
    last, best = ordered[0], ordered[-1]
    far = (last.x, last.x + last.width) if better == "higher" else (last.x + last.width, last.x)
    end = (best.x + best.width if better == "higher" else best.x, best.y)
    return [(far[0], last.y), (far[1], last.y), *ahead, end]


def _height(score: Any) -> Decimal:
    """Score 0 to 100 as a height of the drawing; above 100 it is drawn as 100."""
    share = min(max(Decimal(str(score)), Decimal(0)), Decimal(100)) / 100
    return _round(BOTTOM - (BOTTOM - TOP) * share)


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
