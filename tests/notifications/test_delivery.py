"""The post: at least once, under one id, patiently, and given up in plain sight."""

import threading
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail as django_mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from notifications.actions import delivery, mark_decided, publish_events
from notifications.email import without_links
from notifications.models import Event, Notification
from notifications.rules import BATCH, LEASE, LISTED, TRIES, NewEvent
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
    assert django_mail.outbox[0].subject == "Late Bcc: otto@example[.]test · Aldermoor Energy"


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
    assert post(clock=Clock()) == 2
    assert {message.to[0] for message in django_mail.outbox} == {"petra@example.test", "ada@example.test"}


def test_no_mail_server_costs_one_batch_a_try(publish_event, post, mail, cast, scope_of, colleagues):
    publish_event(1, *colleagues(BATCH + 5))
    mail.away = True
    assert post(clock=Clock()) == 0
    assert mail.opened == 1
    with scope_of(cast.aldermoor):
        tried = Notification.objects.filter(tries=1)
        assert tried.count() == BATCH
        assert set(tried.values_list("last_error", "leased_until", "attempt_started_at")) == {
            ("ConnectionRefusedError: connection refused", None, None)
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


# One email for many events ----------------------------------------------------------------------------------------


def test_a_file_over_1200_months_is_one_letter(publish_event, post, mail, cast, scope_of):
    publish_event(1200, cast.marco, cast.petra)
    assert post(clock=Clock()) == 2
    assert [message.to for message in django_mail.outbox] == [["petra@example.test"], ["marco@example.test"]]
    message = django_mail.outbox[0]
    assert message.subject == "Breach 0 and 1,199 more · Aldermoor Energy"
    assert message.body.count("/breaches/") == LISTED
    assert f"And {1200 - LISTED:,} more, in your inbox:\nhttps://plumbline.example/o/aldermoor/inbox/" in message.body
    with scope_of(cast.aldermoor):
        assert not Notification.objects.unsent().exists()
        assert Notification.objects.values("mail_id").distinct().count() == 2


def test_what_happens_after_a_letter_is_collected(publish_event, post, mail, cast, settings):
    settings.MAIL_PAUSE_SECONDS = 300
    publish_event(1)
    assert post(clock=Clock()) == 1
    publish_event(3, title="Later")
    assert post(clock=Clock(NOW + timedelta(seconds=299))) == 0
    publish_event(1, cast.petra)
    assert post(clock=Clock(NOW + timedelta(seconds=299))) == 1  # she waits for nobody
    assert post(clock=Clock(NOW + timedelta(seconds=300))) == 1
    assert [message.subject for message in django_mail.outbox] == [
        "Breach 0 · Aldermoor Energy",
        "Breach 0 · Aldermoor Energy",
        "Later 0 and 2 more · Aldermoor Energy",
    ]


def test_what_was_decided_or_read_before_it_was_sent_needs_no_letter(publish_event, post, mail, cast, scope_of):
    publish_event(3)
    with scope_of(cast.aldermoor):
        decided, read, _ = Event.objects.order_by("pk")
        mark_decided(events=[decided.pk], at=NOW)
        Notification.objects.filter(event=read).update(read_at=NOW)
    assert post(clock=Clock()) == 1
    assert [message.subject for message in django_mail.outbox] == ["Breach 2 · Aldermoor Energy"]
    with scope_of(cast.aldermoor):
        assert not Notification.objects.unsent().exists()
        assert not Notification.objects.given_up().exists()  # nothing failed


def test_a_letter_that_was_tried_stays_as_it_was(publish_event, post, mail, cast, scope_of):
    """Its id is known to the mailbox; what came later would be lost under it."""
    publish_event(2)
    mail.refuses = {"marco@example.test"}
    post(clock=Clock())
    mail.refuses = set()
    publish_event(1, title="Later")
    assert post(clock=Clock(NOW + timedelta(minutes=1))) == 2
    assert sorted(message.subject for message in django_mail.outbox) == [
        "Breach 0 and 1 more · Aldermoor Energy",
        "Later 0 · Aldermoor Energy",
    ]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("See https://evil.example/x?y=1 now", "See [link removed] now"),
        ("two\r\nlines\n\nhttp://evil", "two lines [link removed]"),
        ("www.evil.example", "[link removed]"),
        ("mailto:x@evil.example", "[link removed]"),
        ("sign in at evil.example/login", "sign in at evil[.]example/login"),
        ("ask me@evil.example", "ask me@evil[.]example"),
        ("97.5 % in 2024.05", "97.5 % in 2024.05"),
        ("Sub-processor down. Back by noon.", "Sub-processor down. Back by noon."),
    ],
)
def test_what_others_wrote_is_one_line_and_no_link(written, sent):
    assert without_links(written) == sent


