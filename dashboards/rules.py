"""Small decisions of the pages: means of scores, sorting, filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise, takewhile

from lib.months import after

MONTHS_SHOWN = 12
SORTS = ("score", "name", "change", "open")
STATUSES = {"breach": "With open breaches", "late": "Figures late", "waiting": "Figures to accept"}
LARGE_CHANGE = 3  # points of score from which a change is coloured
ZERO = Decimal(0)


# Months ----------------------------------------------------------------------------------------------------------


def window(month: date, length: int = MONTHS_SHOWN) -> list[date]:
    """The `length` months that end with `month`, the oldest first."""
    return [after(month, back) for back in range(1 - length, 1)]


# Scores ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scored:
    """One contract's month: its score of 0–100 or None, and the charges it weighs with."""

    score: Decimal | None
    charges: Decimal
    currency: str


def mean_score(parts: Sequence[Scored]) -> Decimal | None:
    """The mean of the scores there are, weighted by the month's charges; None where there is no score.

    Charges of different currencies cannot be added, and those of 0 do not weigh: then every contract counts the same.
    """
    known = [(part.score, part.charges) for part in parts if part.score is not None]
    if not known:
        return None
    total = sum(charges for _, charges in known)
    if not by_charges(parts) or not total:
        return sum((score for score, _ in known), ZERO) / len(known)
    return sum((score * charges for score, charges in known), ZERO) / total


def change(now: Sequence[Scored], before: Sequence[Scored]) -> Decimal | None:
    """By how much the mean moved, like for like: over the contracts that have a score both times. The two are in the same order."""
    both = [(a, b) for a, b in zip(now, before, strict=True) if a.score is not None and b.score is not None]
    later, earlier = mean_score([a for a, _ in both]), mean_score([b for _, b in both])
    return None if later is None or earlier is None else later - earlier


def by_charges(parts: Sequence[Scored]) -> bool:
    """Whether charges can be the weights: one currency among the contracts that have a score."""
    return len({part.currency for part in parts if part.score is not None}) <= 1


def falling(scores: Sequence[Decimal | None]) -> int:
    """For how many months in a row the last score has come down; 0 where it did not."""
    steps = [a is not None and b is not None and b < a for a, b in pairwise(scores)]
    return len(list(takewhile(bool, reversed(steps))))


# Sorting and filters ---------------------------------------------------------------------------------------------


def sort_of(text: str) -> tuple[str, bool]:
    """What to sort by and whether from the highest down, from an address (`-score`); anything unknown is the score, lowest first."""
    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in SORTS else ("score", False)


def status_of(text: str) -> str:
    return text if text in STATUSES else ""
