"""Workers that are killed in the middle of their work: what they had not committed never was, and the next one does it."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from django.utils import timezone

from breaches.models import Breach
from credits.models import LedgerEntry
from evaluation.models import Month, Result
from notifications.models import Event, Notification
from organisations.scope import open_scope
from scorecards.models import Scorecard
from tests.faults import held_mail
from tests.faults.invariants import emails
from tests.processes import wait_for

# Before which write the worker stands still, and what is not there once it was killed.
STATIONS = {
    "evaluation_month": (Result, Month),
    "scorecards_scorecard": (Scorecard, Breach),
    "notifications_event": (Breach, Event),
    "breaches_ledgerentry": (LedgerEntry,),
}


def kill(worker):
    """The worker with all its processes."""
    worker.signal(signal.SIGKILL)
    worker.process.wait()


def kill_children(worker):
    """Only the processes that do the tasks. Their parent stays, and takes new ones."""
    pid = worker.process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def test_killed_in_the_middle_of_each_step(firm, processes, wake, barrier, must_hold):
    aldermoor = firm.cast.aldermoor
    # Seats enough: those of killed workers are taken for a minute still, and here is no beat that would call once more after it.
    seats = {"WORKERS_PER_ORGANISATION": "9"}
    worker = processes.worker(**seats)
    for position, (table, missing) in enumerate(STATIONS.items()):
        barrier.hold(table)
        wake(aldermoor)
        wait_for(barrier.reached, f"a worker is about to write to {table}")
        if position % 2:
            kill_children(worker)
        else:
            kill(worker)
        with open_scope(organisation_id=aldermoor.pk):
            assert {model.__name__: model.objects.count() for model in missing} == dict.fromkeys(
                (model.__name__ for model in missing), 0
            )
        barrier.let_go()
        worker = worker if position % 2 else processes.worker(**seats)
    wake()
    must_hold()


def test_killed_with_a_letter_sent_and_not_noted(firm, processes, wake, must_hold):
    """The lease runs out, and the email goes out once more under the same id; no other does."""
    held = {"EMAIL_BACKEND": f"{held_mail.__name__}.EmailBackend"}
    (processes.folder / held_mail.HOLD).touch()
    worker = processes.worker(**held)
    wake()
    wait_for((processes.folder / held_mail.HELD).exists, "an email is sent")
    kill(worker)
    assert sum(emails(processes.mail).values()) >= 1
    for organisation in firm.organisations:
        with open_scope(organisation_id=organisation.pk):
            assert not Notification.objects.exclude(sent_at=None).exclude(mail_id__in=_sent(processes)).exists()
            Notification.objects.exclude(leased_until=None).update(leased_until=timezone.now())  # five minutes later
    processes.worker(**held)
    wake()
    must_hold(sent_twice=1)
    assert sorted(set(emails(processes.mail).values())) == [1, 2]


def _sent(processes):
    return [mail_id for mail_id, _, _ in emails(processes.mail)]
