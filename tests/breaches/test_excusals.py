"""Excusing a breach or waiving it: with a reason, and by two people where much credit hangs on it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from breaches.actions import agree_to_excusal, alert_due, decline_excusal, excuse, open_again
from breaches.models import Breach, Excusal, ThreadEntry
from breaches.rules import Status
from breaches.rules.excusals import Ending, ExcusalStatus, needs_two
from breaches.rules.plans import EntryKind
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Event
from tests.breaches.test_plans import MAY, World
from tests.factories import breaches, evaluation
from tests.factories import organisations as make
from tests.markup import tight

NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)


@pytest.fixture
def world(system):
    return World(system.corvid)


@pytest.fixture
def credit(world):
    """`credit(120)`: so much of April's credit hangs on the breach."""

    def share(amount):
        counted = [{"code": world.level.code, "starts_on": "2024-04-01", "share": amount}]
        evaluation.month(world.periods[0], trace={"counted": counted})

    return share


def lines():
    return [(one.kind, one.text) for one in ThreadEntry.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("amount", "alone", "limit", "two"),
    [("0", "0", None, False), ("0.01", "0", None, True), ("99", "0", "100", False), ("99", "1", "100", True)],
)
def test_when_two_are_needed(amount, alone, limit, two):
    assert needs_two(Decimal(amount), Decimal(alone), limit and Decimal(limit)) is two


def test_without_credit_one_person_excuses_it_with_a_reason(world, system):
    with pytest.raises(RuleBroken):
        excuse(by=system.marco, breach=world.breach, ending=Ending.EXCUSED, reason=" ")
    made = excuse(by=system.marco, breach=world.breach, ending=Ending.EXCUSED, reason="Our own outage.")
    assert made.status == ExcusalStatus.ALONE
    breach = Breach.objects.get()
    assert (breach.status, breach.acknowledged_by_id) == (Status.EXCUSED, system.marco.pk)
    assert lines() == [(EntryKind.EXCUSED, "Our own outage.")]
    open_again(by=system.marco, breach=breach, reason="It was not.")
    assert breach.status == Status.ACKNOWLEDGED


def test_where_credit_hangs_on_it_another_person_agrees(world, system, credit):
    credit(120)
    made = excuse(by=system.marco, breach=world.breach, ending=Ending.WAIVED, reason="Settled in the review.")
    assert (made.status, made.amount) == (ExcusalStatus.PROPOSED, Decimal(120))
    assert Breach.objects.get().status == Status.OPEN
    assert lines() == []
    alert_due(now=NOW)
    event = Event.objects.get(kind="approval")
    assert event.title == "Waiver of a breach to decide on"
    assert "£120.00" in event.detail
    with pytest.raises(NotAllowed):
        agree_to_excusal(by=system.marco, excusal=made)
    with pytest.raises(Conflict):
        excuse(by=system.petra, breach=world.breach, ending=Ending.WAIVED, reason="Me too.")
    agree_to_excusal(by=system.petra, excusal=made, seen=1)
    assert Breach.objects.get().status == Status.WAIVED
    assert lines() == [(EntryKind.WAIVED, "Settled in the review.")]
    alert_due(now=NOW)
    assert Event.objects.get(kind="decided").title == "Waiver of a breach agreed to"
    event.refresh_from_db()
    assert event.decided_at is not None


def test_what_waits_for_a_second_person_is_not_ended_by_one(world, system, credit):
    """It was proposed when every amount needed two; by now one may let go of so little alone."""
    credit(120)
    excuse(by=system.marco, breach=world.breach, ending=Ending.WAIVED, reason="Settled in the review.")
    make.settings(two_people_from=Decimal(1000))
    with pytest.raises(Conflict, match="waits for a decision"):
        excuse(by=system.petra, breach=Breach.objects.get(), ending=Ending.WAIVED, reason="Small.")
    assert (Breach.objects.get().status, Excusal.objects.count()) == (Status.OPEN, 1)


def test_parts_of_a_month_count_together(world, system, credit):
    make.settings(two_people_from=Decimal(100))
    credit(60)
    other = breaches.breach(world.level, world.periods[0], starts_on=world.periods[0].ends_on)
    breaches.excusal(other, system.marco, status=ExcusalStatus.ALONE, amount=39)
    assert not needs_two(Decimal(60), Decimal(39), Decimal(100))
    breaches.excusal(other, system.marco, status=ExcusalStatus.ALONE, amount=1)
    made = excuse(by=system.petra, breach=world.breach, ending=Ending.WAIVED, reason="Small.")
    assert made.status == ExcusalStatus.PROPOSED


def test_declining_needs_a_reason_and_taking_back_none(world, system, credit):
    credit(120)
    made = excuse(by=system.marco, breach=world.breach, ending=Ending.WAIVED, reason="Settled.")
    with pytest.raises(RuleBroken, match="Marco Bellini will read it"):
        decline_excusal(by=system.petra, excusal=made)
    decline_excusal(by=system.petra, excusal=made, reason="Not settled.")
    assert (Excusal.objects.get().status, Breach.objects.get().status) == (ExcusalStatus.DECLINED, Status.OPEN)
    again = excuse(by=system.marco, breach=Breach.objects.get(), ending=Ending.WAIVED, reason="Settled now.")
    decline_excusal(by=system.marco, excusal=again)
    assert Excusal.objects.get(pk=again.pk).status == ExcusalStatus.WITHDRAWN


def test_a_breach_that_ended_is_not_excused(world, system):
    Breach.objects.update(status=Status.CLOSED)
    with pytest.raises(Conflict):
        excuse(by=system.marco, breach=Breach.objects.get(), ending=Ending.EXCUSED, reason="Late.")


def test_in_the_browser_two_people_end_it(cast, scope_of, client_for, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        world = World(cast.corvid)
        counted = [{"code": world.level.code, "starts_on": "2024-04-01", "share": 120}]
        evaluation.month(world.periods[0], trace={"counted": counted})
    path = f"breaches/{world.breach.pk}/excuse/"
    marco, petra = client_for(cast.marco), client_for(cast.petra)
    assert "A second person has to agree." in marco.get(path).content.decode()
    given = {"ending": "waived", "reason": "", "version": "1"}
    assert marco.post(path, given).status_code == 422
    assert marco.post(path, given | {"reason": "Settled."}).status_code == 302
    page = tight(petra.get(path).content.decode())
    assert "Marco Bellini proposes to waive this breach" in page
    assert "£120.00" in page
    assert petra.post(path, {"decision": "decline", "reason": "", "version": "1"}).status_code == 422
    assert petra.post(path, {"decision": "agree", "version": "7"}).status_code == 409
    assert petra.post(path, {"decision": "agree", "version": "1"}).status_code == 302
    theirs = tight(client_for(cast.vera).get(f"breaches/{world.breach.pk}/").content.decode())
    assert "Petra Sandgren waived the breach: Settled." in theirs
    assert "proposed a waiver" not in theirs
    assert "proposed a waiver" in tight(petra.get(f"breaches/{world.breach.pk}/").content.decode())
    assert client_for(cast.vera).get(path).status_code == 403
