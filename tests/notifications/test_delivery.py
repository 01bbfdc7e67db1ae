"""The post: at least once, under one id, patiently, and given up in plain sight."""

import threading
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from notifications.actions import announce_all, delivery
from notifications.models import Notice
from notifications.rules import BATCH, LEASE, TRIES, Happening
from organisations.models import Membership
from tests.notifications.conftest import NOW, Clock


@pytest.fixture
def notice(cast, scope_of):
    """The only notice, as it is now."""

    def stored():
        with scope_of(cast.aldermoor):
            return Notice.objects.get()

    return stored


def test_a_message(announce, post, mail, notice):
    announce(1)
    assert post(clock=Clock()) == 1
    assert post(clock=Clock()) == 0
    (message,) = django_mail.outbox
    assert message.subject == "Breach 0 · Aldermoor Energy"
    assert message.to == ["marco@example.test"]
    assert "https://plumbline.example/o/aldermoor/breaches/0/" in message.body
    assert message.message()["Message-ID"] == f"<{notice().mail_id}@plumbline.example>"
    assert (notice().sent_at, notice().leased_until, notice().tries) == (NOW, None, 1)


def test_a_title_cannot_write_headers(post, mail, cast, scope_of):
    with scope_of(cast.aldermoor):
        announce_all([Happening("k", "late", "Late\r\nBcc: otto@example.test", (cast.marco.pk,))], now=NOW)
    assert post(clock=Clock()) == 1
    assert django_mail.outbox[0].subject == "Late Bcc: otto@example.test · Aldermoor Energy"


def test_a_failure_waits_twice_as_long_each_time_and_is_given_up_in_the_end(
    announce, post, mail, notice, cast, scope_of
):
    announce(1)
    mail.refuses = {"marco@example.test"}
    now, waits, ids = NOW, [], set()
    for _ in range(TRIES - 1):
        assert post(clock=Clock(now)) == 0
        assert notice().given_up_at is None
        waits.append((notice().due_at - now).total_seconds() / 60)
        assert post(clock=Clock(notice().due_at - timedelta(seconds=1))) == 0
        assert notice().leased_until is None
        now = notice().due_at
        ids.add(notice().mail_id)
    assert waits == [1, 2, 4, 8, 16, 32, 64]
    assert notice().tries == TRIES - 1
    post(clock=Clock(now))
    assert (notice().given_up_at, notice().tries) == (now, TRIES)
    assert notice().last_error == "OSError: 550 no such mailbox marco@example.test"
    assert len(ids) == 1
    mail.refuses = set()
    assert post(clock=Clock(now + timedelta(days=30))) == 0
    with scope_of(cast.aldermoor):
        assert Notice.objects.given_up().get().member_id == cast.marco.pk


def test_a_later_try_has_the_same_id_and_clears_the_error(announce, post, mail, notice):
    announce(1)
    mail.refuses = {"marco@example.test"}
    post(clock=Clock())
    mail.refuses = set()
    assert post(clock=Clock(NOW + timedelta(minutes=1))) == 1
    assert notice().last_error == ""
    assert django_mail.outbox[0].message()["Message-ID"].startswith(f"<{notice().mail_id}@")


def test_one_bad_address_keeps_nobody_else_from_their_mail(announce, post, mail, cast):
    announce(2, cast.marco, cast.petra, cast.ada)
    mail.refuses = {"marco@example.test"}
    assert post(clock=Clock()) == 4
    assert {message.to[0] for message in django_mail.outbox} == {"petra@example.test", "ada@example.test"}


def test_no_mail_server_costs_one_batch_a_try(announce, post, mail, cast, scope_of):
    announce(BATCH + 5)
    mail.away = True
    assert post(clock=Clock()) == 0
    assert mail.opened == 1
    with scope_of(cast.aldermoor):
        tried = Notice.objects.filter(tries=1)
        assert tried.count() == BATCH
        assert set(tried.values_list("last_error", "leased_until")) == {
            ("ConnectionRefusedError: connection refused", None)
        }
        assert Notice.objects.filter(tries=0).count() == 5


