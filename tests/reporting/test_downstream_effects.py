"""What is said before a correction is accepted about the months after it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.actions import judge_due
from evaluation.models import Month, PastResult, Result
from measurements.actions import accept, import_figures
from measurements.models import Submission
from slas.actions import import_contract
from tests.cast import Cast
from tests.measurements.reporting import csv
from tests.slas.contract_texts import document, level, terms, text

AUGUST = datetime(2024, 8, 10, 9, tzinfo=UTC)
# One miss is tolerated, the second failure in two periods is a default; 350.00 is all that a year may cost.
CREDITS = {"point": {"amount": "100.00"}, "caps": [{"amount": "350.00", "over": "rolling_12"}]}
BANDS = [
    {"name": "Good", "at": 95, "outcome": "met", "points": 0, "score": 100},
    {"name": "Fair", "at": 90, "outcome": "miss", "points": 1, "score": 50},
    {"name": "Bad", "outcome": "default", "points": 2, "score": 0},
]
TERMS = {"bands": BANDS, "tolerated": {"count": 2, "window": 2, "counting_defaults": True}}


def test_the_months_after_a_correction_are_foreseen_as_they_then_come(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable
) -> None:
    """April and June are defaults, May a tolerated miss that became one. The cap leaves June 50.00.

    With April met, May is tolerated: May loses its credit, and June takes what the cap then leaves.
    """
    clock(AUGUST)
    levels = [level("SL-01", terms=[terms("2024-04-01", **TERMS)]), level("SL-02")]
    with scope_of(cast.aldermoor):
        of = import_contract(by=None, source=text(document(service_levels=levels, credits=CREDITS)))

    def report(*rows: str, **given: Any) -> list[Submission]:
        with scope_of(cast.vera):
            return import_figures(by=cast.vera, contract=of, source=csv(*rows), submit=True, **given)

    def take(made: list[Submission], after: timedelta) -> list[tuple[int, int]]:
        with scope_of(cast.marco):
            for one in made:
                accept(by=cast.marco, submission=one)
        with scope_of(cast.aldermoor):
            judge_due(now=AUGUST + after)
            return [(row.month.month, int(row.credit)) for row in Month.objects.filter(contract=of).order_by("month")]

    def everything() -> list[Any]:
        with scope_of(cast.aldermoor):
            return [list(model.objects.order_by("pk").values_list()) for model in (Result, PastResult, Month)]

    first = report("SL-01,2024-04-01,80,100", "SL-01,2024-05-01,92,100", "SL-01,2024-06-01,80,100")
    assert take(first, timedelta())[:3] == [(4, 200), (5, 100), (6, 50)]
    (made,) = report("SL-01,2024-04-01,99,100", reason="Counted wrongly")
    before, marco, path = everything(), client_for(cast.marco), f"submissions/{made.pk}/"
    marco.get(path)
    with CaptureQueriesContext(connection) as asked:
        page = " ".join(marco.get(path).content.decode().split())
    assert sum("EXECUTE judgement" in one["sql"] for one in asked.captured_queries) == 1
    said = (
        "May 2024: credit −£100.00, no longer a breach: Incidents on time SL-01; June 2024: credit +£150.00. "
        "In all, with this month: −£150.00."
    )
    assert f'Also changes:</span> <span class="num">{said}</span>' in page
    assert everything() == before
    assert take([made], timedelta(minutes=1))[:3] == [(4, 0), (5, 0), (6, 200)]


def test_where_no_later_month_changes_nothing_is_said(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    page = client_for(cast.vera).get(f"submissions/{draft.pk}/").content.decode()
    assert "If accepted as it is" in page and "Also changes" not in page
