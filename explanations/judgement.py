"""Steps 5 to 11 of an explanation: guards, band, allowance, outcome, streak, points."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.models import Result
from evaluation.rules import Outcome
from explanations.parts import Band, ExplanationLine, Product, Version
from explanations.rows import Rows
from explanations.words import describe_threshold, format_count, format_number, format_stated, format_value
from explanations.writing import format_difference
from lib.templatetags.dates import format_day
from lib.templatetags.numbers import format_ordinal


def version(result: Result) -> Version:
    """The terms that were in force, with the band that was reached marked."""
    terms, unit = result.terms, result.service_level.measure["unit"]
    bands = terms.full["bands"]
    first, end = terms.valid.lower, terms.valid.upper
    dates = f"in force from {format_day(first)}" + (f" until before {format_day(end)}" if end else "")
    return Version(
        number=terms.version,
        dates=dates,
        bands=tuple(
            Band(
                name=band["name"],
                words=describe_threshold(terms.full["better"], bands, at, unit),
                outcome=band["outcome"],
                points=_band_points(band),
                score=format_stated(band["score"]),
                reached=result.band == at + 1,
            )
            for at, band in enumerate(bands)
        ),
        unit=unit,
    )


def _band_points(band: dict[str, Any]) -> str:
    points, step = format_stated(band["points"]), band.get("per_step")
    if not step:
        return points
    return f"{points} for each {format_stated(step['step'])} from {format_stated(step['from'])}"


def standing_band(result: Result) -> dict[str, Any] | None:
    """The band whose points and score the slot has: the one it reached, or the last where a missing figure is a default."""
    bands: list[dict[str, Any]] = result.terms.full["bands"]
    if result.band is not None:
        return bands[result.band - 1]
    return bands[-1] if result.streak else None


def lines(rows: Rows) -> tuple[ExplanationLine, ...]:
    """Guards, allowance, band, tolerance, streak and score, as far as they played a part."""
    said = [_guard(rows), _allowance(rows), _band(rows), _tolerance(rows), _streak(rows), _score(rows)]
    return tuple(line for line in said if line is not None)


def _guard(rows: Rows) -> ExplanationLine | None:
    """Why a slot is not judged by its value."""
    result, terms = rows.result, rows.result.terms.full
    due = format_day(result.period.due_on)
    if result.outcome == Outcome.PENDING:
        return ExplanationLine("Not due yet", f"Figures are due by the end of {due}.")
    if result.outcome == Outcome.NOT_MEASURED:
        if result.streak:
            last = terms["bands"][-1]["name"]
            ends = f"a missing figure counts as a default, with the points and the score of the last band, {last}."
        else:
            ends = "the period is left out, which is not the same as met."
        return ExplanationLine("No figures", f"Nothing was reported by the due day, {due}. By the terms {ends}")
    if result.outcome == Outcome.EXEMPT:
        least = format_stated(terms["minimum_volume"])
        text = f"A volume of {format_number(_volume(rows)[1])} is below the minimum of {least}: the period is exempt."
        return ExplanationLine("Low volume", text)
    if result.value is None:
        ends = "that counts as met, in the first band." if result.band else "there is nothing to judge."
        what = "minutes" if result.service_level.measure["kind"] == "availability" else "cases"
        return ExplanationLine("No volume", f"There were no {what}; by the terms {ends}")
    return None


def _volume(rows: Rows) -> tuple[Decimal, Decimal]:
    """Numerator and denominator that were judged: over the rolling window, where there is one."""
    rolled = rows.trace.get("rolled")
    if rolled:
        return Decimal(rolled["good"]), Decimal(rolled["base"])
    return Decimal(rows.result.numerator or 0), Decimal(rows.result.denominator or 0)


def _lifted(rows: Rows) -> bool:
    """Whether the allowance gave the first band; where there is but one band, it gave nothing."""
    return "lifted" in rows.trace and len(rows.result.terms.full["bands"]) > 1


def _allowance(rows: Rows) -> ExplanationLine | None:
    terms = rows.result.terms.full
    if not _lifted(rows):
        return None
    at, (good, base) = Decimal(terms["bands"][0]["at"]), _volume(rows)
    lower = terms["better"] == "lower"
    share, failing = (at, good) if lower else (100 - at, base - good)
    allowed = max(1, Fraction(base) * Fraction(share) // 100)
    text = (
        f"Of {format_count(base, 'case')} {format_stated(share)}%, rounded down, but at least 1 may fail: {format_number(allowed)}. "
        f"{format_number(failing)} failed, so the first band is reached."
    )
    return ExplanationLine("Allowance", text)


def _band(rows: Rows) -> ExplanationLine | None:
    result = rows.result
    if result.band is None or result.value is None or _lifted(rows):
        return None
    bands, better = result.terms.full["bands"], result.terms.full["better"]
    unit = result.service_level.measure["unit"]
    words = describe_threshold(better, bands, result.band - 1, unit)
    if 1 < result.band < len(bands):
        words += f" and not {describe_threshold(better, bands, result.band - 2, unit)}"
    value = format_value(result.value, result.terms.full, unit)
    return ExplanationLine("Band", f"{value} is {words}: {result.band_name}, {result.band_outcome or 'met'}.")


def _tolerance(rows: Rows) -> ExplanationLine | None:
    """A miss by band: how many there were in the window, and what that makes of it."""
    result, terms = rows.result, rows.result.terms.full
    if result.band_outcome != "miss":
        return None
    tolerated = terms.get("tolerated")
    if not tolerated:
        return ExplanationLine("Outcome", "A miss; the terms make no default of it, however often it happens.")
    failures, limit = int(rows.trace["failures"]), int(tolerated["count"])
    what = "miss or default" if tolerated["counting_defaults"] else "miss"
    window = format_count(int(tolerated["window"]), "period")
    ends = "this one is a default." if failures >= limit else "this one is tolerated."
    room = f"up to {limit - 1} {'is' if limit == 2 else 'are'}" if limit > 1 else "none is"
    text = f"The {format_ordinal(failures)} {what} within {window}; {room} tolerated: {ends}"
    return ExplanationLine("Outcome", text)


def _streak(rows: Rows) -> ExplanationLine | None:
    result, terms = rows.result, rows.result.terms.full
    if not result.streak:
        return None
    repeat = [format_stated(factor) for factor in terms.get("repeat", ["1"])]
    text = f"The {format_ordinal(result.streak)} default in a row: factor {format_stated(result.factor)}"
    if len(repeat) > 1:
        text += f" (factors are {', '.join(repeat)}; the last one repeats)"
    return ExplanationLine("Repeat", f"{text}.")


def _score(rows: Rows) -> ExplanationLine | None:
    result, terms = rows.result, rows.result.terms.full
    band = standing_band(result)
    if result.score is None or band is None:
        return None
    if result.score == Decimal(band["score"]):
        return ExplanationLine("Score", f"{format_stated(result.score)}, the score of {band['name']}.")
    return ExplanationLine("Score", _on_the_line(result, band, terms["bands"][(result.band or 1) - 2]))


def _on_the_line(result: Result, band: dict[str, Any], better: dict[str, Any]) -> str:
    """A linear score: from the band's score as much of the way to the better band's as the value lies between their thresholds."""
    terms, unit = result.terms.full, result.service_level.measure["unit"]
    value = Decimal(result.value or 0)
    key = "at" if terms["better"] != "inside" else "low" if value < Decimal(better["low"]) else "high"
    begin, end = Decimal(band[key]), Decimal(better[key])
    shown = format_value(value, terms, "")
    way = [(format_stated(end), format_stated(begin)), (shown, format_stated(begin))]
    whole, gone = (format_difference(*(pair if end > begin else pair[::-1])) for pair in way)
    low, high = format_stated(band["score"]), format_stated(better["score"])
    sum_ = f"{low} + {gone} ÷ {whole} × {format_difference(high, low)} = {format_number(result.score or 0)}"
    begins, ends = (format_value(at, terms, unit) for at in (begin, end))
    return (
        f"{sum_}, on the straight line from {band['name']} ({low} at {begins}) to {better['name']} ({high} at {ends})."
    )


def product(rows: Rows) -> Product | None:
    """The points of the slot as band points × steps × weight × factor; None where the slot carries none by its outcome."""
    result = rows.result
    band = standing_band(result)
    if band is None or not (result.streak or result.outcome == Outcome.MET):
        return None
    factors = [(f"points of {band['name']}", Decimal(band["points"]))]
    if band.get("per_step"):
        factors.append((_steps(result, band["per_step"]), Decimal(rows.trace["steps"])))
    factors.append(("weight", Decimal(result.terms.full.get("weight", 1))))
    if result.streak:
        factors.append(("repeat factor", result.factor))
    written = " × ".join(f"{format_number(amount)} ({name})" for name, amount in factors)
    return Product(tuple(factors), result.points, f"{written} = {format_count(result.points, 'point')}")


def _steps(result: Result, step: dict[str, Any]) -> str:
    """How far the value is worse than where the steps begin, in steps."""
    if result.value is None:
        return "steps: one for a missing figure"
    begin = Decimal(step["from"])
    low, high = (begin, result.value) if result.terms.full["better"] == "lower" else (result.value, begin)
    how = {"down": ", rounded down", "up": ", rounded up", "none": ""}[step["round"]]
    least = ", at least 0" if high < low else ""
    far = format_difference(*(format_value(one, result.terms.full, "") for one in (high, low)))
    return f"steps: {far} ÷ {format_stated(step['step'])}{how}{least}"
