"""A corrective plan: asked for, proposed, sent back, accepted, carried out, verified, and failing again."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from breaches.actions import (
    acknowledge,
    alert_due,
    ask_for_plan,
    close,
    decide_on_plan,
    open_again,
    propose_plan,
    report_step,
    verify_due,
)
from breaches.models import Breach, CorrectivePlan, PlanStep, ThreadEntry
from breaches.rules import Status
from breaches.rules.plans import Cause, EntryKind, Judged, NewStep, PlanStatus, progress
from evaluation.rules import Outcome
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Event, Notification
from tests.factories import breaches, contracts, evaluation, slas
from tests.factories import organisations as make

MAY = datetime(2024, 5, 20, 9, tzinfo=UTC)
STEPS = [NewStep("Hire two engineers", "Vera Novak", date(2024, 6, 15)), NewStep("Review weekly", "Ravi Menon")]


class World:
    """Corvid's contract from April 2024: a service level that failed in April, and months to come."""

    def __init__(self, vendor, months=8):
        self.contract = contracts.contract(vendor)
        self.periods = contracts.periods(self.contract, count=months)
        self.level = slas.service_level(self.contract)
        self.terms = slas.terms(self.level)
        evaluation.result(self.terms, self.periods[0])
        self.breach = breaches.breach(self.level, self.periods[0])

    def judged(self, nth, outcome=Outcome.MET):
        """The nth month (1 is April) is judged."""
        failed = {"consecutive_defaults": 1, "streak": 1} if outcome == Outcome.DEFAULT else {"streak": 0}
        evaluation.result(self.terms, self.periods[nth - 1], outcome=outcome, **failed)


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        return World(cast.corvid)


@pytest.fixture
def by(scope_of):
    """`by(member, action, …)`: the action as this member, in their scope."""

    def act(member, action, **given):
        with scope_of(member):
            given = {
                name: type(one).objects.get(pk=one.pk) if hasattr(one, "pk") else one for name, one in given.items()
            }
            if "breaches" in given:
                given["breaches"] = [Breach.objects.get(pk=one.pk) for one in given["breaches"]]
            return action(by=member, **given)

    return act


@pytest.fixture
def asked(cast, world, by):
    return by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="Causes and steps.")


@pytest.fixture
def proposed(cast, asked, by):
    return by(cast.vera, propose_plan, plan=asked, cause=Cause.STAFF, cause_text="Two left.", steps=STEPS, seen=0)


@pytest.fixture
def accepted(cast, asked, proposed, by):
    return by(cast.marco, decide_on_plan, plan=asked, accept=True, seen=1)


@pytest.fixture
def run(cast, scope_of):
    """The workers' step."""

    def verified():
        with scope_of(cast.aldermoor):
            return verify_due(now=MAY)

    return verified


@pytest.fixture
def stand(cast, scope_of, world):
    """(status of the breach, status of its plan, kinds of the thread)."""

    def read():
        with scope_of(cast.aldermoor):
            breach = Breach.objects.select_related("plan").get(pk=world.breach.pk)
            kinds = list(ThreadEntry.objects.filter(breach=breach).values_list("kind", flat=True))
            return breach.status, breach.plan.status if breach.plan else None, kinds

    return read


def inbox(scope_of, member):
    """What the member was told of plans, once the workers have been."""
    with scope_of(member.organisation):
        alert_due(now=MAY)
    with scope_of(member):
        return list(
            Notification.objects.filter(member=member, event__kind="plan").values_list("event__title", flat=True)
        )


def test_asking_acknowledges_moves_the_breach_and_tells_the_vendor(cast, scope_of, asked, stand):
    assert stand() == (Status.PLAN, PlanStatus.ASKED, [EntryKind.ASKED])
    with scope_of(cast.aldermoor):
        assert Breach.objects.get().acknowledged_by_id == cast.marco.pk
        assert CorrectivePlan.objects.get().verify_after == 3
    assert inbox(scope_of, cast.vera) == ["Marco Bellini asks for a corrective plan"]
    assert inbox(scope_of, cast.marco) == []


def test_a_contract_may_say_after_how_many_periods_a_plan_is_verified(cast, scope_of, world, by):
    with scope_of(cast.aldermoor):
        world.contract.verify_after = 2
        world.contract.save()
    plan = by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="Please.")
    assert plan.verify_after == 2


