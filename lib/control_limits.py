"""Process behaviour: what a series of numbers usually varies between (XmR limits), worked out exactly.

The limits are the mean of the values plus and minus 2.66 times the mean of the moving ranges, the distances between neighbours
(Wheeler, Understanding Variation; NHS England, Making Data Count). Exact, because on a flat series a float's last digit would
lie outside limits that are all the same number; and in whole numbers, because a scorecard has twenty series.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm

Number = Decimal | Fraction | int | float

MINIMUM_VALUES = 6  # with fewer values the limits say more about chance than about the process
FACTOR = Fraction(266, 100)  # three standard deviations, estimated from ranges of two: 3 ÷ 1.128


@dataclass(frozen=True)
class Whole:
    """A series and its limits as whole numbers: each is so many `unit`-ths."""

    values: list[int | None]
    mean: int
    lower: int
    upper: int
    unit: int


@dataclass(frozen=True)
class ExactLimits:
    """Mean and limits of a series, in the unit of its values."""

    mean: Fraction
    lower: Fraction
    upper: Fraction
    whole: Whole


def exact_limits(values: Sequence[Number | None]) -> ExactLimits | None:
    """The limits of a series in order of time; None stands for a period without a value.

    A gap has no moving range: its neighbours are not compared. None with fewer than 6 values, or without two neighbours.
    """
    return _limits(tuple(values))


@lru_cache(4096)  # a series is looked at by many, and on several pages; a value that changes makes another one
def _limits(values: tuple[Number | None, ...]) -> ExactLimits | None:
    ratios = [None if value is None else value.as_integer_ratio() for value in values]
    common = lcm(*(ratio[1] for ratio in ratios if ratio))
    scaled = [None if ratio is None else ratio[0] * (common // ratio[1]) for ratio in ratios]
    known = [value for value in scaled if value is not None]
    ranges = [abs(b - a) for a, b in pairwise(scaled) if a is not None and b is not None]
    if len(known) < MINIMUM_VALUES or not ranges:
        return None
    # One unit in which the values, their mean and the reach of the limits are all whole.
    finer = len(known) * len(ranges) * FACTOR.denominator
    mean = sum(known) * len(ranges) * FACTOR.denominator
    reach = FACTOR.numerator * sum(ranges) * len(known)
    fine = [None if value is None else value * finer for value in scaled]
    whole = Whole(fine, mean, mean - reach, mean + reach, common * finer)
    mean_, lower, upper = (Fraction(one, whole.unit) for one in (whole.mean, whole.lower, whole.upper))
    return ExactLimits(mean_, lower, upper, whole)
