"""The post: at least once, under one id, patiently, and given up in plain sight."""

import threading
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from notifications.actions import delivery, publish_events
from notifications.models import Notification
from notifications.rules import BATCH, LEASE, TRIES, NewEvent
from organisations.models import Membership
from tests.notifications.conftest import NOW, Clock


@pytest.fixture
def notification(cast, scope_of):
    """The only notification, as it is now."""

    def stored():
        with scope_of(cast.aldermoor):
            return Notification.objects.get()

    return stored


def test_a_message(publish_event, post, mail, notification):
    publish_event(1)
    assert post(clock=Clock()) == 1
    assert post(clock=Clock()) == 0
    (message,) = django_mail.outbox
    assert message.subject == "Breach 0 · Aldermoor Energy"
    assert message.to == ["marco@example.test"]
    assert "https://plumbline.example/o/aldermoor/breaches/0/" in message.body
    assert message.message()["Message-ID"] == f"<{notification().mail_id}@plumbline.example>"
    assert (notification().sent_at, notification().leased_until, notification().tries) == (NOW, None, 1)


def test_a_title_cannot_write_headers(post, mail, cast, scope_of):
    with scope_of(cast.aldermoor):
        publish_events([NewEvent("k", "late", "Late\r\nBcc: otto@example.test", (cast.marco.pk,))], now=NOW)
    assert post(clock=Clock()) == 1
    assert django_mail.outbox[0].subject == "Late Bcc: otto@example.test · Aldermoor Energy"


def test_a_failure_waits_twice_as_long_each_time_and_is_given_up_in_the_end(
    publish_event, post, mail, notification, cast, scope_of
):
    publish_event(1)
    mail.refuses = {"marco@example.test"}
    now, waits, ids = NOW, [], set()
    for _ in range(TRIES - 1):
        assert post(clock=Clock(now)) == 0
        assert notification().given_up_at is None
        waits.append((notification().due_at - now).total_seconds() / 60)
        assert post(clock=Clock(notification().due_at - timedelta(seconds=1))) == 0
        assert notification().leased_until is None
        now = notification().due_at
        ids.add(notification().mail_id)
    assert waits == [1, 2, 4, 8, 16, 32, 64]
    assert notification().tries == TRIES - 1
    post(clock=Clock(now))
    assert (notification().given_up_at, notification().tries) == (now, TRIES)
    assert notification().last_error == "OSError: 550 no such mailbox marco@example.test"
    assert len(ids) == 1
    mail.refuses = set()
    assert post(clock=Clock(now + timedelta(days=30))) == 0
    with scope_of(cast.aldermoor):
        assert Notification.objects.given_up().get().member_id == cast.marco.pk


def test_a_later_try_has_the_same_id_and_clears_the_error(publish_event, post, mail, notification):
    publish_event(1)
    mail.refuses = {"marco@example.test"}
    post(clock=Clock())
    mail.refuses = set()
    assert post(clock=Clock(NOW + timedelta(minutes=1))) == 1
    assert notification().last_error == ""
    assert django_mail.outbox[0].message()["Message-ID"].startswith(f"<{notification().mail_id}@")


def test_one_bad_address_keeps_nobody_else_from_their_mail(publish_event, post, mail, cast):
    publish_event(2, cast.marco, cast.petra, cast.ada)
    mail.refuses = {"marco@example.test"}
    assert post(clock=Clock()) == 4
    assert {message.to[0] for message in django_mail.outbox} == {"petra@example.test", "ada@example.test"}


def test_no_mail_server_costs_one_batch_a_try(publish_event, post, mail, cast, scope_of):
    publish_event(BATCH + 5)
    mail.away = True
    assert post(clock=Clock()) == 0
    assert mail.opened == 1
    with scope_of(cast.aldermoor):
        tried = Notification.objects.filter(tries=1)
        assert tried.count() == BATCH
        assert set(tried.values_list("last_error", "leased_until")) == {
            ("ConnectionRefusedError: connection refused", None)
        }
        assert Notification.objects.filter(tries=0).count() == 5


def test_a_backend_that_takes_nothing_has_not_sent(publish_event, post, mail, notification, monkeypatch):
    publish_event(1)
    monkeypatch.setattr(mail, "send_messages", lambda self, messages: 0)
    assert post(clock=Clock()) == 0
    assert notification().last_error == "The mail server took no message."


