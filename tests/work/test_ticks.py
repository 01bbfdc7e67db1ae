"""A tick finds each organisation that has something to do, and none that has not: whatever wake-up was lost."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actions import seal
from audit.models import Entry
from breaches.models import Breach, Escalation
from config import due, tasks
from evaluation import follow_up
from evaluation.models import Watermark
from measurements.actions import import_figures, return_, start_correction, submit, withdraw
from measurements.models import Figure
from notifications.models import Event
from organisations.models import Vendor
from tests.work.conftest import TODAY

LATER = TODAY + timedelta(minutes=10)


@pytest.fixture
def is_due(cast, scope_of):
    """`is_due(now)`: whether a tick would wake the workers for Aldermoor."""

    def asked(now=LATER):
        with scope_of(cast.aldermoor):
            return due.work_is_due(now=now)

    return asked


@pytest.fixture
def quiet(desk, work, cast, scope_of, clock, is_due):
    """Everything is done, and nothing is due."""
    desk.report()
    for _ in range(3):
        work(cast.aldermoor)
    clock(LATER)
    work(cast.aldermoor)
    assert not is_due()
    return desk


def corrected(quiet, cast, scope_of):
    with scope_of(cast.vera):
        correction = start_correction(by=cast.vera, contract=quiet.contract, month=date(2024, 5, 1), reason="A mistake")
        Figure.objects.filter(submission=correction).update(numerator=96)
        return submit(by=cast.vera, submission=correction)


def test_nothing_is_due_where_everything_is_done(quiet, work, cast, is_due):
    work(cast.aldermoor)
    assert not is_due()
    assert is_due(TODAY + timedelta(days=1))  # a new day: what falls due on it is looked at
    assert not is_due(LATER + timedelta(hours=1))


def test_a_submission_a_return_and_an_acceptance_are_due_until_they_were_told(
    quiet, work, cast, scope_of, is_due, clock, settings
):
    submission = corrected(quiet, cast, scope_of)
    assert is_due()
    work(cast.aldermoor)
    assert not is_due()
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=submission, reason="Not the right month")
    assert is_due()
    # Vera was sent the receipt a moment ago: what comes next is collected for a while, and due as long as that.
    collected = LATER + timedelta(seconds=settings.MAIL_PAUSE_SECONDS + 60)
    clock(collected)
    work(cast.aldermoor)
    assert not is_due(collected)


def test_whatever_step_is_lost_in_the_middle_is_found(quiet, cast, scope_of, is_due, monkeypatch):
    """After a correction was accepted the worker dies behind each step in turn; the next tick finds the rest."""
    quiet.correct(date(2024, 6, 1), 80)
    for step in tasks.STEPS:
        assert is_due(), step.name
        step(cast.aldermoor.pk)
        if step.name == "plumbline.ask_for_delivery":
            tasks.deliver(cast.aldermoor.pk)
    tasks.seal(cast.aldermoor.pk)
    assert not is_due()


def test_figures_that_are_withdrawn_after_they_were_due_are_late_after_all(desk, work, cast, scope_of, clock, is_due):
    desk.report("service_level,period,numerator,denominator\nSL-01,2024-04,96,100\nSL-01,2024-05,97,100\n")
    with scope_of(cast.vera):
        source = b"service_level,period,numerator,denominator\nSL-01,2024-06,97,100\n"
        june = import_figures(by=cast.vera, contract=desk.contract, source=source, filename="f.csv", submit=True)
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert not Event.objects.filter(kind="late").exists()
    clock(LATER)
    with scope_of(cast.vera):
        submission = desk.contract.submissions.get(month=date(2024, 6, 1))
        withdraw(by=cast.vera, submission=submission)
    assert june is not None and is_due()
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(kind="late").count() == 1


def test_once_a_night_every_step_looks_at_everything(quiet, work, cast, scope_of, is_due):
    """What somebody has done to the tables by hand is found then, too: no number says that there is anything."""
    with scope_of(cast.aldermoor):
        Escalation.objects.filter(breach__month=date(2024, 6, 1)).delete()
        Breach.objects.filter(month=date(2024, 6, 1)).delete()
        seal(now=LATER)
    assert not is_due()
    assert tasks.look_again(cast.aldermoor.pk) == len(due.STEPS)
    assert is_due()
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Breach.objects.filter(month=date(2024, 6, 1)).exists()
        assert Watermark.objects.count() == len(due.STEPS)


def test_what_is_judged_while_a_step_works_is_found_the_next_time(quiet, cast, scope_of):
    """The number is read before the work and noted after it."""
    with scope_of(cast.aldermoor):
        follow_up.look_again()
        seen = follow_up.judged_since("open", now=LATER)
    quiet.correct(date(2024, 6, 1), 80)
    tasks.judge(cast.aldermoor.pk)
    with scope_of(cast.aldermoor):
        follow_up.note_seen("open", seen)
        assert list(follow_up.judged_since("open", now=LATER)) == [quiet.contract.pk]


def test_it_is_asked_in_two_statements_by_index_alone(quiet, cast, scope_of):
    with scope_of(cast.aldermoor):
        due.work_is_due(now=LATER)  # the session prepares its statement
        with CaptureQueriesContext(
            connection,
        ) as asked:
            due.work_is_due(now=LATER)
        assert len(asked) == 2
        plan = str(due.plan(now=LATER))
    assert "Seq Scan" not in plan
    for table in ("evaluation_month", "evaluation_pastresult", "measurements_figure", "breaches_ledgerentry"):
        assert table not in plan


def test_an_organisation_of_which_nobody_knows_is_worked_for(cast, desk, monkeypatch):
    rings = []
    monkeypatch.setattr(tasks, "ring", lambda task, organisation_id: rings.append(organisation_id))
    monkeypatch.setattr(due, "STATEMENT", "SELECT nothing")
    tasks.tick()
    assert rings == [cast.aldermoor.pk, cast.brightwater.pk]


def read_by(node):
    """Rows that the scans of a plan looked at, kept or not."""
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Scan" in node["Node Type"] else 0
    return own * node["Actual Loops"] + sum(map(read_by, node.get("Plans", [])))


def test_a_tick_reads_no_history(quiet, work, cast, scope_of, is_due):
    """The trail grows by hundreds of entries, which are sealed: the tick goes on to read the last one."""

    def read():
        with scope_of(cast.aldermoor):
            while seal(now=LATER):
                pass
            assert not due.work_is_due(now=LATER)
            return read_by(due.plan(now=LATER))

    before = read()
    with scope_of(cast.aldermoor):
        for n in range(200):
            Vendor.objects.update(name=f"Renamed {n} times")
        assert Entry.objects.count() > 400
    assert read() == before
