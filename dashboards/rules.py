"""Small decisions of the pages: months shown, sorting, filters."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise, takewhile

from lib.months import after

MONTHS_SHOWN = 12
SORTS = ("score", "name", "change", "open")
STATUSES = {"breach": "With open breaches", "late": "Figures late", "waiting": "Figures to accept"}
LARGE_CHANGE = 3  # points of score from which a change is coloured


# Months ----------------------------------------------------------------------------------------------------------


def window(month: date, length: int = MONTHS_SHOWN) -> list[date]:
    """The `length` months that end with `month`, the oldest first."""
    return [after(month, back) for back in range(1 - length, 1)]


# Scores ----------------------------------------------------------------------------------------------------------


def falling(scores: Sequence[Decimal | None]) -> int:
    """For how many months in a row the last score has come down; 0 where it did not."""
    steps = [a is not None and b is not None and b < a for a, b in pairwise(scores)]
    return len(list(takewhile(bool, reversed(steps))))


# Rates of few cases ----------------------------------------------------------------------------------------------

FEW = 30  # cases under which a rate is marked
NINETEEN_IN_TWENTY = Decimal("1.96")  # standard deviations


def likely_range(part: Decimal, whole: Decimal) -> tuple[Decimal, Decimal]:
    """Where the rate lies behind `part` of `whole` cases, in percent: the interval of Wilson (1927), which holds of few cases, too."""
    z = NINETEEN_IN_TWENTY
    rate, of_all = part / whole, 1 + z * z / whole
    centre = (rate + z * z / (2 * whole)) / of_all
    half = z / of_all * (rate * (1 - rate) / whole + z * z / (4 * whole * whole)).sqrt()
    return max(centre - half, Decimal(0)) * 100, min(centre + half, Decimal(1)) * 100


# Sorting and filters ---------------------------------------------------------------------------------------------


def sort_of(text: str) -> tuple[str, bool]:
    """What to sort by and whether from the highest down, from an address (`-score`); anything unknown is the score, lowest first."""
    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in SORTS else ("score", False)


def status_of(text: str) -> str:
    return text if text in STATUSES else ""
