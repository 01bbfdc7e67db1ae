"""Steps 2 to 6 of an explanation: figures, who gave and accepted them, exclusions, the formula with the numbers in it, rounding."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from evaluation.models import Result
from explanations.parts import ExplanationLine, FigureRow, Formula, Report
from explanations.rows import Rows
from explanations.sides import WorkedRatio, write_out
from explanations.words import WIDE, format_count, format_number, format_stated, format_value
from lib.templatetags.dates import format_moment

THIRDS = Decimal(1).scaleb(-54)


def report(rows: Rows) -> Report | None:
    """Who gave the figures and who accepted them; None where there are none."""
    given = rows.submission
    if given is None:
        return None
    source = f" by file {given.source}" if given.source else ""
    return Report(
        revision=given.revision,
        given=_act("Given", given.submitted_by_name, given.submitted_at, source),
        accepted=_act("Accepted", given.decided_by_name, given.decided_at),
        reason=given.reason if given.revision > 1 else "",
    )


def _act(verb: str, name: str, at: datetime | None, how: str = "") -> str:
    if at is None:
        return f"Not {verb.lower()} yet"
    return f"{verb}{how} by {name or 'the system'} on {moment(at)}"


def moment(at: datetime) -> str:
    """7 May 2024, 09:00 BST, in the reader's time zone."""
    return format_moment(at, weekday=False)


def parts(rows: Rows) -> list[tuple[dict[str, Any], WorkedRatio]]:
    """The reported figures of the slot, each with its two sides written out."""
    result = rows.result
    measure, terms = result.service_level.measure, result.terms.full
    minutes = minutes_of(result)
    figures = rows.trace.get("figures", [])
    return [
        (figure, write_out(measure, terms, figure, minutes, rows.sides[figure.get("part", "")])) for figure in figures
    ]


def minutes_of(result: Result) -> int:
    """The minutes of the period that count for an availability."""
    by_calendar = result.service_level.measure.get("hours") == "calendar"
    return result.period.working_minutes if by_calendar else result.period.minutes


def figure_rows(rows: Rows, written: Sequence[tuple[dict[str, Any], WorkedRatio]]) -> tuple[FigureRow, ...]:
    """What was reported, part by part, and what of it was left out."""
    measure = rows.result.service_level.measure
    names = {
        "numerator": measure.get("of") or "Numerator",
        "denominator": measure.get("among") or "Denominator",
        "value": measure["unit"] or "Value",
        "downtime": "Minutes of downtime",
        "maintenance": "Minutes of maintenance",
        "relieved": "Minutes relieved" if measure["kind"] == "availability" else "Relieved",
    }
    return tuple(
        FigureRow(
            part=figure.get("part", ""),
            cells=tuple((name, format_number(figure[column])) for column, name in names.items() if column in figure),
            notes=ratios.notes + _remarks(figure),
        )
        for figure, ratios in written
    )


def _remarks(figure: dict[str, Any]) -> tuple[str, ...]:
    named = (("incident", "Incident"), ("note", "Note:"))
    return tuple(f"{word} {figure[key]}" for key, word in named if key in figure)


def formula(rows: Rows, written: Sequence[tuple[dict[str, Any], WorkedRatio]]) -> Formula | None:
    """The value of the slot before rounding, from its own figures and, where it rolls, the sums of the periods before.

    None where the slot has no value: nothing reported, no volume.
    """
    result, trace = rows.result, rows.trace
    if result.value is None or not written:
        return None
    measure = result.service_level.measure
    text = _own(measure, [ratios for _, ratios in written])
    if "rolled" in trace:
        text = _rolled(measure, text, rows)
    shown: Decimal = result.value
    value = trace.get("measured", shown)
    return Formula(text, value, format_value(value, result.terms.full, measure["unit"]))


def _averaged(measure: dict[str, Any]) -> bool:
    """Whether values, and not sides, are added up: plain numbers, and means of parts."""
    return measure["kind"] in ("value", "count") or measure.get("roll_up") == "mean"


def _totalled(measure: dict[str, Any]) -> bool:
    """Whether periods are added up where a value rolls: counts, unless parts are averaged."""
    return measure["kind"] == "count" and measure.get("roll_up") != "mean"


def _own(measure: dict[str, Any], ratios: Sequence[WorkedRatio]) -> str:
    """The period's own value from its parts."""
    return _mean(measure, ratios) if _averaged(measure) else _quotient(measure, ratios)


