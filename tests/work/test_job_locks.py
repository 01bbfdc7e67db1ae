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
from notifications.models import Event, Notification
from organisations import tasks as organisation_tasks
from organisations.tasks import acquire_job_lock
from scorecards.models import Scorecard
from tests.work.conftest import TODAY

JOB = "plumbline.open"


@pytest.fixture
def threads(committed):
    """`threads(work, …)`: run each in a thread with connections of its own; `join()` waits and gives what they returned."""

    class Threads:
        def __init__(self):
            self.running, self.returned, self.errors = [], [], []

        def __call__(self, *work):
            for one in work:
                thread = threading.Thread(target=self._run, args=(one,))
                thread.start()
                self.running.append(thread)
            return self

        def _run(self, one):
            try:
                self.returned.append(one())
            except BaseException as error:
                self.errors.append(error)
            finally:
                connections.close_all()

        def join(self):
            for thread in self.running:
                thread.join(60)
            assert not self.errors
            return self.returned

    return Threads()


def waiting():
    """How many stand at an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0]


def until(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_who_comes_while_the_work_is_done_waits_and_a_third_leaves(threads, cast, scope_of):
    order, hold = [], threading.Event()

    def holder():
        with scope_of(cast.aldermoor):
            assert acquire_job_lock(JOB, cast.aldermoor.pk)
            order.append("holder in")
            assert hold.wait(30)
            order.append("holder out")

    def other():
        with scope_of(cast.aldermoor):
            turn = acquire_job_lock(JOB, cast.aldermoor.pk)
            order.append("waiter in")
            return turn

    threads(holder)
    until(lambda: order)
    threads(other)
    until(lambda: waiting() == 1)
    with scope_of(cast.aldermoor):
        assert not acquire_job_lock(JOB, cast.aldermoor.pk)  # one waits already, and has read nothing yet
        assert acquire_job_lock("plumbline.post", cast.aldermoor.pk)  # another job is free
    with scope_of(cast.brightwater):
        assert acquire_job_lock(JOB, cast.brightwater.pk)  # and so is another organisation
    hold.set()
    assert True in threads.join()  # the one who waited had its turn
    assert order == ["holder in", "holder out", "waiter in"]


def test_who_waited_sees_what_was_committed_meanwhile(threads, cast, scope_of):
    hold, inside = threading.Event(), threading.Event()

    def holder():
        with scope_of(cast.aldermoor):
            acquire_job_lock(JOB, cast.aldermoor.pk)
            Event.objects.create(key="from the holder", kind="late", title="x")
            inside.set()
            hold.wait(30)

    def waiter():
        with scope_of(cast.aldermoor):
            acquire_job_lock(JOB, cast.aldermoor.pk)
            return Event.objects.count()

    threads(holder)
    inside.wait(30)
    threads(waiter)
    until(lambda: waiting() == 1)
    hold.set()
    assert 1 in threads.join()


def test_who_waits_in_vain_goes_on_unharmed(threads, cast, scope_of, monkeypatch):
    monkeypatch.setattr(organisation_tasks, "LOCK_TIMEOUT", "50ms")
    hold, inside = threading.Event(), threading.Event()

    def holder():
        with scope_of(cast.aldermoor):
            acquire_job_lock(JOB, cast.aldermoor.pk)
            inside.set()
            hold.wait(30)

    threads(holder)
    inside.wait(30)
    with scope_of(cast.aldermoor):
        assert not acquire_job_lock(JOB, cast.aldermoor.pk)
        Event.objects.create(key="after", kind="late", title="x")  # the transaction is as good as before
    assert tasks.open_breaches(cast.aldermoor.pk) == 0
    hold.set()
    threads.join()
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(key="after").exists()
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "0"


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
    judge_due = evaluation.actions.judge_due

    def slow(**given):
        done = judge_due(**given)
        if threading.current_thread().name == "slow":
            judged.set()
            go_on.wait(30)
        return done

    monkeypatch.setattr(evaluation.actions, "judge_due", slow)

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