def test_where_the_contract_is_silent_the_organisation_says_it(cast, scope_of, world, by):
    with scope_of(cast.aldermoor):
        make.settings(verify_after=5)
    plan = by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="Please.")
    assert plan.verify_after == 5


@pytest.mark.parametrize("due_on", [date(2024, 5, 19), date(2025, 6, 1)])
def test_the_day_is_from_today_on_and_within_a_year(cast, world, by, stand, due_on):
    with pytest.raises(RuleBroken, match="cannot be"):
        by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=due_on, request="Please.")
    assert stand() == (Status.OPEN, None, [])


def test_a_plan_is_for_one_contract_and_needs_words(cast, scope_of, world, by, stand):
    with scope_of(cast.aldermoor):
        other = World(cast.halden).breach
    with pytest.raises(RuleBroken, match="one contract"):
        by(cast.marco, ask_for_plan, breaches=[world.breach, other], due_on=date(2024, 5, 28), request="Please.")
    with pytest.raises(RuleBroken, match="empty"):
        by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="  ")
    assert stand() == (Status.OPEN, None, [])


def test_who_may_what(cast, world, by, asked):
    for name in ("petra", "ada", "olu", "vera", "ravi"):
        with pytest.raises(NotAllowed):
            by(getattr(cast, name), ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="x")
    for name in ("marco", "petra", "ada", "olu"):
        with pytest.raises(NotAllowed):
            by(getattr(cast, name), propose_plan, plan=asked, cause=Cause.STAFF, cause_text="x", steps=STEPS, seen=0)
    for name in ("petra", "ada", "olu"):
        with pytest.raises(NotAllowed):
            by(getattr(cast, name), decide_on_plan, plan=asked, accept=True, seen=0)


def test_a_second_plan_for_the_same_breach_is_refused(cast, world, by, asked):
    with pytest.raises(Conflict):
        by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="Again.")


def test_proposed_sent_back_and_proposed_again_keeps_both_editions(cast, scope_of, asked, proposed, by, stand):
    assert inbox(scope_of, cast.marco) == ["Vera Novak sent a corrective plan to decide on"]
    with pytest.raises(RuleBroken, match="empty"):
        by(cast.marco, decide_on_plan, plan=asked, accept=False, reason=" ", seen=1)
    by(cast.marco, decide_on_plan, plan=asked, accept=False, reason="Nights are missing.", seen=1)
    with pytest.raises(Conflict, match="another edition"):
        by(cast.ravi, propose_plan, plan=asked, cause=Cause.STAFF, cause_text="Two left.", steps=STEPS, seen=0)
    by(cast.ravi, propose_plan, plan=asked, cause=Cause.PROCESS, cause_text="Rota.", steps=STEPS[:1], seen=1)
    assert stand()[2] == [EntryKind.ASKED, EntryKind.PROPOSED, EntryKind.SENT_BACK, EntryKind.PROPOSED]
    with scope_of(cast.aldermoor):
        assert list(asked.proposals.values_list("revision", "by_name")) == [(1, "Vera Novak"), (2, "Ravi Menon")]


@pytest.mark.parametrize("steps", [[], [NewStep(" ", "Vera")], [NewStep("Hire", " ")], [NewStep("Hire", "Vera")] * 21])
def test_steps_that_say_too_little_or_too_much_change_nothing(cast, asked, by, stand, steps):
    with pytest.raises(RuleBroken):
        by(cast.vera, propose_plan, plan=asked, cause=Cause.STAFF, cause_text="Two left.", steps=steps, seen=0)
    assert stand()[2] == [EntryKind.ASKED]


def test_who_accepts_has_seen_the_edition_that_lies_here_and_nobody_decides_twice(cast, asked, proposed, by, stand):
    with pytest.raises(Conflict, match="another edition"):
        by(cast.marco, decide_on_plan, plan=asked, accept=True, seen=0)
    by(cast.marco, decide_on_plan, plan=asked, accept=True, seen=1)
    with pytest.raises(Conflict, match="decided on already"):
        by(cast.marco, decide_on_plan, plan=asked, accept=True, seen=1)
    assert stand()[:2] == (Status.PLAN, PlanStatus.ACCEPTED)


def test_counting_begins_after_the_last_dated_step(cast, scope_of, accepted):
    with scope_of(cast.aldermoor):
        assert CorrectivePlan.objects.get().counts_from == date(2024, 6, 15)


