"""Process behaviour: what a series of numbers usually varies between (XmR limits), reckoned exactly.

The limits are the mean of the values plus and minus 2.66 times the mean of the moving ranges, the distances between neighbours
(Wheeler, Understanding Variation; NHS England, Making Data Count). Fractions, because on a flat series a float's last digit would
lie outside limits that are all the same number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

Number = Decimal | Fraction | int | float

MINIMUM_VALUES = 6  # with fewer values the limits say more about chance than about the process
FACTOR = Fraction(266, 100)  # three standard deviations, estimated from ranges of two: 3 ÷ 1.128


@dataclass(frozen=True)
class ExactLimits:
    """Mean and limits of a series, in the unit of its values."""

    mean: Fraction
    lower: Fraction
    upper: Fraction


def exact_limits(values: Sequence[Number | None]) -> ExactLimits | None:
    """The limits of a series in order of time; None stands for a period without a value.

    A gap has no moving range: its neighbours are not compared. None with fewer than 6 values, or without two neighbours.
    """
    known = [Fraction(value) for value in values if value is not None]
    ranges = [abs(Fraction(b) - Fraction(a)) for a, b in pairwise(values) if a is not None and b is not None]
    if len(known) < MINIMUM_VALUES or not ranges:
        return None
    mean = sum(known, Fraction(0)) / len(known)
    reach = FACTOR * sum(ranges, Fraction(0)) / len(ranges)
    return ExactLimits(mean, mean - reach, mean + reach)