def test_a_note_of_a_vendor_puts_no_lines_and_no_link_into_a_letter(post, mail, cast, scope_of):
    note = "Accept.\n\nYour session ended, sign in at\nhttps://evil.example/"
    with scope_of(cast.aldermoor):
        publish_events([NewEvent("k", "approval", "Figures", (cast.marco.pk,), note, "submissions/1/")], now=NOW)
    assert post(clock=Clock()) == 1
    assert django_mail.outbox[0].body.splitlines()[1] == "Accept. Your session ended, sign in at [link removed]"
    assert "evil" not in django_mail.outbox[0].body


# Workers that end over an email --------------------------------------------------------------------------------------


def test_a_dead_workers_lease_runs_out_and_another_sends(publish_event, post, mail, notification, cast, scope_of):
    publish_event(1)
    with scope_of(cast.aldermoor):
        (email,) = delivery.claim(now=NOW, limit=10)
        assert delivery.begin(emails=[email], now=NOW)  # and then the worker is killed
    assert post(clock=Clock(NOW + LEASE - timedelta(seconds=1))) == 0
    assert post(clock=Clock(NOW + LEASE)) == 1
    assert (notification().tries, notification().attempt_started_at) == (2, None)
    # Had it only been slow, what it reports now changes nothing.
    with scope_of(cast.aldermoor):
        delivery.record_delivery(email=email, error="too late", now=NOW + LEASE)
    assert notification().last_error == ""


def test_a_slow_workers_failure_does_not_touch_anothers_claim(publish_event, notification, cast, scope_of):
    publish_event(1)
    with scope_of(cast.aldermoor):
        (slow,) = delivery.claim(now=NOW, limit=1)
        assert delivery.begin(emails=[slow], now=NOW)
        (other,) = delivery.claim(now=NOW + LEASE, limit=1)
        assert not delivery.begin(emails=[slow], now=NOW + LEASE)
        assert delivery.begin(emails=[other], now=NOW + LEASE)
        delivery.record_delivery(email=slow, error="timed out", now=NOW + LEASE)
        delivery.hand_back(emails=[slow])
    assert (notification().tries, notification().leased_until, notification().last_error) == (2, NOW + LEASE * 2, "")
    with scope_of(cast.aldermoor):
        delivery.record_delivery(email=other, error=None, now=NOW + LEASE)
    assert notification().sent_at == NOW + LEASE


def test_the_letter_that_kills_its_workers_takes_no_other_along(
    publish_event, post, mail, cast, scope_of, monkeypatch, colleagues
):
    """Four for others in the same batch, and one event beside it in its own email: sent. It alone is given up, after its tries."""
    publish_event(1, title="Poison")
    publish_event(1)
    publish_event(1, *colleagues(4), title="Harmless")

    class Killed(BaseException):
        """Nothing of the worker runs after this."""

    def send_messages(self, messages):
        if "Poison" in messages[0].body:
            raise Killed
        return super(mail, self).send_messages(messages)

    monkeypatch.setattr(mail, "send_messages", send_messages)
    monkeypatch.setattr(delivery, "record_delivery", _unless_killed(delivery.record_delivery))
    monkeypatch.setattr(delivery, "hand_back", lambda **_: None)
    now = NOW
    for _ in range(2 * TRIES):
        try:
            post(clock=Clock(now))
        except Killed:
            continue
        finally:
            now += LEASE
    assert len(django_mail.outbox) == 5
    with scope_of(cast.aldermoor):
        (poison,) = Notification.objects.filter(sent_at=None)
        assert (poison.event.title, poison.tries, poison.given_up_at is None) == ("Poison 0", TRIES, False)
        assert poison.last_error.startswith("Each worker that tried")
        assert set(Notification.objects.filter(event__title__contains="Harmless").values_list("tries", flat=True)) == {
            1
        }


