"""Acknowledging, and taking it back."""

import pytest

from audit.models import Entry
from breaches.actions import acknowledge, undo_acknowledge
from breaches.models import Breach
from breaches.rules import Status
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Notification
from tests.books import Books
from tests.factories import breaches, notifications


@pytest.fixture
def breach(cast, scope_of):
    """An open breach, in Marco's scope."""
    with scope_of(cast.aldermoor):
        books = Books(cast.corvid)
        made = breaches.breach(books.terms.service_level, books.periods[0])
    with scope_of(cast.marco):
        yield made


def test_acknowledged_with_a_note_and_opened_again(breach, cast):
    acknowledge(by=cast.marco, breach=breach, note="  Called Vera. ")
    stored = Breach.objects.get()
    assert (stored.status, stored.note, stored.acknowledged_by_id) == (
        Status.ACKNOWLEDGED,
        "Called Vera.",
        cast.marco.pk,
    )
    assert stored.acknowledged_at is not None
    assert Entry.objects.filter(table_name="breaches_breach", operation="UPDATE", actor_id=cast.marco.pk).count() == 1
    undo_acknowledge(by=cast.marco, breach=stored)
    stored.refresh_from_db()
    assert (stored.status, stored.acknowledged_by_id, stored.acknowledged_at) == (Status.OPEN, None, None)
    assert stored.acknowledged_by_name == ""


def test_of_two_who_acknowledge_one_is_told_so(breach, cast):
    other = Breach.objects.get()
    acknowledge(by=cast.marco, breach=breach)
    with pytest.raises(Conflict):
        acknowledge(by=cast.marco, breach=other, note="Me too")
    assert Breach.objects.get().note == ""


@pytest.mark.parametrize("name", ["petra", "ada", "olu", "vera", "ravi"])
def test_account_managers_only(breach, cast, name):
    for refused in (acknowledge, undo_acknowledge):
        with pytest.raises(NotAllowed):
            refused(by=getattr(cast, name), breach=breach)
    assert Breach.objects.get().status == Status.OPEN


def test_a_note_has_an_end(breach, cast):
    with pytest.raises(RuleBroken, match="2001 characters"):
        acknowledge(by=cast.marco, breach=breach, note="x" * 2001)
    assert Breach.objects.get().status == Status.OPEN


def test_what_was_never_acknowledged_cannot_be_undone(breach, cast):
    with pytest.raises(Conflict):
        undo_acknowledge(by=cast.marco, breach=breach)


def test_inboxes_follow(breach, cast, scope_of):
    """What somebody deals with needs no colleague; taken back, it needs them again, but for who had read it."""
    about = notifications.event(cast.corvid, key=f"breach:{breach.pk}:opened:x")
    other = notifications.event(cast.corvid, key=f"breach:{breach.pk}0:opened:x")
    mine = notifications.notification(about, cast.marco)
    notifications.notification(about, cast.ada, read_at=breach.opened_at)
    kept = {notifications.notification(about, cast.vera).pk, notifications.notification(other, cast.marco).pk}
    acknowledge(by=cast.marco, breach=breach)
    assert set(Notification.objects.unread().values_list("pk", flat=True)) == kept
    undo_acknowledge(by=cast.marco, breach=Breach.objects.get())
    assert set(Notification.objects.unread().values_list("pk", flat=True)) == {*kept, mine.pk}
