"""The thresholds of terms, and with how many decimals a value is written beside them."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import takewhile
from typing import Any

from evaluation.rules import VALUE_PLACES
from lib.templatetags.numbers import NO_VALUE, format_decimal, number

Edge = Decimal | tuple[Decimal, Decimal]
SIGNS = {"higher": "≥ ", "lower": "≤ ", "inside": ""}  # before a target, by which direction is better


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


def format_measured(value: Decimal | None, edges: Iterable[Edge | None], places: int | None, unit: str) -> str:
    """A value with its unit where that is a sign, with enough places to stand on its side of each threshold."""
    if value is None:
        return NO_VALUE
    places = beside(value, edges, places)
    if unit == "%":
        return f"{format_decimal(value, places)}%"
    return format_decimal(value if places is None else round(value, places), None)


def format_edge(edge: Edge | None, sign: str, unit: str) -> str:
    """A threshold behind its sign: ≥ 95%, 75–85%; nothing where there is none."""
    if edge is None:
        return ""
    end = "%" if unit == "%" else ""
    if isinstance(edge, tuple):
        return f"{number(edge[0])}–{number(edge[1])}{end}"
    return f"{sign}{number(edge)}{end}"
