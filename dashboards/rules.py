"""Small decisions of the pages: months shown, sorting, filters."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise, takewhile

from lib.months import after
from organisations.rules import TIERS

MONTHS_SHOWN = 12
SORTS = ("score", "name", "change", "coverage", "open")
STATUSES = {"breach": "With open breaches", "late": "Figures late", "waiting": "Figures to accept"}
VIEW_STATE = ("status", "tier", "service", "q", "sort", "owner")  # parameters of the portfolio that a saved view keeps
MOST_VIEWS = 30  # of one person
VIEW_NAME = 60  # letters
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


def tiers_of(text: str) -> list[int]:
    """`1,2` of an address, in order; what is no tier is left out."""
    return [tier for tier in TIERS if str(tier) in text.split(",")]


def kept_state(given: Mapping[str, str]) -> dict[str, str]:
    """What a saved view keeps of an address: filters and order, as far as they say something."""
    return {name: str(given[name])[:80] for name in VIEW_STATE if given.get(name)}


SORT_WORDS = {
    "score": "score",
    "name": "name",
    "change": "change",
    "coverage": "weight measured",
    "open": "open breaches",
}


def describe_state(state: Mapping[str, str]) -> str:
    """Filters and order in words: "With open breaches, tier 1 and 2, Payroll, by score, the lowest first"."""
    tiers = tiers_of(state.get("tier", ""))
    name, down = sort_of(state.get("sort", ""))
    words = state.get("q", "")
    said = [
        STATUSES.get(state.get("status", ""), ""),
        f"tier {' and '.join(map(str, tiers))}" if tiers else "",
        state.get("service", ""),
        f"“{words}”" if words else "",
        {"mine": "my contracts", "all": "everybody’s contracts"}.get(state.get("owner", ""), ""),
        f"by {SORT_WORDS[name]}{', from the highest' if down else ''}",
    ]
    text = ", ".join(one for one in said if one)
    return text[:1].upper() + text[1:]
