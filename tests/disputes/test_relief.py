"""Relief is asked for and granted, not typed."""

from decimal import Decimal

import pytest

from disputes.actions import ask_for_relief, decide_on_relief, escalate_due, say_in_hearing, withdraw_relief
from disputes.models import HearingEntry, ReliefRequest
from disputes.rules import ReliefGround, ReliefStatus, relief_ruling
from evaluation.models import PastResult
from lib.errors import Conflict, NotAllowed, RuleBroken
from measurements.actions import accept, import_figures
from measurements.models import Figure, GrantedRelief, Submission
from tests.disputes.conftest import MAY
from tests.isolation.by_sql import refused
from tests.measurements.reporting import csv

WHY = {"ground": ReliefGround.CLIENT, "explanation": "No power in the control room from 09:10 to 15:45."}


@pytest.fixture
def asked(cast, world, by):
    return by(cast.vera, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(6), **WHY)


def test_what_is_granted_corrects_accepted_figures_and_moves_money(cast, world, by, asked, scope_of):
    """90 of 100 is a breach; with 6 cases left out it is 90 of 94, which is met."""
    assert (world.result().outcome, world.credit(), world.balance()) == ("default", 200, 200)
    by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(6), seen=1)
    world.judge()
    assert (world.result().outcome, world.credit(), world.balance()) == ("met", 0, 0)
    with scope_of(cast.aldermoor):
        former, correction = Submission.objects.filter(contract=world.contract).order_by("revision")
        assert (former.status, correction.status, correction.decided_by_name) == (
            "superseded",
            "accepted",
            cast.marco.name,
        )
        kept, stands = Figure.objects.filter(service_level=world.level).order_by("submission__revision")
        assert (kept.relieved, stands.relieved) == (None, 6)
        assert PastResult.objects.get().restated_because == "Figures corrected: 6 relieved: caused by the client"
        found = ReliefRequest.objects.get()
        assert (found.status, found.granted, found.counted_id, found.corrected_id) == (
            "granted",
            6,
            former.pk,
            correction.pk,
        )
        assert [one.kind for one in HearingEntry.objects.order_by("pk")] == ["asked", "ruled"]


def test_in_part_it_counts_as_far_as_it_was_granted_and_needs_a_reason(cast, world, by, asked):
    with pytest.raises(RuleBroken, match="reason is empty"):
        by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(2))
    with pytest.raises(RuleBroken, match="between 0 and the 6"):
        by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(7), reason="x")
    found = by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(2), reason="Two were ours.")
    world.judge()
    assert (found.status, world.result().outcome, world.credit()) == (ReliefStatus.PARTLY, "default", 200)
    again = by(cast.vera, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(4), **WHY)
    by(cast.marco, decide_on_relief, relief_request=again, granted=Decimal(4))  # on top of the two
    world.judge()
    assert world.result().outcome == "met"


def test_refused_or_withdrawn_nothing_changes(cast, world, by, asked, scope_of):
    by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(0), reason="The power was on.")
    again = by(cast.vera, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(4), **WHY)
    by(cast.vera, withdraw_relief, relief_request=again)
    with scope_of(cast.aldermoor):
        assert Submission.objects.count() == 1
        assert GrantedRelief.objects.count() == 0
    world.judge()
    assert world.balance() == 200


def test_one_decides_and_nobody_on_what_they_did_not_see(cast, world, by, asked):
    with pytest.raises(NotAllowed):
        by(cast.vera, decide_on_relief, relief_request=asked, granted=Decimal(6))
    with pytest.raises(NotAllowed):
        by(cast.marco, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(6), **WHY)
    with pytest.raises(Conflict, match="asked for already"):
        by(cast.vera, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(1), **WHY)
    with pytest.raises(Conflict, match="after you opened it"):
        by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(6), seen=2)
    by(cast.vera, withdraw_relief, relief_request=asked)
    with pytest.raises(Conflict, match="withdrawn by now"):
        by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(6))
    with pytest.raises(Conflict, match="decided"):
        by(cast.vera, say_in_hearing, hearing=asked, text="But the power!")


def test_two_rulings_at_one_moment_are_one(cast, asked, scope_of):
    with scope_of(cast.marco):
        first, second = ReliefRequest.objects.get(), ReliefRequest.objects.get()
        decide_on_relief(by=cast.marco, relief_request=first, granted=Decimal(6))
        with pytest.raises(Conflict, match="Somebody else"):
            decide_on_relief(by=cast.marco, relief_request=second, granted=Decimal(0), reason="No.")
        assert ReliefRequest.objects.get().granted == 6