def _times(measure: dict[str, Any]) -> str:
    """By what the quotient of both sides is multiplied."""
    scale = {"ratio": measure.get("scale"), "availability": "100"}.get(measure["kind"]) or "1"
    return "" if Decimal(scale) == 1 else f" × {format_stated(scale)}"


def _sum(amounts: Sequence[str]) -> str:
    return f"({' + '.join(amounts)})" if len(amounts) > 1 else amounts[0]


def _quotient(measure: dict[str, Any], ratios: Sequence[WorkedRatio]) -> str:
    """Ratio of sums over the parts. The period's own base may be 0 where its value rolls, and what came before has volume."""
    if not any(one.denominator.amount for one in ratios):
        return "no volume"
    if len(ratios) == 1:
        text = f"{ratios[0].numerator.compound} ÷ {ratios[0].denominator.compound}"
    else:
        upper = _sum([format_number(one.numerator.amount) for one in ratios])
        text = f"{upper} ÷ {_sum([format_number(one.denominator.amount) for one in ratios])}"
    return text + _times(measure)


def _mean(measure: dict[str, Any], ratios: Sequence[WorkedRatio]) -> str:
    """The period's own value where it is no ratio of sums: a sum of plain numbers, or the mean of the parts' values."""
    if measure.get("roll_up") != "mean":
        if len(ratios) == 1:
            return ratios[0].numerator.written
        return " + ".join(format_number(one.numerator.amount) for one in ratios)
    counted_in = [one for one in ratios if one.denominator.amount != 0]
    if not counted_in:
        return "no volume"
    plain = measure["kind"] in ("value", "count")
    texts = [
        one.numerator.written if plain else f"{one.numerator.compound} ÷ {one.denominator.compound}"
        for one in counted_in
    ]
    text = texts[0] if len(texts) == 1 else f"({' + '.join(texts)}) ÷ {len(texts)}"
    return text + _times(measure)


def _rolled(measure: dict[str, Any], own: str, rows: Rows) -> str:
    """Over this period and those before it: the sums that were stored, this period's part apart from the rest."""
    result, rolled = rows.result, rows.trace["rolled"]
    if _averaged(measure):
        # A period's own mean is stored with 60 decimals; thirds that add up to a whole do so in the first 54.
        value, total = (one.quantize(THIRDS, context=WIDE) for one in (result.own_value or Decimal(0), rolled["own"]))
        rest, count = WIDE.subtract(total, value), int(rolled["owns"])
        if _totalled(measure):
            return f"{format_number(value)} + {format_number(rest)}" if count > 1 else own
        if result.own_value is None:
            return f"{format_number(total)} ÷ {count}"
        return own if count == 1 else f"({format_number(value)} + {format_number(rest)}) ÷ {count}"
    good, base = result.numerator or Decimal(0), result.denominator or Decimal(0)
    before_good, before_base = WIDE.subtract(rolled["good"], good), WIDE.subtract(rolled["base"], base)
    if not before_good and not before_base:
        return own
    up, down = (
        f"({format_number(mine)} + {format_number(rest)})" for mine, rest in ((good, before_good), (base, before_base))
    )
    return f"{up} ÷ {down}{_times(measure)}"


def value_lines(rows: Rows, written: Sequence[tuple[dict[str, Any], WorkedRatio]]) -> tuple[ExplanationLine, ...]:
    """Rolling window and rounding."""
    result, terms, lines = rows.result, rows.result.terms.full, []
    rolling = int(terms.get("rolling", 1))
    if rolling > 1 and result.value is not None:
        before = (
            f"{rolling - 1} periods before it, as far as they have" if rolling > 2 else "period before it, if that has"
        )
        own = _own(result.service_level.measure, [ratios for _, ratios in written])
        text = f"Over this period ({own}) and the {before} figures."
        lines.append(ExplanationLine("Rolling", text))
    rounding = terms.get("rounding")
    if rounding and "measured" in rows.trace:
        places = format_count(int(rounding["places"]), "decimal")
        how = "rounded half up" if rounding["mode"] == "half_up" else "cut"
        unit = result.service_level.measure["unit"]
        measured, value = (
            format_value(one, terms, unit) for one in (rows.trace["measured"], result.value or Decimal(0))
        )
        lines.append(ExplanationLine("Rounding", f"{measured} {how} to {places}: {value}."))
    return tuple(lines)
