"""Several workers at one organisation: no wake-up is lost, nothing is done twice, nobody queues up."""

import threading
import time
from datetime import date, timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

import evaluation.actions
import scorecards.actions
from breaches.models import Breach
from config import tasks
from credits.models import LedgerEntry
from evaluation.models import Month, Watermark
from notifications.models import Event, Notification
from organisations import tasks as organisation_tasks
from organisations.tasks import take_turn
from scorecards.actions.building import LATE
from scorecards.models import Scorecard
from tests.work.conftest import TODAY

JOB = "plumbline.open"


@pytest.fixture
def threads(committed):
    """`threads(work, …)`: run each in a thread with connections of its own; `join()` waits for them."""

    class Threads:
        def __init__(self):
            self.running, self.errors = [], []

        def __call__(self, *work):
            for one in work:
                thread = threading.Thread(target=self._run, args=(one,))
                thread.start()
                self.running.append(thread)
            return self

        def _run(self, one):
            try:
                one()
            except BaseException as error:
                self.errors.append(error)
            finally:
                connections.close_all()

        def join(self):
            for thread in self.running:
                thread.join(60)
            assert not self.errors

    return Threads()


def until(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def rung(monkeypatch):
    """The organisations whose workers are asked for again."""
    rings = []
    monkeypatch.setattr(tasks, "ring", lambda task, organisation_id: rings.append(organisation_id))
    return rings


def test_who_comes_while_the_work_is_done_leaves_and_is_followed_up(threads, cast, scope_of, redis_url, rung):
    """The holder may have read its input before: it runs once more, and nobody waits for it."""
    hold, inside = threading.Event(), threading.Event()

    def holder():
        with scope_of(cast.aldermoor):
            assert take_turn(JOB, cast.aldermoor.pk)
            inside.set()
            assert hold.wait(30)

    threads(holder)
    assert inside.wait(30)
    with scope_of(cast.aldermoor):
        assert not take_turn(JOB, cast.aldermoor.pk)
        assert take_turn("plumbline.post", cast.aldermoor.pk)  # another job is free
    with scope_of(cast.brightwater):
        assert take_turn(JOB, cast.brightwater.pk)  # and so is another organisation
    hold.set()
    threads.join()
    tasks.work(cast.brightwater.pk)
    assert rung == []
    tasks.work(cast.aldermoor.pk)  # the holder's run ends
    assert rung == [cast.aldermoor.pk]
    tasks.work(cast.aldermoor.pk)
    assert rung == [cast.aldermoor.pk]  # once


def test_a_turn_that_is_given_back_meanwhile_is_taken(cast, scope_of, monkeypatch, redis_url):
    """The holder has looked for a note just before it was left: nobody would ring."""
    answers = iter([False, True])
    monkeypatch.setattr(organisation_tasks, "_try_turn", lambda *_: next(answers))
    with scope_of(cast.aldermoor):
        assert take_turn(JOB, cast.aldermoor.pk)


def test_three_workers_at_once_do_everything_once(threads, desk, cast, scope_of, work):
    desk.report()
    start = threading.Barrier(3)

    def worker():
        start.wait(30)
        work(cast.aldermoor)

    threads(worker, worker, worker).join()
    work(cast.aldermoor)  # whoever came last left some of it to those before
    with scope_of(cast.aldermoor):
        assert Breach.objects.count() == 2
        assert LedgerEntry.objects.count() == 4
        assert Event.objects.filter(kind="breach").count() == 2
        assert set(Notification.objects.values_list("tries", flat=True)) == {1}
        assert not Notification.objects.unsent().exists()


def test_an_acceptance_in_the_middle_of_the_work_is_not_lost(threads, desk, cast, scope_of, work, monkeypatch):
    """The holder has read its input when the figures are accepted; the ring that follows does the rest."""
    desk.report()
    judged, go_on = threading.Event(), threading.Event()
    judge_share = evaluation.actions.judge_share

    def slow(**given):
        done = judge_share(**given)
        if threading.current_thread().name == "slow":
            judged.set()
            go_on.wait(30)
        return done

    monkeypatch.setattr(evaluation.actions, "judge_share", slow)

    def first():
        threading.current_thread().name = "slow"
        work(cast.aldermoor)

    def second():
        desk.correct(date(2024, 5, 1), 96)
        work(cast.aldermoor)

    threads(first)
    assert judged.wait(30)
    threads(second)
    time.sleep(0.2)
    go_on.set()
    threads.join()
    work(cast.aldermoor)  # where one found the other's turn taken, it has left a note
    with scope_of(cast.aldermoor):
        # May was a breach or never became one, as the steps of the two happened to fall; it is none now.
        assert [breach.month.month for breach in Breach.objects.live()] == [6]
        for month in desk.contract.months.exclude(final=False):
            assert desk.contract.ledger.filter(month=month.month).balance() == month.credit


def test_a_month_that_is_being_judged_is_scored_afterwards(threads, desk, cast, scope_of, work, clock):
    """Its scorecard is due already; built now, it would be of the old judgement and look newer than the new one."""
    desk.report()
    work(cast.aldermoor)
    clock(TODAY + timedelta(minutes=1))
    desk.correct(date(2024, 6, 1), 97)
    assert tasks.judge(cast.aldermoor.pk) == 1
    clock(TODAY + timedelta(minutes=2))
    desk.correct(date(2024, 5, 1), 97)
    judged, go_on = threading.Event(), threading.Event()

    def judge():
        with scope_of(cast.aldermoor):
            evaluation.actions.judge_due(now=timezone.now())
            judged.set()
            go_on.wait(30)

    threads(judge)
    assert judged.wait(30)
    assert tasks.score(cast.aldermoor.pk) == 0
    go_on.set()
    threads.join()
    assert tasks.score(cast.aldermoor.pk) == 1
    with scope_of(cast.aldermoor):
        scores = Scorecard.objects.filter(month__gte=date(2024, 4, 1), month__lte=date(2024, 6, 1))
        assert set(scores.values_list("score", flat=True)) == {100}


JUDGED = "UPDATE evaluation_month SET judged_at = judged_at + interval '1 s' WHERE month = '2024-05-01'"


def test_what_was_judged_until_a_contract_is_held_is_scored(desk, cast, scope_of, work):
    """The number that is noted is the row's as it was locked; a statement that looked for months as well would see those of before."""
    desk.report()
    work(cast.aldermoor)

    def judged_meanwhile(execute, sql, params, many, context):
        if sql == LATE:
            execute(JUDGED, None, False, context)
        return execute(sql, params, many, context)

    with scope_of(cast.aldermoor):
        Watermark.objects.filter(step=scorecards.actions.STEP).delete()
        with connection.execute_wrapper(judged_meanwhile):
            assert scorecards.actions.build_due(now=TODAY) == 1
        stamp = Month.objects.get(month=date(2024, 5, 1)).judged_at
        assert stamp > Month.objects.get(month=date(2024, 6, 1)).judged_at
        assert Scorecard.objects.get(month=date(2024, 5, 1)).judged_at == stamp


def test_what_is_to_be_judged_is_not_held_to_be_scored(desk, cast, scope_of, work, clock):
    """The ring of a correction would find its contract taken, and leave it."""
    desk.report()
    assert tasks.judge(cast.aldermoor.pk) == 1
    clock(TODAY + timedelta(minutes=1))
    desk.correct(date(2024, 5, 1), 97)
    with scope_of(cast.aldermoor):
        assert scorecards.actions.build_due(now=timezone.now()) == 0
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Scorecard.objects.get(month=date(2024, 5, 1)).score == 100