def test_steps_are_reported_done_and_undone_by_the_vendor(cast, scope_of, accepted, by, stand):
    with scope_of(cast.aldermoor):
        step = PlanStep.objects.get(position=1)
    by(cast.vera, report_step, step=step, done=True)
    by(cast.vera, report_step, step=step, done=False)
    with pytest.raises(NotAllowed):
        by(cast.marco, report_step, step=step, done=True)
    with scope_of(cast.aldermoor):
        assert [(one.done, one.done_by_name) for one in PlanStep.objects.with_reports()] == [
            (False, "Vera Novak"),
            (None, None),
        ]
    assert stand()[2][-2:] == [EntryKind.DONE, EntryKind.UNDONE]


def test_steps_of_a_plan_that_is_not_accepted_cannot_be_done(cast, scope_of, proposed, by):
    with scope_of(cast.aldermoor):
        step = PlanStep.objects.get(position=1)
    with pytest.raises(Conflict):
        by(cast.vera, report_step, step=step, done=True)


def test_verified_after_three_later_periods_met_once_the_steps_are_done(
    cast, scope_of, world, accepted, by, run, stand
):
    with scope_of(cast.aldermoor):
        step = PlanStep.objects.get(position=1)
        for nth in (2, 3, 4, 5):  # May and June began before 15 June and do not count
            world.judged(nth)
    by(cast.vera, report_step, step=step, done=True)
    assert run() == 0
    with scope_of(cast.aldermoor):
        world.judged(6)
    assert run() == 1
    assert stand()[:2] == (Status.VERIFIED, PlanStatus.VERIFIED)
    assert stand()[2][-1] == EntryKind.VERIFIED
    assert "Breach verified" in inbox(scope_of, cast.vera)
    assert "Breach verified" in inbox(scope_of, cast.marco)
    assert run() == 0


def test_enough_periods_met_wait_for_the_steps(cast, scope_of, world, accepted, by, run, stand):
    with scope_of(cast.aldermoor):
        for nth in (4, 5, 6):
            world.judged(nth)
        step = PlanStep.objects.get(position=1)
    assert (run(), stand()[0]) == (0, Status.PLAN)
    by(cast.vera, report_step, step=step, done=True)
    assert (run(), stand()[0]) == (1, Status.VERIFIED)


def test_a_level_that_fails_again_opens_the_plan_and_the_next_edition_counts_anew(
    cast, scope_of, world, asked, accepted, by, run, stand
):
    with scope_of(cast.aldermoor):
        world.judged(4)
        world.judged(5, Outcome.DEFAULT)
    assert run() == 1
    assert stand()[:2] == (Status.PLAN, PlanStatus.REOPENED)
    assert run() == 0
    assert "Failed again, a new corrective plan is needed" in inbox(scope_of, cast.vera)
    by(cast.vera, propose_plan, plan=asked, cause=Cause.SYSTEM, cause_text="The tool.", steps=STEPS, seen=1)
    by(cast.marco, decide_on_plan, plan=asked, accept=True, seen=2)
    assert stand()[1] == PlanStatus.ACCEPTED


def test_a_plan_for_two_breaches_is_verified_with_the_second(cast, scope_of, world, by, run):
    with scope_of(cast.aldermoor):
        other = slas.service_level(world.contract, code="SL-02")
        terms = slas.terms(other)
        second = breaches.breach(other, world.periods[0])
    plan = by(
        cast.marco, ask_for_plan, breaches=[world.breach, second], due_on=date(2024, 5, 28), request="One for both."
    )
    by(cast.vera, propose_plan, plan=plan, cause=Cause.STAFF, cause_text="x", steps=[NewStep("Review", "Vera")], seen=0)
    by(cast.marco, decide_on_plan, plan=plan, accept=True, seen=1)
    with scope_of(cast.aldermoor):
        for nth in (3, 4, 5):
            world.judged(nth)
    assert run() == 1
    with scope_of(cast.aldermoor):
        assert CorrectivePlan.objects.get().status == PlanStatus.ACCEPTED
        for nth in (3, 4, 5):
            evaluation.result(terms, world.periods[nth - 1], outcome=Outcome.MET, streak=0)
    assert run() == 1
    with scope_of(cast.aldermoor):
        assert CorrectivePlan.objects.get().status == PlanStatus.VERIFIED
        assert set(Breach.objects.values_list("status", flat=True)) == {Status.VERIFIED}


