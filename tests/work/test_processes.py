"""A real worker: from the ring to the breach, the alert and the mail."""

import re

from breaches.models import Breach
from config.celery import app
from contracts.models import Reevaluation
from lib.wakeup import wake_workers
from notifications.models import Notification
from tests.processes import wait_for

assert app  # lib.wakeup rings through the current application: this one


def test_judging_waits_for_no_letter(committed, desk, cast, scope_of, processes):
    """However slow the mail server is, or nobody at all takes letters: they have a queue and a process of their own."""
    processes.worker("-Q", "celery")
    desk.report()
    with scope_of(cast.aldermoor):
        wake_workers(cast.aldermoor.pk)

    def breached():
        with scope_of(cast.aldermoor):
            return Breach.objects.count() >= 2 and Notification.objects.unsent().exists()

    wait_for(breached, "the breaches are open")
    assert not list(processes.mail.iterdir())
    processes.worker("-Q", "mail")

    def sent():
        with scope_of(cast.aldermoor):
            return not Notification.objects.unsent().exists()

    wait_for(sent, "every letter is sent")


def test_an_acceptance_is_a_breach_and_a_mail(committed, desk, cast, scope_of, processes):
    processes.worker()
    with scope_of(cast.aldermoor):
        wake_workers(cast.aldermoor.pk)  # the first task warms the worker up

    def judged():
        with scope_of(cast.aldermoor):
            return Reevaluation.objects.filter(from_on=None).exclude(judged_on=None).exists()

    wait_for(judged, "the contract is judged for the first time")
    desk.report()
    with scope_of(cast.aldermoor):
        wake_workers(cast.aldermoor.pk)

    def sent():
        with scope_of(cast.aldermoor):
            return Breach.objects.count() >= 2 and not Notification.objects.unsent().exists()

    wait_for(sent, "every notification is sent")
    with scope_of(cast.aldermoor):
        notifications = {str(mail_id) for mail_id in Notification.objects.values_list("mail_id", flat=True)}
    written = "".join(file.read_text() for file in processes.mail.iterdir())
    ids = re.findall(r"Message-ID: <([0-9a-f-]{36})@", written)
    assert len(ids) == len(set(ids))
    assert set(ids) == notifications
