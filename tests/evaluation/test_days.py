"""Day after day: a day on which nothing begins, ends or falls due costs nothing, and leaves nothing to judge."""

import copy
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.actions import judge, judge_due
from evaluation.models import Month, Result
from evaluation.pipeline import EvaluationRequest
from tests.evaluation.stored import report, take_contract, thrown_away
from tests.evaluation.test_replay import CONTRACT

FIRST, LAST = date(2025, 1, 1), date(2025, 3, 20)


def contract_with(*levels):
    """A contract with these service levels (keys of the file); figures are due after five working days in Wales."""
    contract = copy.deepcopy(CONTRACT)
    contract["contract"] |= {
        "report_due": 5,
        "calendar": {"holidays": "GB-WLS", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": "09:00-17:00"},
    }
    contract["service_levels"] = [contract["service_levels"][0] | level for level in levels]
    return contract


def figures(level, *periods):
    columns = {"service_level": level, "numerator": "90", "denominator": "100"}
    return [columns | {"period": period} for period in periods]


CYCLES = contract_with(*({"code": every, "every": every} for every in ("week", "month", "quarter")))
REPORTED = {
    date(2025, 2, 3): figures("week", "2025-01-06", "2025-01-13") + figures("month", "2025-01-01"),
    date(2025, 3, 12): figures("week", "2025-02-03", "2025-02-17"),
}
# Its months end while no period begins and nothing falls due.
SLICES = [{"starts_on": "2025-01-01", "ends_on": "2025-01-10"}, {"starts_on": "2025-01-11", "ends_on": "2025-03-14"}]
APART = contract_with({"code": "own", "every": "custom", "periods": SLICES})
REPORTED_APART = {date(2025, 1, 16): figures("own", "2025-01-01")}
# Nothing ends in its second month.
GAP = contract_with(
    {
        "code": "own",
        "every": "custom",
        "periods": [
            {"starts_on": "2025-01-01", "ends_on": "2025-01-20"},
            {"starts_on": "2025-03-01", "ends_on": "2025-03-09"},
        ],
    }
)
REPORTED_GAP = {date(2025, 1, 21): figures("own", "2025-01-01"), date(2025, 3, 12): figures("own", "2025-03-01")}
# Its last month ends when everything of it was judged, and nothing begins after it.
SHORT = contract_with({"code": "month"})
SHORT["contract"]["ends_on"] = "2025-02-14"
REPORTED_SHORT = {date(2025, 2, 3): figures("month", "2025-01-01"), date(2025, 2, 20): figures("month", "2025-02-01")}


def still_open():
    return Result.objects.filter(outcome="pending").values("month")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("contract", "reported", "outcomes"),
    [
        (CYCLES, REPORTED, {"default", "not_measured", "pending"}),
        (APART, REPORTED_APART, {"default", "pending"}),
        (GAP, REPORTED_GAP, {"default"}),
        (SHORT, REPORTED_SHORT, {"default"}),
    ],
    ids=["weeks, months, quarters", "slices", "slices with a gap", "ends within a month"],
)
def test_after_each_day_nothing_is_left_to_judge(contract, reported, outcomes):
    quiet = 0
    with thrown_away():
        stored = take_contract(contract)
        for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)):
            now = datetime.combine(day, time(12), UTC)
            report(stored, contract, reported.get(day, []), now)
            with CaptureQueriesContext(connection) as seen:
                assert judge_due(now=now) == 1
            quiet += len(seen) == 3  # taken, looked at, cleared
            assert judge_due(now=now) == 0
            months = list(Month.objects.values_list("judged_at"))
            assert judge([EvaluationRequest(stored.pk, stored.starts_on, day)], now=now + timedelta(minutes=1)) == 0, (
                day
            )
            assert list(Month.objects.values_list("judged_at")) == months, day
        assert {row.outcome for row in Result.objects.all()} == outcomes
        over = Month.objects.filter(month__lt=LAST.replace(day=1)).exclude(month__in=still_open())
        assert over and all(month.final for month in over)
    assert quiet > 40
