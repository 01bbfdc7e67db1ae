"""How a breach is said in two lines: "P1 resolution below minimum" and
"89.1% against 95%", and on its own page "third month in a row"."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import takewhile
from typing import Any

from evaluation.rules import VALUE_PLACES
from lib.formats import active
from lib.templatetags.dates import format_day, month_name
from slas.wording import describe_span

ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SLICES = {"month": "month", "quarter": "quarter", "year": "year", "week": "week"}

Band = dict[str, Any]
Clauses = dict[str, Any]


def describe_breach(*, name: str, outcome: str, band_outcome: str | None, clauses: Clauses) -> str:
    """What a default is, in few words. `clauses` are the full terms under which it was judged."""
    if outcome == "not_measured":
        return f"{name} not reported"
    if band_outcome == "miss":
        limit = clauses["tolerated"]
        return f"{name} missed target {limit['count']} times or more in {limit['window']} periods"
    if clauses["better"] == "inside":
        return f"{name} outside its range"
    # With a tolerated band between target and default, what was missed is the minimum.
    tolerated = any(band["outcome"] == "miss" for band in clauses["bands"])
    if clauses["better"] == "lower":
        return f"{name} above {'maximum' if tolerated else 'target'}"
    return f"{name} below {'minimum' if tolerated else 'target'}"


def describe_reading(
    *, value: Decimal | None, band_outcome: str | None, clauses: Clauses, unit: str, cycle: str
) -> str:
    """The value beside what it is measured against: "89.1% against 95%", "89.1% over 3 months against 95%". Empty without a value or a
    threshold."""
    limit = _limit(clauses["bands"], ("met",) if band_outcome == "miss" else ("met", "miss"))
    if value is None or limit is None:
        return ""
    sign = "%" if unit == "percent" else f" {unit}" if unit else ""
    low, high = limit
    near = min((edge for edge in limit if edge is not None), key=lambda edge: abs(edge - value))
    against = (
        f"{format_threshold(low)}–{format_threshold(high)}"
        if low is not None and high is not None
        else format_threshold(near)
    )
    said = f"{format_beside(value, near)}{sign} {describe_span(clauses, cycle)}".rstrip()
    return f"{said} against {against}{sign}"


def _limit(bands: Iterable[Band], good: tuple[str, ...]) -> tuple[Decimal | None, Decimal | None] | None:
    """The threshold of the worst of the leading bands with a good outcome: one number and None, or the lowest and the highest."""
    leading = list(takewhile(lambda band: band["outcome"] in good, bands))
    if not leading:
        return None
    last = leading[-1]
    if last.get("low") is not None:
        return Decimal(last["low"]), Decimal(last["high"])
    return None if last.get("at") is None else (Decimal(last["at"]), None)


def format_beside(value: Decimal, limit: Decimal) -> str:
    """The value with one decimal place, or as many as it takes to show on which side of the limit it is."""
    for places in range(1, VALUE_PLACES + 1):
        shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if shown != limit and (shown < limit) == (value < limit):
            return active().number(f"{shown:,}".replace("-", "−"))
    return format_threshold(value)


def format_threshold(number: Decimal) -> str:
    """Without trailing zeros, thousands separated, a true minus."""
    text = f"{number:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return active().number(text.replace("-", "−"))


def format_period(cycle: str, starts_on: date, ends_on: date) -> str:
    """October 2026, Q3 2026, 2026; a week or a slice of another kind by its days. Slices that the term cuts keep their name."""
    if cycle == "month":
        return month_name(starts_on)
    if cycle == "quarter":
        return f"Q{(starts_on.month + 2) // 3} {starts_on.year}"
    if cycle == "year":
        return str(starts_on.year)
    return f"{format_day(starts_on)} – {format_day(ends_on)}"


def describe_streak(streak: int, cycle: str) -> str:
    """ "third month in a row"; empty for a single default."""
    if streak < 2:
        return ""
    return f"{format_ordinal_word(streak)} {SLICES.get(cycle, 'period')} in a row"


def format_ordinal_word(number: int) -> str:
    """third, 11th, 21st: in words up to ten."""
    if number < len(ORDINALS):
        return ORDINALS[number]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def format_quotation(text: str) -> str:
    """What somebody wrote, as one line in quotation marks: it is not ours. Nothing of nothing."""
    return f"“{' '.join(text.split())}”" if text.strip() else ""


def format_parts(*parts: str) -> str:
    """Parts with a middle dot between them, empty ones left out."""
    return " · ".join(part for part in parts if part)
