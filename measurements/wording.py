"""Figures, units and states of reporting as people read them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from lib.templatetags.numbers import format_decimal
from measurements.models import Figure, Step
from measurements.rules import StepKind

# (look, shape, word) of what can be said of a slot or a submission.
STATES: dict[str, tuple[str, str, str]] = {
    "late": ("late", "late", "Late"),
    "returned": ("risk", "risk", "Returned"),
    "submitted": ("info", "info", "Waiting for a decision"),
    "due": ("none", "pending", "Due"),
    "draft": ("none", "pending", "Draft"),
    "not_due": ("none", "exempt", "Not due yet"),
    "accepted": ("met", "met", "Accepted"),
    "superseded": ("lock", "lock", "Superseded"),
}
EVERY = {"month": "monthly", "quarter": "quarterly", "year": "yearly", "week": "weekly", "custom": "periods of its own"}


def format_sign(unit: str) -> str:
    """What stands behind a number: % for percent, else the unit as the contract calls it."""
    return "%" if unit == "percent" else unit


def describe_cycle(cycle: str) -> str:
    return EVERY.get(cycle.partition(":")[0], cycle)


def format_figure(number: Decimal | None) -> str:
    return "–" if number is None else format_decimal(number, None)


def describe_figure(measure: dict[str, Any], figure: Figure) -> str:
    """What was reported: "98 of 100", "42 min down, 120 min maintenance", "17"."""
    kind = measure["kind"]
    if kind == "ratio":
        text = f"{format_figure(figure.numerator)} of {format_figure(figure.denominator)}"
    elif kind == "availability":
        text = f"{format_figure(figure.downtime)} min down"
        if figure.maintenance:
            text += f", {format_figure(figure.maintenance)} min maintenance"
    else:
        unit = format_sign(measure.get("unit") or "")
        text = format_figure(figure.value) + ("%" if unit == "%" else f" {unit}" if unit else "")
    return f"{text}, {format_figure(figure.relieved)} relieved" if figure.relieved else text


def quotient(measure: dict[str, Any], figures: Sequence[Figure]) -> Decimal | None:
    """The plain ratio of what was reported, for the eye: before relief, rounding and everything else that judgement does.

    None for other measures, for a mean over parts, and where the denominator is 0.
    """
    if measure["kind"] != "ratio" or not figures or (measure.get("roll_up") == "mean" and len(figures) > 1):
        return None
    above, below = (_total(figures, name) for name in ("numerator", "denominator"))
    if above is None or not below:
        return None
    return above / below * Decimal(measure["scale"])


def describe_sum(measure: dict[str, Any], figures: Sequence[Figure]) -> str:
    """What several parts come to, where a sum means something: "62 min down over 5 parts"; else how many there are."""
    parts = f"{len(figures)} parts"
    if measure["kind"] == "ratio" and measure.get("roll_up", "sum") == "sum":
        return f"{format_figure(_total(figures, 'numerator'))} of {format_figure(_total(figures, 'denominator'))} over {parts}"
    if measure["kind"] == "availability":
        return f"{format_figure(_total(figures, 'downtime'))} min down over {parts}"
    return f"{format_figure(_total(figures, 'value'))} over {parts}" if measure["kind"] == "count" else parts


def format_lowered(text: str) -> str:
    """The first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _total(figures: Iterable[Figure], name: str) -> Decimal | None:
    given = [getattr(figure, name) for figure in figures]
    return None if any(number is None for number in given) else sum(given, Decimal(0))


def describe_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Each time it was submitted, returned, withdrawn or accepted, in words."""
    return [
        {
            "who": step.by_name,
            "what": describe_step(step.kind, step.by_name, step.reason, step.submission.revision),
            "at": step.at,
        }
        for step in steps
    ]


def describe_step(kind: str, by_name: str, reason: str, revision: int) -> str:
    """ "Figures submitted by Vera", "Figures, revision 2, returned by Marco: the total is missing" """
    which = "Figures" if revision == 1 else f"Figures, revision {revision},"
    by = f" by {by_name}" if by_name else ""
    said = f"{which} {StepKind(kind).label.lower()}{by}"
    return f"{said}: {reason}" if reason else said