def test_the_vendor_cannot_type_what_was_not_granted(cast, world, by, asked, scope_of):
    typed = b"service_level,period,numerator,denominator,relieved\nSL-01,2024-05-01,90,100,3\n"
    with pytest.raises(RuleBroken, match=r"3 relieved, but none was granted\. Ask for relief"):
        by(cast.vera, import_figures, contract=world.contract, source=typed)
    with scope_of(cast.vera):
        figure = Figure.objects.get()
    (correction,) = world.report("SL-01,2024-04-01,91,100", submit=False, reason="One more")
    with scope_of(cast.vera):
        said = refused("UPDATE measurements_figure SET relieved = 3 WHERE submission_id = %s", correction.pk)
        assert "asks for relief" in said
        assert "open submissions" in refused("UPDATE measurements_figure SET relieved = 3 WHERE id = %s", figure.pk)


def test_what_was_granted_is_in_open_figures_at_once_and_in_later_ones_by_itself(cast, world, by, asked, scope_of):
    (correction,) = world.report("SL-01,2024-04-01,91,100", submit=True, reason="One more")
    by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(6))
    with scope_of(cast.aldermoor):
        waiting = Submission.objects.get(pk=correction.pk)
        assert (waiting.status, waiting.revision, waiting.version > correction.version) == ("submitted", 3, True)
        assert Figure.objects.get(submission=waiting).relieved == 6
        assert Submission.objects.get(status="accepted").revision == 2
    by(cast.marco, accept, submission=waiting)
    (again,) = world.report("SL-01,2024-04-01,92,100", reason="And another")
    with scope_of(cast.aldermoor):
        assert Figure.objects.get(submission=again).relieved == 6


def test_figures_that_the_client_reports_carry_granted_relief(cast, world, by, scope_of):
    source = b"service_level,period,numerator,denominator,relieved\nSL-01,2024-05-01,90,100,3\n"
    by(cast.marco, import_figures, contract=world.contract, source=source)
    with scope_of(cast.aldermoor):
        found = GrantedRelief.objects.get()
        assert (found.relieved, found.imported, found.by_name) == (3, True, cast.marco.name)
        assert Figure.objects.get(submission__month=found.period.month).relieved == 3
    by(cast.marco, import_figures, contract=world.contract, source=csv("SL-01,2024-05-01,91,100"))
    with scope_of(cast.aldermoor):
        assert Figure.objects.get(submission__month=found.period.month).relieved == 3


def test_relief_can_be_granted_before_anything_is_reported(cast, world, clock, by, scope_of):
    with scope_of(cast.aldermoor):
        may = world.contract.periods.get(cycle="month", starts_on=MAY.date().replace(day=1))
    asked = by(cast.vera, ask_for_relief, service_level=world.level, period=may, amount=Decimal(5), **WHY)
    assert by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(5)).corrected is None
    clock(MAY.replace(month=6, day=3))  # once May is over
    (made,) = world.report("SL-01,2024-05-01,90,100")
    with scope_of(cast.aldermoor):
        assert Figure.objects.get(submission=made).relieved == 5


def test_an_answer_that_is_late_is_escalated_once(cast, world, asked, scope_of):
    with scope_of(cast.aldermoor):
        assert asked.answer_by.isoformat() == "2024-06-04"  # ten working days, without the bank holiday
        assert escalate_due(now=MAY.replace(month=6, day=4)) == 0
        late = MAY.replace(month=6, day=5)
        assert (escalate_due(now=late), escalate_due(now=late)) == (1, 0)
        found = ReliefRequest.objects.get()
        assert (found.status, found.escalated_at, found.version) == ("open", late, 2)
        assert HearingEntry.objects.last().kind == "escalated"


def test_how_long_an_answer_may_take_is_what_the_contract_says(cast, world, by, scope_of):
    with scope_of(cast.aldermoor):
        world.contract.answer_within = 2
        world.contract.save()
        world.level.refresh_from_db()
    asked = by(cast.vera, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(1), **WHY)
    assert asked.answer_by.isoformat() == "2024-05-22"
    with scope_of(cast.aldermoor):
        assert escalate_due(now=MAY.replace(day=23)) == 1


def test_a_ruling_is_named_by_what_it_grants():
    assert relief_ruling(Decimal(3), Decimal(3)) == "granted"
    assert relief_ruling(Decimal(3), Decimal(1)) == "partly"
    assert relief_ruling(Decimal(3), Decimal(0)) == "refused"
    with pytest.raises(ValueError, match="all"):
        relief_ruling(Decimal(3), Decimal(4))
