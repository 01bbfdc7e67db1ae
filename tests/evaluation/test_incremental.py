"""Judged as time goes by, whenever figures arrive, a contract ends up with what judging it at once gives."""

import os
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.models import Contract
from evaluation.actions import judge, judge_due
from evaluation.models import PastResult
from evaluation.pipeline import EvaluationRequest
from organisations.actions import create_organisation
from organisations.scope import open_scope
from scorecards import trial
from scorecards.actions import build_due
from tests.evaluation.case_files import differences, load_cases
from tests.evaluation.oracle import judge as judge_alone
from tests.evaluation.oracle.days import day, last_day_of, month_after, months_from
from tests.evaluation.oracle.facts import default_as_of
from tests.evaluation.stored import by_slot, judgement, report, stamps, take_contract, thrown_away, tick
from tests.evaluation.strategies import judgements
from tests.evaluation.test_judgement import EVERY

# An example takes seconds, so a failure is shown as it was found.
some = settings(
    EVERY,
    max_examples=100 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
DELAYS = st.lists(
    st.sampled_from([0, 0, 0, 1, 2, 5, -1]), min_size=1, max_size=40
)  # judgements after the period's first


def noons(contract, every=1):
    """A moment on the day after the end of each month, or each n-th, of the contract and of four months more."""
    first, last = (day(contract["contract"][key]).replace(day=1) for key in ("starts_on", "ends_on"))
    days = [last_day_of(month) + timedelta(days=1) for month in months_from(first, month_after(last, 4))]
    return [datetime.combine(each, time(12), UTC) for each in days[(len(days) - 1) % every :: every]]


def arrivals(figures, delays, moments):
    """The rows that arrive before each moment: those of a slot together, most of them in the month in which it begins."""
    arriving = [[] for _ in moments]
    for number, ((_, period), rows) in enumerate(by_slot(figures).items()):
        begun = sum(moment.date() <= day(period) for moment in moments)
        position = begun + delays[number % len(delays)]
        arriving[min(max(position, 0), len(moments) - 1)] += rows
    return arriving


@pytest.mark.django_db
@some
@given(judgements(), DELAYS, st.sampled_from([1, 2, 4]))
def test_month_by_month_comes_to_the_same_as_at_once(drawn, delays, every):
    contract, figures, _ = drawn
    moments = noons(contract, every)
    with thrown_away():
        grown = take_contract(contract, "GROWN")
        for moment, rows in zip(moments, arrivals(figures, delays, moments), strict=True):
            report(grown, contract, rows, moment)
            tick(moment)
        whole = take_contract(contract, "WHOLE")
        report(whole, contract, figures, moments[-1])
        tick(moments[-1])
        wanted = judgement(whole)
        for kind, rows in judgement(grown).items():
            assert rows == wanted[kind]
        must_write_nothing(grown, moments[-1] + timedelta(minutes=1))


# The acceptance cases about what is carried from month to month: caps, runs, windows, credits that return.
CARRYING = (
    "uk-",
    "cap-",
    "two-caps",
    "rolling-",
    "earn-back",
    "rule-",
    "tolerated-",
    "run-",
    "exempt-",
    "missing-month",
)
CARRIED = [
    case
    for case in load_cases()
    if case["id"].startswith(CARRYING) and len({row["period"][:7] for row in case["figures"]}) >= 3
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CARRIED, ids=[case["id"] for case in CARRIED])
def test_case_comes_out_the_same_when_judged_after_each_month(case):
    contract, figures = case["contract"], case["figures"]
    header = contract["contract"]
    asked = case.get("as_of") or default_as_of(header, contract["service_levels"], figures)
    zone = ZoneInfo(header["timezone"])
    last = datetime.combine(day(asked), time(12), zone)
    with thrown_away():
        stored = take_contract(contract)
        for month in sorted({row["period"][:7] for row in figures}):
            # On the 20th nothing older is open any more, so that what comes looks back on stored months.
            twentieth = datetime.combine(day(f"{month}-20"), time(12), zone)
            after = datetime.combine(month_after(day(f"{month}-01")), time(12), zone)
            tick(min(twentieth, last))
            report(stored, contract, [row for row in figures if row["period"][:7] == month], min(after, last))
            tick(min(after, last))
        tick(last)
        got = trial.report(stored)
    assert got == judge_alone(contract, figures, asked)
    assert differences(case["expect"], got) == []


def must_write_nothing(contract, now):
    """Judge all of it once more: no row may differ from what is stored."""
    before, past = stamps(contract), PastResult.objects.count()
    assert judge_due(now=now) == 0
    as_of = contract.reevaluations.get().judged_on
    assert judge([EvaluationRequest(contract.pk, contract.starts_on, as_of)], now=now) == 0
    assert build_due(now=now) == 0
    assert (stamps(contract), PastResult.objects.count()) == (before, past)


@pytest.mark.django_db
@some
@given(judgements(most_months=9), judgements(most_months=9))
def test_organisations_do_not_disturb_one_another(one, other):
    """Two clients with the same references, judged in turns: each comes out as if it were alone."""
    moments = sorted({moment for contract, _, _ in (one, other) for moment in noons(contract, 4)})
    with transaction.atomic():
        clients = [create_organisation(name=name, slug=name.lower()) for name in ("North", "South")]
        for client, (contract, _, _) in zip(clients, (one, other), strict=True):
            with open_scope(organisation_id=client.pk):
                take_contract(contract)
        for moment in moments:
            for client, (contract, figures, _) in zip(clients, (one, other), strict=True):
                with open_scope(organisation_id=client.pk):
                    report(Contract.objects.get(), contract, figures if moment == moments[2] else [], moment)
                    tick(moment)
        for client, (contract, figures, _) in zip(clients, (one, other), strict=True):
            with open_scope(organisation_id=client.pk):
                stored = Contract.objects.get()
                wanted = judge_alone(contract, figures, stored.reevaluations.get().judged_on)
                for kind, rows in trial.report(stored).items():
                    assert rows == wanted[kind]
        transaction.set_rollback(True)