def _unless_killed(record_delivery):
    """A process that is killed does not come to its `finally`."""
    return lambda email, error, now: (
        None if error == "The time of the task was up." else record_delivery(email=email, error=error, now=now)
    )


TIME_IS_UP = (1, "The time of the task was up.", None)


@pytest.mark.parametrize(
    ("during", "noted"), [("open", (0, "", None)), ("attach", TIME_IS_UP), ("send_messages", TIME_IS_UP)]
)
def test_a_task_whose_time_is_up_ends_and_notes_it(
    publish_event, post, mail, cast, scope_of, monkeypatch, colleagues, during, noted
):
    publish_event(1, *colleagues(3))

    def slow(*_):
        raise SoftTimeLimitExceeded

    given = {"attach": slow} if during == "attach" else {}
    if not given:
        monkeypatch.setattr(mail, during, slow)
    with pytest.raises(SoftTimeLimitExceeded):
        post(clock=Clock(), **given)
    with scope_of(cast.aldermoor):
        tried = sorted(Notification.objects.values_list("tries", "last_error", "leased_until"))
        assert tried == [(0, "", None), (0, "", None), noted]


def test_a_letter_goes_without_a_file_that_cannot_be_made(publish_event, post, mail):
    publish_event(1)

    def broken(line, organisation):
        raise OSError("no room")

    assert post(clock=Clock(), attach=broken) == 1
    assert [message.attachments for message in django_mail.outbox] == [[]]


def test_a_letter_whose_lease_was_lost_is_left_to_who_has_it(publish_event, post, mail, cast, scope_of, monkeypatch):
    publish_event(1, cast.marco, cast.petra)
    send = mail.send_messages

    def slowly(self, messages):
        with scope_of(cast.aldermoor):
            Notification.objects.filter(tries=0).update(leased_until=NOW + 2 * LEASE)
        return send(self, messages)

    monkeypatch.setattr(mail, "send_messages", slowly)
    assert post(clock=Clock()) == 1
    with scope_of(cast.aldermoor):
        others = Notification.objects.unsent().get()
        assert (others.tries, others.leased_until) == (0, NOW + 2 * LEASE)


def test_a_batch_stops_in_time_and_hands_the_rest_back(publish_event, post, mail, cast, scope_of, colleagues):
    publish_event(1, *colleagues(6))
    # Each look at the clock takes 20 s: began, claimed, then three looks for each email.
    assert post(clock=Clock(step=timedelta(seconds=20))) == 2
    with scope_of(cast.aldermoor):
        rest = Notification.objects.unsent()
        assert set(rest.values_list("tries", "leased_until")) == {(0, None)}
        assert rest.count() == 4
    assert post(clock=Clock(NOW + timedelta(minutes=5))) == 4


def test_a_thousand_in_batches(publish_event, post, mail, monkeypatch, colleagues):
    publish_event(1, *colleagues(60))
    sizes = []
    claim = delivery.claim

    def counted(**given):
        sizes.append(len(emails := claim(**given)))
        return emails

    monkeypatch.setattr(delivery, "claim", counted)
    assert post(clock=Clock(), limit=55) == 55
    assert sizes == [BATCH] * 2 + [5]
    assert post(clock=Clock(), limit=1000) == 5


def test_claiming_costs_the_same_for_one_and_for_many(publish_event, cast, scope_of, colleagues):
    def statements(limit):
        with scope_of(cast.aldermoor), CaptureQueriesContext(connection) as queries:
            assert len(delivery.claim(now=NOW, limit=limit)) == limit
        return len(queries)

    publish_event(3, *colleagues(30))
    assert statements(1) == statements(20)


def test_two_workers_at_once_send_each_letter_once(committed, cast, scope_of, publish_event, post, mail, colleagues):
    publish_event(3, *colleagues(40))
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
    assert sum(sent) == 40
    assert len({message.message()["Message-ID"] for message in django_mail.outbox}) == len(django_mail.outbox) == 40
    with scope_of(cast.aldermoor):
        assert set(Notification.objects.values_list("tries", flat=True)) == {1}
