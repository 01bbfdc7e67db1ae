"""What is left of the running period: how many more failures, or minutes, until the next band.

Pure: the terms and the measure in their full form, and the two sides so far (explanations/ratio_parts.py). The steps of the judgement that
decide a band are followed exactly: rolling sums, rounding, inclusive thresholds, the low-volume allowance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from explanations.ratio_parts import RatioParts
from explanations.words import format_number

NOTHING = RatioParts(Decimal(0), Decimal(0))
MOST = 10**15  # more failures than any figure can report


@dataclass(frozen=True)
class HeadroomStep:
    """One step down the bands: with `fails_at` more failing cases (or minutes) `band` is lost and `then` is reached.

    `more` still fit, so `fails_at` is one more. Where the rest of the period cannot lose the band, `more`, `fails_at` and `then` are
    None. `unit` is cases or minutes.
    """

    band: str
    then: str | None
    more: int | None
    fails_at: int | None
    unit: str
    sentence: str


def headroom_steps(
    terms: dict[str, Any],
    measure: dict[str, Any],
    so_far: RatioParts,
    *,
    expected: Decimal | None = None,
    carried: RatioParts = NOTHING,
) -> tuple[HeadroomStep, ...]:
    """The steps down from the band that is still possible, the next one first.

    `so_far` are the period's own sides after exclusions; `carried` the sums of the periods before it that a rolling value looks back
    on. `expected`: the cases that the whole period will have; the rest is taken to be good. Without it only failing cases are added.
    For availability the base is the whole period's minutes, and `expected` is not used.

    Empty where nothing can be said: other measures, means of parts, a range to stay inside, no cases yet, a volume below the minimum.
    """
    if not _can_be_said(terms, measure):
        return ()
    period = _Period.of(terms, measure, so_far, expected, carried)
    if period.denominator(0) <= 0 or period.denominator(0) < Fraction(terms.get("minimum_volume") or 0):
        return ()
    found: list[HeadroomStep] = []
    bands, at = terms["bands"], 0
    while True:
        here = period.band(at)
        more = _most(partial(_keeps, period, here), at, period.left)
        if more is None:
            if not found:
                name = bands[here]["name"]
                found.append(
                    HeadroomStep(name, None, None, None, period.unit, f"{name} can no longer be lost in this period.")
                )
            return tuple(found)
        at = more + 1
        names = bands[here]["name"], bands[period.band(at)]["name"]
        found.append(HeadroomStep(*names, more, at, period.unit, period.sentence(at, *names)))


def _keeps(period: "_Period", band: int, failures: int) -> bool:
    return period.band(failures) <= band


def _can_be_said(terms: dict[str, Any], measure: dict[str, Any]) -> bool:
    share = measure["kind"] == "ratio" and measure["unit"] == "percent"
    failing = share or (measure["kind"] == "availability" and terms["better"] == "higher")
    return failing and terms["better"] != "inside" and measure["roll_up"] == "sum" and len(terms["bands"]) > 1


def _most(holds: Callable[[int], bool], known: int, end: int | None) -> int | None:
    """The largest number from `known` on for which it holds; None where it holds up to the end. It holds for `known`, and where it
    fails for a number it fails for all above."""
    fails = MOST if end is None else end
    if fails <= known or holds(fails):
        return None
    while fails - known > 1:
        middle = (known + fails) // 2
        known, fails = (middle, fails) if holds(middle) else (known, middle)
    return known


@dataclass(frozen=True)
class _Period:
    """The period as it would end with so many more failures."""

    terms: dict[str, Any]
    better: str
    scale: Fraction
    minutes: bool
    so_far: RatioParts
    volume: Fraction | None  # cases that the period will have, where that is known
    carried: RatioParts
    counted: str

    @classmethod
    def of(
        cls,
        terms: dict[str, Any],
        measure: dict[str, Any],
        so_far: RatioParts,
        expected: Decimal | None,
        carried: RatioParts,
    ) -> "_Period":
        minutes = measure["kind"] == "availability"
        volume = None if expected is None or minutes else max(Fraction(expected), Fraction(so_far.denominator))
        scale = Fraction(100 if minutes else measure["scale"])
        return cls(terms, terms["better"], scale, minutes, so_far, volume, carried, measure["of"] or "")

    @property
    def unit(self) -> str:
        return "minutes" if self.minutes else "cases"

    @property
    def left(self) -> int | None:
        """How many more failures there can be at most; None where that is not known."""
        if self.minutes:
            return max(int(self.so_far.numerator), 0)
        return None if self.volume is None else int(self.volume - Fraction(self.so_far.denominator))

    def denominator(self, failures: int) -> Fraction:
        """The rolled base: cases, or minutes."""
        own = Fraction(self.so_far.denominator)
        if not self.minutes:
            own = own + failures if self.volume is None else self.volume
        return own + Fraction(self.carried.denominator)

    def numerator(self, failures: int) -> Fraction:
        """The rolled numerator, which counts the failing cases where lower is better."""
        own = Fraction(self.so_far.numerator)
        if self.minutes:
            own -= failures
        elif self.better == "lower":
            own += failures
        elif self.volume is not None:
            own += self.volume - Fraction(self.so_far.denominator) - failures
        return own + Fraction(self.carried.numerator)

    def band(self, failures: int) -> int:
        """The place of the band that is reached, 0 for the best."""
        good, base = self.numerator(failures), self.denominator(failures)
        if self._lifted(good, base):
            return 0
        value = rounded(good * self.scale / base, self.terms.get("rounding"))
        bands = self.terms["bands"]
        for at, band in enumerate(bands[:-1]):
            if value <= Fraction(band["at"]) if self.better == "lower" else value >= Fraction(band["at"]):
                return at
        return len(bands) - 1

    def _lifted(self, good: Fraction, base: Fraction) -> bool:
        """Whether the low-volume allowance gives the first band."""
        if self.minutes or not self.terms.get("allowance") or self.scale != 100:
            return False
        at = Fraction(self.terms["bands"][0]["at"])
        share, failing = (at, good) if self.better == "lower" else (100 - at, base - good)
        return failing <= max(1, base * share // 100)

    def sentence(self, failures: int, band: str, then: str) -> str:
        """ "7 more cases that miss it, and the result falls from Target to Minor." """
        many, one = format_number(failures), failures == 1
        if self.minutes:
            what = "minute of downtime" if one else "minutes of downtime"
        elif self.better == "lower":
            what = f"{'case' if one else 'cases'} of “{self.counted}”"
        else:
            what = "case that misses it" if one else "cases that miss it"
        return f"{many} more {what}, and the result falls from {band} to {then}."


def rounded(value: Fraction, rounding: dict[str, Any] | None) -> Fraction:
    """A value as the terms round it before it is compared; half up is away from zero."""
    if rounding is None:
        return value
    ten = 10 ** int(rounding["places"])
    sign = -1 if value < 0 else 1
    half = Fraction(1, 2) if rounding["mode"] == "half_up" else 0
    return Fraction(sign * ((abs(value) * ten + half) // 1), ten)