def test_a_backend_that_takes_nothing_has_not_sent(announce, post, mail, notice, monkeypatch):
    announce(1)
    monkeypatch.setattr(mail, "send_messages", lambda self, messages: 0)
    assert post(clock=Clock()) == 0
    assert notice().last_error == "The mail server took no message."


def test_who_left_meanwhile_gets_no_mail(announce, post, mail, notice, cast, scope_of):
    announce(1)
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
    assert post(clock=Clock()) == 0
    assert notice().last_error == "The member is not active any more."
    assert notice().given_up_at == NOW


def test_a_dead_workers_lease_runs_out_and_another_sends(announce, post, mail, notice, cast, scope_of):
    announce(1)
    with scope_of(cast.aldermoor):
        (letter,) = delivery.claim(now=NOW, limit=10)  # and then the worker is killed
    assert post(clock=Clock(NOW + LEASE - timedelta(seconds=1))) == 0
    assert post(clock=Clock(NOW + LEASE)) == 1
    assert notice().tries == 2
    # Had it only been slow, what it reports now changes nothing.
    with scope_of(cast.aldermoor):
        delivery.settle(letter=letter, error="too late", now=NOW + LEASE)
    assert notice().last_error == ""


def test_a_slow_workers_failure_does_not_touch_anothers_claim(announce, notice, cast, scope_of):
    announce(1)
    with scope_of(cast.aldermoor):
        (slow,) = delivery.claim(now=NOW, limit=1)
        (other,) = delivery.claim(now=NOW + LEASE, limit=1)
        delivery.settle(letter=slow, error="timed out", now=NOW + LEASE)
        delivery.hand_back(letters=[slow])
    assert (notice().tries, notice().leased_until, notice().last_error) == (2, NOW + LEASE * 2, "")
    with scope_of(cast.aldermoor):
        delivery.settle(letter=other, error=None, now=NOW + LEASE)
    assert notice().sent_at == NOW + LEASE


def test_what_kills_every_worker_is_given_up(announce, post, mail, notice, cast, scope_of):
    announce(1)
    now = NOW
    for _ in range(TRIES):
        with scope_of(cast.aldermoor):
            assert len(delivery.claim(now=now, limit=1)) == 1
        now += LEASE
    assert post(clock=Clock(now)) == 0
    assert (notice().given_up_at, notice().tries) == (now, TRIES)
    assert notice().last_error.startswith("Each worker that tried")


def test_a_batch_stops_in_time_and_hands_the_rest_back(announce, post, mail, cast, scope_of):
    announce(6)
    # Each look at the clock takes 20 s: began, claimed, then two looks for each message.
    assert post(clock=Clock(step=timedelta(seconds=20))) == 2
    with scope_of(cast.aldermoor):
        rest = Notice.objects.unsent()
        assert set(rest.values_list("tries", "leased_until")) == {(0, None)}
        assert rest.count() == 4
    assert post(clock=Clock(NOW + timedelta(minutes=5))) == 4


def test_a_thousand_in_batches(announce, post, mail, monkeypatch):
    announce(200)
    sizes = []
    claim = delivery.claim

    def counted(**given):
        sizes.append(len(letters := claim(**given)))
        return letters

    monkeypatch.setattr(delivery, "claim", counted)
    assert post(clock=Clock(), limit=190) == 190
    assert sizes == [BATCH] * 7 + [15]
    assert post(clock=Clock(), limit=1000) == 10


def test_claiming_costs_the_same_for_one_and_for_many(announce, cast, scope_of):
    def statements(limit):
        with scope_of(cast.aldermoor), CaptureQueriesContext(connection) as queries:
            assert len(delivery.claim(now=NOW, limit=limit)) == limit
        return len(queries)

    announce(30)
    assert statements(1) == statements(20) == 3


def test_two_workers_at_once_send_each_notice_once(committed, cast, scope_of, announce, post, mail):
    announce(120)
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
        assert set(Notice.objects.values_list("tries", flat=True)) == {1}
