"""Steps 2 to 6 of an explanation: figures, who gave and accepted them, exclusions, the formula with the numbers in it, rounding."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.models import Result
from explanations.parts import ExplanationLine, FigureRow, Formula, Report
from explanations.ratio_parts import WorkedRatio, write_out
from explanations.rows import Rows
from explanations.words import format_count, format_number, format_stated, format_value
from lib.templatetags.dates import format_moment


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
    return [(figure, write_out(measure, terms, figure, minutes)) for figure in figures]


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
    text, exact = _own(measure, [ratios for _, ratios in written])
    if "rolled" in trace:
        text, exact = _rolled(measure, (text, exact), rows)
    shown: Decimal = result.value
    value = trace.get("measured", shown)
    return Formula(text, exact, value, format_value(value, result.terms.full, measure["unit"]))


def _averaged(measure: dict[str, Any]) -> bool:
    """Whether values, and not sides, are added up: plain numbers, and means of parts."""
    return measure["kind"] in ("value", "count") or measure.get("roll_up") == "mean"


def _totalled(measure: dict[str, Any]) -> bool:
    """Whether periods are added up where a value rolls: counts, unless parts are averaged."""
    return measure["kind"] == "count" and measure.get("roll_up") != "mean"


def _scale(measure: dict[str, Any]) -> Decimal:
    return Decimal({"ratio": measure["scale"], "availability": "100"}.get(measure["kind"], "1"))


def _own(measure: dict[str, Any], ratios: Sequence[WorkedRatio]) -> tuple[str, Fraction]:
    """The period's own value from its parts."""
    return _mean(measure, ratios) if _averaged(measure) else _quotient(ratios, _scale(measure))


def _times(scale: Decimal) -> str:
    return "" if scale == 1 else f" × {format_stated(scale)}"


def _sum(amounts: Sequence[str]) -> str:
    return f"({' + '.join(amounts)})" if len(amounts) > 1 else amounts[0]


def _quotient(ratios: Sequence[WorkedRatio], scale: Decimal) -> tuple[str, Fraction]:
    """Ratio of sums over the parts. The period's own base may be 0 where its value rolls, and what came before has volume."""
    good = sum((Fraction(one.numerator.amount) for one in ratios), Fraction(0))
    base = sum((Fraction(one.denominator.amount) for one in ratios), Fraction(0))
    if not base:
        return "no volume", Fraction(0)
    if len(ratios) == 1:
        text = f"{ratios[0].numerator.compound} ÷ {ratios[0].denominator.compound}"
    else:
        upper = _sum([format_number(one.numerator.amount) for one in ratios])
        text = f"{upper} ÷ {_sum([format_number(one.denominator.amount) for one in ratios])}"
    return text + _times(scale), good * Fraction(scale) / base


def _mean(measure: dict[str, Any], ratios: Sequence[WorkedRatio]) -> tuple[str, Fraction]:
    """The period's own value where it is no ratio of sums: a sum of plain numbers, or the mean of the parts' values."""
    scale = _scale(measure)
    if measure.get("roll_up") != "mean":
        text = (
            ratios[0].numerator.written
            if len(ratios) == 1
            else " + ".join(format_number(one.numerator.amount) for one in ratios)
        )
        return text, sum((Fraction(one.numerator.amount) for one in ratios), Fraction(0))
    counted_in = [one for one in ratios if one.denominator.amount != 0]
    if not counted_in:
        return "no volume", Fraction(0)
    plain = measure["kind"] in ("value", "count")
    values = [Fraction(one.numerator.amount) * Fraction(scale) / Fraction(one.denominator.amount) for one in counted_in]
    texts = [
        one.numerator.written if plain else f"{one.numerator.compound} ÷ {one.denominator.compound}"
        for one in counted_in
    ]
    text = texts[0] if len(texts) == 1 else f"({' + '.join(texts)}) ÷ {len(texts)}"
    return text + _times(scale), sum(values, Fraction(0)) / len(values)


def _rolled(measure: dict[str, Any], own: tuple[str, Fraction], rows: Rows) -> tuple[str, Fraction]:
    """Over this period and those before it: the sums that were stored, this period's part apart from the rest."""
    scale = _scale(measure)
    rolled = {key: Fraction(amount) for key, amount in rows.trace["rolled"].items()}
    result = rows.result
    if _averaged(measure):
        # A period's own mean is stored with 60 decimals; thirds that add up to a whole do so in the first 54.
        value, total, count = round(Fraction(result.own_value or 0), 54), round(rolled["own"], 54), int(rolled["owns"])
        if _totalled(measure):
            return f"{format_number(value)} + {format_number(total - value)}" if count > 1 else own[0], total
        if result.own_value is None:
            return f"{format_number(total)} ÷ {count}", total / count
        if count == 1:
            return own
        return f"({format_number(value)} + {format_number(total - value)}) ÷ {count}", total / count
    good, base = Fraction(result.numerator or 0), Fraction(result.denominator or 0)
    before_good, before_base = rolled["good"] - good, rolled["base"] - base
    if not before_good and not before_base:
        return own
    up, down = (
        f"({format_number(mine)} + {format_number(rest)})" for mine, rest in ((good, before_good), (base, before_base))
    )
    return f"{up} ÷ {down}{_times(scale)}", rolled["good"] * Fraction(scale) / rolled["base"]


def value_lines(rows: Rows, written: Sequence[tuple[dict[str, Any], WorkedRatio]]) -> tuple[ExplanationLine, ...]:
    """Rolling window and rounding."""
    result, terms, lines = rows.result, rows.result.terms.full, []
    rolling = int(terms.get("rolling", 1))
    if rolling > 1 and result.value is not None:
        before = (
            f"{rolling - 1} periods before it, as far as they have" if rolling > 2 else "period before it, if that has"
        )
        own, _ = _own(result.service_level.measure, [ratios for _, ratios in written])
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
