"""Signal or noise: whether a trend says something, or only varies as it always does.

Process-behaviour limits and the three usual signals, with the direction that is good for the service level. docs/signals.md says what
they mean. The limits look at the process alone: targets, and changes of terms, neither set nor reset them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from explanations.words import format_number, format_unit
from lib.charts import Limits
from lib.control_limits import MINIMUM_VALUES, ExactLimits, Number, exact_limits

LONG_SHIFT = 8  # values in a row on one side of the mean
LONG_RUN = 6  # values in a row, each above (or each below) the one before it

Value = Number | None
Target = Number | tuple[Number, Number]
Better = str  # higher, lower, inside
Place = tuple[int, int]  # where a value stands in the series, and the value as a whole number


@dataclass(frozen=True)
class Signal:
    """Something that chance alone would hardly do.

    `kind`: outside (one value beyond the limits), shift (eight on one side of the mean), run (six rising or falling). `verdict`:
    improving, worsening, or changed where it is neither better nor worse. `first` and `last` are places in the series.
    """

    kind: str
    verdict: str
    first: int
    last: int
    sentence: str


@dataclass(frozen=True)
class Assurance:
    """What to expect of the process as it is: `kind` is always, never or by_chance that the target is reached."""

    kind: str
    sentence: str


Bounds = tuple[int | None, int | None]  # the lowest and the highest value that there can be


def bounds_of(measure: Mapping[str, Any], values: Sequence[Value]) -> Bounds:
    """What values of a measure can be: shares and availabilities 0 to 100; counts and rates not below 0, nor other numbers of
    which none ever was."""
    percent = measure["kind"] == "ratio" and measure.get("unit") == "percent"
    if percent or measure["kind"] == "availability":
        return 0, 100
    natural = measure["kind"] in ("ratio", "count") or all(value is None or value >= 0 for value in values)
    return (0 if natural else None), None


def limits(values: Sequence[Value]) -> Limits | None:
    """Mean and limits of a series, as charts take them; None with fewer than 6 values.

    They are floats: they are drawn and read, while signals are found with exact numbers, and no money hangs on either.
    """
    exact = exact_limits(values)
    return Limits(float(exact.mean), float(exact.lower), float(exact.upper)) if exact else None


def signals(
    values: Sequence[Value],
    better: Better,
    target: Target | None = None,
    *,
    labels: Sequence[str] = (),
    unit: str = "",
    bounds: Bounds = (None, None),
    only_current: bool = False,
) -> list[Signal]:
    """The signals of a series in order of time, by the place of their last value; none with fewer than 6 values.

    `only_current`: those that reach the last value alone, what is going on now and not what once was.

    `better` is higher, lower or inside; with inside `target` is the (low, high) that values should lie in. `labels` name the periods.
    `bounds` cut the limits that
    sentences name. Equal neighbours do not rise, a value on the mean is on neither side, and a gap ends a run but not a shift.
    """
    exact = exact_limits(values)
    if exact is None:
        return []
    last = max(at for at, value in enumerate(values) if value is not None) if only_current else None
    trend = _Trend(exact, better, target, labels, unit, bounds, last)
    return sorted([*_outside(trend), *_shifts(trend), *_runs(trend)], key=lambda found: (found.last, found.first))


def assurance(
    values: Sequence[Value],
    better: Better,
    target: Target | None,
    *,
    unit: str = "",
    bounds: Bounds = (None, None),
) -> Assurance | None:
    """Whether the process, left as it is, reaches its target always, never or by chance. None without limits or target."""
    exact = exact_limits(values)
    if exact is None or target is None:
        return None
    low, high = _wanted(better, target)
    inside = (low is None or exact.lower >= low) and (high is None or exact.upper <= high)
    beyond = (low is not None and exact.upper < low) or (high is not None and exact.lower > high)
    lower, upper = _cut(exact, bounds)
    between = f"As it is, it varies between {_said(lower, unit)} and {_said(upper, unit)}"
    if inside:
        return Assurance("always", f"{between} and reaches the target.")
    if beyond:
        return Assurance("never", f"{between} and cannot reach the target unless something changes.")
    return Assurance("by_chance", f"{between}: some periods reach the target, others do not.")


# The three signals -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trend:
    """A series with all that sentences and verdicts need. Its values are compared as whole numbers."""

    limits: ExactLimits
    better: Better
    target: Target | None
    labels: Sequence[str]
    unit: str
    bounds: Bounds
    only_at: int | None  # where a signal has to end to be of interest

    def stretches(self, known: list[Place], goes_on: Callable[[Place, Place], bool]) -> Iterator[list[Place]]:
        """The stretches in which each value goes on from the one before it: all, or the one that reaches the value asked for."""
        return _stretches(known, goes_on) if self.only_at is None else iter([_last_stretch(known, goes_on)])

    @property
    def values(self) -> list[int | None]:
        return self.limits.whole.values

    def exact(self, value: int) -> Fraction:
        """A value, or the mean of some, in the unit of the series."""
        return Fraction(value, self.limits.whole.unit)

    def label(self, at: int) -> str:
        return self.labels[at] if at < len(self.labels) else f"period {at + 1}"

    def verdict(self, before: Fraction, after: Fraction) -> str:
        """Which way it is from one level to another: nearer to what is wanted, or further away."""
        gap = self._distance(before) - self._distance(after)
        return "improving" if gap > 0 else "worsening" if gap < 0 else "changed"

    def _distance(self, value: Fraction) -> Fraction:
        if self.better == "higher":
            return -value
        if self.better == "lower":
            return value
        low, high = _wanted(self.better, self.target)
        under = Fraction(0) if low is None else low - value
        over = Fraction(0) if high is None else value - high
        return max(under, over, Fraction(0))


def _outside(trend: _Trend) -> Iterator[Signal]:
    bounds = trend.limits.whole
    places = range(len(trend.values)) if trend.only_at is None else (trend.only_at,)
    for at in places:
        value = trend.values[at]
        if value is not None and not bounds.lower <= value <= bounds.upper:
            lower, upper = _cut(trend.limits, trend.bounds)
            between = f"{_said(lower, trend.unit)} to {_said(upper, trend.unit)}"
            where, exact = "above" if value > bounds.upper else "below", trend.exact(value)
            verdict = trend.verdict(trend.limits.mean, exact)
            usual = f"is unusually {UNUSUAL[where]} (usual range {between}){ENDS[verdict]}"
            sentence = f"{_said(exact, trend.unit)} in {trend.label(at)} {usual}"
            yield Signal("outside", verdict, at, at, sentence)


ENDS = {"improving": ": better than usual.", "worsening": ": worse than usual.", "changed": "."}
UNUSUAL = {"above": "high", "below": "low"}
TURNS = {"improving": "getting better", "worsening": "getting worse", "changed": "an unusual change"}


def _shifts(trend: _Trend) -> Iterator[Signal]:
    mean = trend.limits.whole.mean
    known = [(at, value) for at, value in enumerate(trend.values) if value is not None]

    def goes_on(before: tuple[int, int], after: tuple[int, int]) -> bool:
        return _side(after[1] - mean) == _side(before[1] - mean) != 0

    for stretch in trend.stretches(known, goes_on):
        if len(stretch) >= LONG_SHIFT:
            level = trend.exact(sum(value for _, value in stretch)) / len(stretch)
            verdict = trend.verdict(trend.limits.mean, level)
            where = "above" if level > trend.limits.mean else "below"
            first, last = stretch[0][0], stretch[-1][0]
            sentence = (
                f"{len(stretch)} values in a row, {trend.label(first)} to {trend.label(last)}, lie {where} "
                f"the mean of {_said(trend.limits.mean, trend.unit)}: {TURNS[verdict]}."
            )
            yield Signal("shift", verdict, first, last, sentence)


def _runs(trend: _Trend) -> Iterator[Signal]:
    known = [(at, value) for at, value in enumerate(trend.values) if value is not None]
    for way, word in ((1, "Rising"), (-1, "Falling")):

        def goes_on(before: tuple[int, int], after: tuple[int, int], way: int = way) -> bool:
            return after[0] == before[0] + 1 and _side(after[1] - before[1]) == way

        for stretch in trend.stretches(known, goes_on):
            if len(stretch) >= LONG_RUN:
                first, last = stretch[0][0], stretch[-1][0]
                begun, ended = trend.exact(stretch[0][1]), trend.exact(stretch[-1][1])
                verdict = trend.verdict(begun, ended)
                sentence = (
                    f"{word} for {len(stretch)} values in a row, from {_said(begun, trend.unit)} in {trend.label(first)} "
                    f"to {_said(ended, trend.unit)} in {trend.label(last)}: {TURNS[verdict]}."
                )
                yield Signal("run", verdict, first, last, sentence)


def _last_stretch(known: list[Place], goes_on: Callable[[Place, Place], bool]) -> list[Place]:
    """The one that ends with the last value."""
    first = len(known) - 1
    while first and goes_on(known[first - 1], known[first]):
        first -= 1
    return known[first:]


def _stretches(known: list[Place], goes_on: Callable[[Place, Place], bool]) -> Iterator[list[Place]]:
    """The longest stretches in which each value goes on from the one before it."""
    stretch: list[Place] = []
    for place in known:
        if stretch and not goes_on(stretch[-1], place):
            yield stretch
            stretch = []
        stretch.append(place)
    yield stretch


def _cut(exact: ExactLimits, bounds: Bounds) -> tuple[Fraction, Fraction]:
    """The limits without what lies where no value can be."""
    low, high = bounds
    lower = exact.lower if low is None else max(exact.lower, Fraction(low))
    return lower, exact.upper if high is None else min(exact.upper, Fraction(high))


def _side(distance: int) -> int:
    return (distance > 0) - (distance < 0)


def _wanted(better: Better, target: Target | None) -> tuple[Fraction | None, Fraction | None]:
    """The lowest and the highest value that reach the target; None where there is no such end."""
    if target is None:
        return None, None
    if isinstance(target, tuple):
        return Fraction(target[0]), Fraction(target[1])
    return (None, Fraction(target)) if better == "lower" else (Fraction(target), None)


def _said(value: Fraction, unit: str) -> str:
    """To two places, which is as exact as limits are."""
    return format_number(value, 2) + format_unit(unit)


__all__ = ["MINIMUM_VALUES", "Assurance", "Signal", "assurance", "bounds_of", "limits", "signals"]
