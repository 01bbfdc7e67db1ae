"""Small decisions of the pages: means of scores, thresholds, sorting, filters, and how a measured value is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, takewhile
from typing import Any

from evaluation.rules import VALUE_PLACES
from measurements.months import after

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
    """What to sort by and whether from the highest down, from an address (`-score`); anything unknown is the score, highest first."""
    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in SORTS else ("score", True)


def status_of(text: str) -> str:
    return text if text in STATUSES else ""


# Thresholds ------------------------------------------------------------------------------------------------------

Edge = Decimal | tuple[Decimal, Decimal]


def target_of(terms: Mapping[str, Any]) -> Edge | None:
    """What has to be reached to meet the level: the threshold of the last of the leading bands that are met."""
    return _edge(terms["bands"], ("met",))


def minimum_of(terms: Mapping[str, Any]) -> Edge | None:
    """Where tolerance ends: the threshold of the last leading band that is no default; None where that is the target."""
    edge = _edge(terms["bands"], ("met", "miss"))
    return None if edge == target_of(terms) else edge


def _edge(bands: Iterable[Mapping[str, Any]], good: tuple[str, ...]) -> Edge | None:
    leading = list(takewhile(lambda band: band["outcome"] in good, bands))
    if not leading:
        return None
    last = leading[-1]
    if last.get("low") is not None and last.get("high") is not None:
        return Decimal(last["low"]), Decimal(last["high"])
    return None if last.get("at") is None else Decimal(last["at"])


def sides(edge: Edge | None) -> list[Decimal]:
    """The numbers of a threshold: none, one or two."""
    if edge is None:
        return []
    return list(edge) if isinstance(edge, tuple) else [edge]


# Values ----------------------------------------------------------------------------------------------------------


def unit_of(measure: Mapping[str, Any]) -> str:
    """The sign or word behind a value: % for percent."""
    unit = measure.get("unit") or ""
    return "%" if unit == "percent" else unit


def places_of(measure: Mapping[str, Any], edges: Iterable[Edge | None]) -> int | None:
    """How many decimal places a measure's values are shown with: at least as many as its thresholds have.

    Percentages have one or more. None (as many as matter) for what has no threshold.
    """
    written = [side.normalize().as_tuple().exponent for edge in edges for side in sides(edge)]
    needed = max([-int(exponent) for exponent in written if isinstance(exponent, int)], default=None)
    if unit_of(measure) == "%":
        return max(1, needed or 0)
    if measure.get("kind") == "count":
        return 0
    return None if needed is None else max(needed, 1)


def beside(value: Decimal, edges: Iterable[Edge | None], places: int | None) -> int | None:
    """Places with which a value still stands on its own side of each threshold: 94.96 against 95 is not shown as 95.0."""
    if places is None:
        return None
    near = [side for edge in edges for side in sides(edge)]
    for more in range(places, VALUE_PLACES + 1):
        shown = value.quantize(Decimal(1).scaleb(-more), ROUND_HALF_UP)
        if all((shown < side) == (value < side) and (shown > side) == (value > side) for side in near):
            return more
    return None
