"""Why a result is so: an explanation that somebody can follow who has the contract beside it.

Made from stored rows alone: the result with its trace, the version of the terms, the submission, the month with its trace, the rules
that hold. Nothing is judged again; where the explanation writes out arithmetic, its numbers come to what was stored, and a test holds it to
that on random contracts.
"""

from collections.abc import Iterable
from decimal import Decimal

from evaluation.models import PastResult, Result
from evaluation.rules import Outcome
from explanations import judgement, minutes, money, value
from explanations.parts import Explanation, Former, Holding
from explanations.rows import Rows, gather, gather_former
from explanations.text import format_explanation
from explanations.words import format_count, format_value
from lib.templatetags.dates import format_day, month_key, month_name
from lib.templatetags.numbers import format_ordinal
from slas.wording import describe_span

__all__ = ["Explanation", "explain", "explain_all", "explain_former", "explain_rows", "format_explanation"]

NOT_KEPT = (
    "Not kept as it was: of a judgement that was replaced its own steps are stored, not what the month came to with it. "
    "The current result shows the month as it is now."
)


def explain(result: Result) -> Explanation:
    """Why this result is so. At most six statements."""
    return explain_all([result])[0]


def explain_all(results: Iterable[Result]) -> list[Explanation]:
    """Why each result is so, in the order given. At most six statements, whatever their number."""
    return [explain_rows(rows) for rows in gather(results)]


def explain_rows(rows: Rows) -> Explanation:
    """The same of a result whose rows were gathered already."""
    return _explanation(rows, rows.result)


def explain_former(holding: Result, revision: int) -> Explanation:
    """Why the result of this slot was what it no longer is. Three statements; PastResult.DoesNotExist where it never was."""
    return _explanation(gather_former(holding, revision), holding)


def _explanation(rows: Rows, holding: Result) -> Explanation:
    """The explanation of a judgement; `holding` is the one that holds, the same or another of its slot."""
    result, contract = rows.result, rows.result.contract
    written = value.parts(rows)
    found = money.explain_money(rows)
    formula = value.formula(rows, written)
    earlier = tuple(_former(past, result) for past in rows.earlier)
    return Explanation(
        result_id=holding.pk,
        code=result.service_level.code,
        name=result.service_level.name,
        contract_id=contract.pk,
        contract=f"{contract.reference} {contract.title}",
        vendor=contract.vendor.name,
        month=month_name(result.month),
        month_key=month_key(result.month),
        period=month_name(result.starts_on) if result.period.cycle == "month" else result.period.label,
        dates=f"{format_day(result.starts_on)} to {format_day(result.period.ends_on)}",
        outcome=result.outcome,
        verdict=_verdict(rows),
        report=value.report(rows),
        figures=value.figure_rows(rows, written),
        formula=formula,
        value=(*(minutes.lines(result) if written else ()), *value.value_lines(rows, written)),
        terms=judgement.version(result),
        judgement=judgement.lines(rows),
        points=judgement.product(rows),
        money=found,
        without_money=money.without(rows) if result is holding else NOT_KEPT,
        rules=money.rules(rows),
        revision=result.revision,
        judged=value.moment(result.judged_at),
        earlier=earlier,
        holding=Holding(format_ordinal(holding.revision), holding.outcome, value.moment(holding.judged_at)),
        former=next((one for one in earlier if result is not holding and one.number == result.revision), None),
    )


def _verdict(rows: Rows) -> str:
    """The whole in one sentence: value, band, outcome, points.

    Sentences of an explanation call an outcome what the contract and the exchange format call it (default, miss): who follows them has the
    contract beside them, and they speak of defaults in a row and tolerated misses. The signs of the pages have words of their own.
    """
    result = rows.result
    outcome = result.outcome.replace("_", " ")
    if result.outcome == Outcome.NOT_MEASURED and result.streak:
        outcome += ", which counts as a default"
    parts = [part for part in (_shown(result), result.band_name, outcome) if part]
    points = f", {format_count(result.points, 'point')}" if result.points or result.streak else ""
    said = f"{', '.join(parts)}{points}."
    return said[0].upper() + said[1:]


def _shown(result: Result | PastResult) -> str:
    if result.value is None:
        return ""
    terms, level = result.terms.full, result.service_level
    return f"{format_value(Decimal(result.value), terms, level.measure['unit'])} {describe_span(terms, level.cycle)}".rstrip()


def _former(past: PastResult, now: Result) -> Former:
    past.service_level = now.service_level
    parts = [part for part in (_shown(past), past.band_name, format_count(past.points, "point")) if part]
    return Former(
        number=past.revision,
        nth=format_ordinal(past.revision),
        outcome=past.outcome,
        text=", ".join(parts),
        replaced=value.moment(past.restated_at),
        because=past.restated_because,
        cause_id=past.cause_id,  # type: ignore[attr-defined]
    )
