"""What no page of a hearing offers is refused by the actions all the same; it is the 20th of May 2024 unless a test says otherwise."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from disputes.actions import accept_due, ask_for_relief, dispute, rule
from disputes.models import Dispute, ReliefRequest
from disputes.rules import DisputeStatus
from evaluation.models import Result
from evaluation.rules import Outcome
from lib.errors import RuleBroken
from measurements.models import Submission
from slas.models import ServiceLevel
from tests.disputes.test_acceptance import JUNE
from tests.disputes.test_disputes import FIGURE, WHY
from tests.disputes.test_relief import WHY as FOR_RELIEF
from tests.factories import contracts

JULY = datetime(2024, 7, 1, 9, tzinfo=UTC)
MAY_1 = date(2024, 5, 1)


def refused(code, act, member, action, **given):
    with pytest.raises(RuleBroken) as why:
        act(member, action, **given)
    assert why.value.code == code


def test_what_is_not_judged_yet_is_not_disputed(cast, world, by, scope_of):
    result = world.result()
    result.outcome = Outcome.PENDING
    refused("pending", by, cast.vera, dispute, result=result, **WHY)
    with scope_of(cast.aldermoor):
        assert not Dispute.objects.exists()


def test_where_no_figures_are_accepted_none_is_put_right(cast, world, by, clock, scope_of):
    """May was never reported; then April's figures, about which another dispute is, do not count any more."""
    april = by(cast.vera, dispute, result=world.result(), numbers=FIGURE, **WHY)
    clock(JULY)
    world.judge(now=JULY)
    with scope_of(cast.aldermoor):
        result = Result.objects.select_related("contract", "service_level", "period").get(
            service_level=world.level, month=MAY_1
        )
    may = by(cast.vera, dispute, result=result, numbers=FIGURE, **WHY)
    with scope_of(cast.aldermoor):
        Submission.objects.update(status="superseded")
    for one in (april, may):
        ruling = {"ruling": DisputeStatus.UPHELD, "reason": "The log shows it."}
        refused("not_accepted", by, cast.marco, rule, dispute=one, **ruling)
    with scope_of(cast.aldermoor):
        assert set(Dispute.objects.values_list("status", "counted")) == {("open", april.counted_id), ("open", None)}


def test_relief_is_asked_for_cases_of_a_period_of_the_level(cast, world, by, scope_of):
    with scope_of(cast.aldermoor):
        other = contracts.periods(contracts.contract(cast.corvid), count=1)[0]
        plain = world.level.measure | {"kind": "number"}
    usual = {"service_level": world.level, "period": world.april, "amount": Decimal(2), **FOR_RELIEF}
    refused("amount", by, cast.vera, ask_for_relief, **usual | {"amount": Decimal(0)})
    refused("period", by, cast.vera, ask_for_relief, **usual | {"period": other})
    with scope_of(cast.aldermoor):
        ServiceLevel.objects.filter(pk=world.level.pk).update(measure=plain)
    refused("service_level", by, cast.vera, ask_for_relief, **usual)
    with scope_of(cast.aldermoor):
        assert not ReliefRequest.objects.exists()


def test_what_somebody_returns_at_this_moment_is_not_accepted_by_itself(cast, world, clock, scope_of):
    clock(JUNE)
    (waiting,) = world.report("SL-01,2024-05-01,97,100")
    done = []

    def overtake(execute, sql, *rest):
        if '"disputes_dispute"' in sql and not done:
            done.append(True)
            Submission.objects.filter(pk=waiting.pk).update(status="returned")
        return execute(sql, *rest)

    with scope_of(cast.aldermoor):
        type(world.contract).objects.filter(pk=world.contract.pk).update(accept_after=5)
        with connection.execute_wrapper(overtake):
            assert accept_due(now=JUNE.replace(day=18)) == 0
        assert done and Submission.objects.get(pk=waiting.pk).status == "returned"