def test_who_left_meanwhile_gets_no_mail(publish_event, post, mail, notification, cast, scope_of):
    publish_event(1)
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
    assert post(clock=Clock()) == 0
    assert notification().last_error == "The member is not active any more."
    assert notification().given_up_at == NOW


def test_a_dead_workers_lease_runs_out_and_another_sends(publish_event, post, mail, notification, cast, scope_of):
    publish_event(1)
    with scope_of(cast.aldermoor):
        (email,) = delivery.claim(now=NOW, limit=10)  # and then the worker is killed
    assert post(clock=Clock(NOW + LEASE - timedelta(seconds=1))) == 0
    assert post(clock=Clock(NOW + LEASE)) == 1
    assert notification().tries == 2
    # Had it only been slow, what it reports now changes nothing.
    with scope_of(cast.aldermoor):
        delivery.record_delivery(email=email, error="too late", now=NOW + LEASE)
    assert notification().last_error == ""


def test_a_slow_workers_failure_does_not_touch_anothers_claim(publish_event, notification, cast, scope_of):
    publish_event(1)
    with scope_of(cast.aldermoor):
        (slow,) = delivery.claim(now=NOW, limit=1)
        (other,) = delivery.claim(now=NOW + LEASE, limit=1)
        delivery.record_delivery(email=slow, error="timed out", now=NOW + LEASE)
        delivery.hand_back(emails=[slow])
    assert (notification().tries, notification().leased_until, notification().last_error) == (2, NOW + LEASE * 2, "")
    with scope_of(cast.aldermoor):
        delivery.record_delivery(email=other, error=None, now=NOW + LEASE)
    assert notification().sent_at == NOW + LEASE


def test_what_kills_every_worker_is_given_up(publish_event, post, mail, notification, cast, scope_of):
    publish_event(1)
    now = NOW
    for _ in range(TRIES):
        with scope_of(cast.aldermoor):
            assert len(delivery.claim(now=now, limit=1)) == 1
        now += LEASE
    assert post(clock=Clock(now)) == 0
    assert (notification().given_up_at, notification().tries) == (now, TRIES)
    assert notification().last_error.startswith("Each worker that tried")


def test_a_batch_stops_in_time_and_hands_the_rest_back(publish_event, post, mail, cast, scope_of):
    publish_event(6)
    # Each look at the clock takes 20 s: began, claimed, then two looks for each message.
    assert post(clock=Clock(step=timedelta(seconds=20))) == 2
    with scope_of(cast.aldermoor):
        rest = Notification.objects.unsent()
        assert set(rest.values_list("tries", "leased_until")) == {(0, None)}
        assert rest.count() == 4
    assert post(clock=Clock(NOW + timedelta(minutes=5))) == 4


def test_a_thousand_in_batches(publish_event, post, mail, monkeypatch):
    publish_event(200)
    sizes = []
    claim = delivery.claim

    def counted(**given):
        sizes.append(len(emails := claim(**given)))
        return emails

    monkeypatch.setattr(delivery, "claim", counted)
    assert post(clock=Clock(), limit=190) == 190
    assert sizes == [BATCH] * 7 + [15]
    assert post(clock=Clock(), limit=1000) == 10


def test_claiming_costs_the_same_for_one_and_for_many(publish_event, cast, scope_of):
    def statements(limit):
        with scope_of(cast.aldermoor), CaptureQueriesContext(connection) as queries:
            assert len(delivery.claim(now=NOW, limit=limit)) == limit
        return len(queries)

    publish_event(30)
    assert statements(1) == statements(20) == 3


def test_two_workers_at_once_send_each_notice_once(committed, cast, scope_of, publish_event, post, mail):
    publish_event(120)
    start = threading.Barrier(3)
    sent = []

    def worker():
        try:
            start.wait()
            sent.append(post(clock=Clock()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 120
    assert len({message.message()["Message-ID"] for message in django_mail.outbox}) == len(django_mail.outbox) == 120
    with scope_of(cast.aldermoor):
        assert set(Notification.objects.values_list("tries", flat=True)) == {1}
