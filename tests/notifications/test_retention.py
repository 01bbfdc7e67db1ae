"""How long inboxes and letters are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config import tasks
from notifications.actions import forget_letters
from notifications.models import Event, InvitationLetter, Notification
from tests.factories import notifications, organisations
from tests.notifications.conftest import NOW


@pytest.fixture
def inbox(cast, scope_of):
    """An event of each kind, `age` days old: sent, given up, still to be sent, and one that waits for a decision."""

    def made(age):
        old = NOW - timedelta(days=age)
        with scope_of(cast.aldermoor):
            for name, fields, state in (
                ("sent", {}, {"sent_at": old}),
                ("lost", {}, {"given_up_at": old}),
                ("due", {}, {}),
                ("waiting", {"kind": "approval"}, {"sent_at": old}),
            ):
                event = notifications.event(key=f"{name}:{age}", **fields)
                one = notifications.notification(event, cast.marco, **state)
                Event.objects.filter(pk=event.pk).update(created_at=old)
                Notification.objects.filter(pk=one.pk).update(created_at=old)

    return made


def left(cast, scope_of):
    with scope_of(cast.aldermoor):
        return sorted(Notification.objects.values_list("event__key", flat=True)), sorted(
            Event.objects.values_list("key", flat=True)
        )


def test_what_is_older_goes_but_what_is_to_be_sent_or_decided(cast, scope_of, inbox):
    inbox(100)
    inbox(99)
    before = left(cast, scope_of)
    with scope_of(cast.aldermoor):
        assert forget_letters(days=None, now=NOW) == 0
        assert forget_letters(days=100, now=NOW) == 0
    assert left(cast, scope_of) == before
    with scope_of(cast.aldermoor):
        assert forget_letters(days=99, now=NOW + timedelta(seconds=1)) == 6
    assert left(cast, scope_of) == (["due:100", "due:99"], ["due:100", "due:99", "waiting:100", "waiting:99"])


def test_letters_of_invitations_go_too(cast, scope_of):
    with scope_of(cast.aldermoor):
        letter = notifications.invitation_letter(organisations.invitation(), sent_at=NOW)
        InvitationLetter.objects.filter(pk=letter.pk).update(due_at=NOW)
        forget_letters(days=90, now=NOW + timedelta(days=90))
        assert InvitationLetter.objects.exists()
        forget_letters(days=90, now=NOW + timedelta(days=91))
        assert not InvitationLetter.objects.exists()


def test_the_night_does_what_the_settings_say(cast, scope_of, inbox):
    inbox(200 - (timezone.now() - NOW).days)
    tasks.forget_old(cast.aldermoor.pk)
    assert len(left(cast, scope_of)[0]) == 4
    with scope_of(cast.ada):
        organisations.settings(keep_mail_days=90)
    tasks.forget_old(cast.aldermoor.pk)
    assert len(left(cast, scope_of)[0]) == 1
