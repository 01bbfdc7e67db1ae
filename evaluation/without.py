"""What a month's credit would be if some of its results carried no points: by the steps that work out the credit itself."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from evaluation import pipeline
from evaluation.pipeline import MONTHS, EvaluationRequest

STEPS = ("evaluation_window", "stored_results", "without_results", *MONTHS)
CREDITS = "SELECT month, credit FROM money"


def credit_without(contract_id: int, month: date, results: Collection[int], *, as_of: date) -> Decimal | None:
    """The credit of a month without the points of these results (ids); None where the month has none yet. In the currency's units."""
    with pipeline.tuned() as session:
        rows = session.run(STEPS, CREDITS, [EvaluationRequest(contract_id, month, as_of)], levels=sorted(results))
    return dict(rows).get(month)