def test_closed_early_the_plan_is_not_needed_and_opened_again_it_can_be_asked_for_again(
    cast, scope_of, world, asked, by, run, stand
):
    with pytest.raises(RuleBroken):
        by(cast.marco, close, breach=world.breach, reason="")
    by(cast.marco, close, breach=world.breach, reason="The service ends.")
    assert run() == 1
    assert stand()[:2] == (Status.CLOSED, PlanStatus.WITHDRAWN)
    with pytest.raises(NotAllowed):
        by(cast.petra, open_again, breach=world.breach, reason="It goes on.")
    by(cast.marco, open_again, breach=world.breach, reason="It goes on.")
    assert stand()[:2] == (Status.ACKNOWLEDGED, None)
    by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="Again.")


def test_a_breach_under_a_plan_is_not_opened_again_by_the_way(cast, world, asked, by, stand):
    with pytest.raises(Conflict):
        by(cast.marco, open_again, breach=world.breach, reason="By the button Back.")
    assert stand()[:2] == (Status.PLAN, PlanStatus.ASKED)


def test_a_plan_that_does_not_come_in_time_is_said_once(cast, scope_of, world, asked):
    with scope_of(cast.aldermoor):
        for day in (28, 29, 30):
            alert_due(now=MAY.replace(day=day))
        event = Event.objects.get(title="Corrective plan overdue")
        assert event.path == f"breaches/{world.breach.pk}/"


def test_a_plan_that_runs_is_not_proposed_again_and_of_two_at_one_moment_one_is(cast, scope_of, asked, by, stand):
    plan = {"plan": asked, "cause": Cause.STAFF, "cause_text": "Two left.", "steps": STEPS, "seen": 0}
    done = []

    def overtake(execute, sql, *rest):
        if sql.startswith('INSERT INTO "breaches_planproposal"') and not done:
            done.append(True)
            breaches.proposal(asked, cast.vera)
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake), pytest.raises(Conflict, match="another edition"):
        by(cast.vera, propose_plan, **plan)
    assert done and EntryKind.PROPOSED not in stand()[2]
    by(cast.vera, propose_plan, **plan)
    by(cast.marco, decide_on_plan, plan=asked, accept=True, seen=1)
    with pytest.raises(Conflict, match="not asked for any more"):
        by(cast.vera, propose_plan, **plan | {"seen": 1})
    assert stand()[2].count(EntryKind.PROPOSED) == 1


def test_a_plan_that_somebody_else_has_changed_is_not_sent_back(cast, scope_of, asked, proposed):
    with scope_of(cast.marco):
        stale = CorrectivePlan.objects.get()
        CorrectivePlan.objects.update(version=stale.version + 1)
        with pytest.raises(Conflict):
            decide_on_plan(by=cast.marco, plan=stale, accept=False, reason="Nights are missing.", seen=1)
        assert CorrectivePlan.objects.get().decided_revision == 0


@pytest.mark.parametrize("accept", [True, False])
def test_a_reason_has_an_end(cast, asked, proposed, by, stand, accept):
    with pytest.raises(RuleBroken, match="4,001 characters"):
        by(cast.marco, decide_on_plan, plan=asked, accept=accept, reason="x" * 4001, seen=1)
    assert stand()[1] == PlanStatus.ASKED


def test_an_acknowledgement_is_not_written_twice(cast, scope_of, world, by):
    by(cast.marco, acknowledge, breach=world.breach, note="I call them.")
    by(cast.marco, ask_for_plan, breaches=[world.breach], due_on=date(2024, 5, 28), request="Please.")
    with scope_of(cast.aldermoor):
        assert Breach.objects.get().note == "I call them."


def test_nothing_is_announced_twice(cast, scope_of, accepted, world, run):
    with scope_of(cast.aldermoor):
        before = Event.objects.count()
    run()
    with scope_of(cast.aldermoor):
        assert Event.objects.count() == before


DAY = date(2024, 7, 1)


@pytest.mark.parametrize(
    ("outcomes", "met", "failed"),
    [
        (["met", "met"], 2, False),
        (["met", "miss", "met"], 1, False),
        (["met", "exempt", "no_volume", "met"], 2, False),
        (["met", "default", "met"], 0, True),
        (["pending"], 0, False),
        ([], 0, False),
    ],
)
def test_what_counts(outcomes, met, failed):
    reached = progress(Judged(DAY, outcome, outcome == "default") for outcome in outcomes)
    assert (reached.met, reached.failed_on == DAY) == (met, failed)
