"""Try a contract on figures: judged by the same statements as everything else, in a transaction that is rolled back."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import DataError, transaction

from contracts.contract_file import ContractFile
from contracts.models import Contract, Period
from evaluation.actions import judge
from evaluation.models import Month, Result, TriggeredRule
from evaluation.pipeline import EvaluationRequest
from explanations.explanation import explain_all, format_explanation
from lib.errors import RuleBroken
from measurements.actions import import_figures
from measurements.figures_file import FigureRow
from organisations.actions import create_organisation
from organisations.scope import open_scope
from scorecards.actions import build
from scorecards.models import Scorecard
from slas.actions import import_contract

Output = dict[str, list[dict[str, Any]]]

# Points that do not end have 48 decimals, values 54; the usual 28 digits would not hold them.
EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
OUT_OF_RANGE = "22003"  # SQLSTATE of a number that its column cannot hold


def try_contract(
    file: ContractFile, rows: list[FigureRow], as_of: date | None = None, *, explained: bool = False
) -> Output:
    """Judge figures under a contract and keep nothing. `as_of`: by default the day after the last reported period's due day.

    With `explained` each result says why it is so. RuleBroken where a number becomes larger than what is kept.
    """
    try:
        return _judged(file, rows, as_of, explained)
    except DataError as error:
        if getattr(error.__cause__, "pgcode", None) != OUT_OF_RANGE:
            raise
        limits = "what a rule counts may have 28 digits before the point, an amount of money 16"
        remedy = "Use larger units, or smaller points, weights, factors, scales and amounts."
        raise RuleBroken("out_of_range", f"The numbers become too large: {limits}. {remedy}") from error


def _judged(file: ContractFile, rows: list[FigureRow], as_of: date | None, explained: bool) -> Output:
    with transaction.atomic():
        organisation = create_organisation(name="Trial", slug=f"trial-{uuid4().hex}")
        with open_scope(organisation_id=organisation.pk):
            contract = import_contract(by=None, source=file)
            now = datetime.now(ZoneInfo(contract.timezone))
            if rows:
                import_figures(by=None, contract=contract, rows=rows, accept=True, now=now)
            day = as_of or _day_after_last_due(contract, rows)
            request = EvaluationRequest(contract.pk, contract.starts_on, day, contract.starts_on)
            judge([request], now=now)
            build([request])
            output = report(contract)
            if explained:
                _explain(contract, output)
        transaction.set_rollback(True)
    return output


def _explain(contract: Contract, output: Output) -> None:
    """Say of each result why it is so, as `why`: lines of text."""
    results = Result.objects.filter(contract=contract).order_by("service_level__code", "starts_on")
    for row, explanation in zip(output["results"], explain_all(results), strict=True):
        row["why"] = format_explanation(explanation)


def _day_after_last_due(contract: Contract, rows: list[FigureRow]) -> date:
    reported = {(row.service_level, row.period) for row in rows}
    cycles = dict(contract.service_levels.values_list("code", "cycle"))
    wanted = {(cycles[code], starts_on) for code, starts_on in reported}
    due = [
        period.due_on
        for period in Period.objects.filter(contract=contract, starts_on__in={starts_on for _, starts_on in wanted})
        if (period.cycle, period.starts_on) in wanted
    ]
    return max(due) + timedelta(days=1) if due else contract.starts_on - timedelta(days=1)


def report(contract: Contract) -> Output:
    """What is stored of a contract's judgement, as the exchange format has it: numbers are texts."""
    places = max(2, contract.minor_unit)
    return {
        "results": [
            {
                "service_level": result.service_level.code,
                "period": result.starts_on.isoformat(),
                "value": fixed(result.value, 6),
                "band": result.band_name,
                "outcome": result.outcome,
                "streak": result.streak,
                "factor": format_number(result.factor),
                "points": format_number(result.points),
                "score": fixed(result.score, 2),
                "terms_from": result.terms.valid.lower.isoformat(),
            }
            for result in Result.objects.filter(contract=contract)
            .select_related("service_level", "terms")
            .order_by("service_level__code", "starts_on")
        ],
        "months": [
            {
                "month": f"{month.month:%Y-%m}",
                "points": format_number(month.points),
                "charges": fixed(month.charges, places),
                "at_risk": fixed(month.at_risk, places),
                "credit_before_caps": fixed(month.credit_before_caps, places),
                "credit": fixed(month.credit, places),
                "forgone": fixed(month.capped_amount, places),
                "earned_back": fixed(month.earned_back, places),
            }
            for month in Month.objects.filter(contract=contract).order_by("month")
        ],
        "rules": [
            {
                "rule": triggered_rule.rule,
                "service_level": triggered_rule.service_level and triggered_rule.service_level.code,
                "month": f"{triggered_rule.month:%Y-%m}",
                "measured": format_number(triggered_rule.measured),
                "then": triggered_rule.then,
            }
            for triggered_rule in TriggeredRule.objects.filter(contract=contract)
            .select_related("service_level")
            .order_by("month", "rule", "service_level__code")
        ],
        "scorecards": [
            {
                "month": f"{card.month:%Y-%m}",
                "score": fixed(card.score, 2),
                "coverage": fixed(card.coverage, 2),
                "grade": card.grade,
                "kras": [
                    {"kra": kra["kra"], "score": fixed(kra["score"], 2), "coverage": fixed(kra["coverage"], 2)}
                    for kra in card.kras
                ],
            }
            for card in Scorecard.objects.filter(contract=contract).order_by("month")
        ],
    }


def fixed(number: Any, places: int) -> str | None:
    """A number with so many decimals, half up; None stays None."""
    if number is None:
        return None
    return f"{_rounded(Decimal(str(number)), places):f}"


def format_number(number: Decimal) -> str:
    """A number to at most 6 decimals, without zeros at its end."""
    return f"{_rounded(number, 6):f}".rstrip("0").rstrip(".") or "0"


def _rounded(number: Decimal, places: int) -> Decimal:
    """Half up; a zero has no sign, from whichever side it was rounded."""
    rounded = number.quantize(Decimal(1).scaleb(-places), context=EXACT)
    return rounded if rounded else rounded.copy_abs()
