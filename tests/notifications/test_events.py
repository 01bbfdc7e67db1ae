"""An event is announced once, to those who are there, and read by each for oneself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lib.errors import NotAllowed
from notifications.actions import mark_all_read, mark_read, publish_event, publish_events
from notifications.models import Event, Notification
from notifications.rules import NewEvent
from organisations.models import Membership
from tests.notifications.conftest import NOW


@pytest.fixture
def system(cast, scope_of):
    with scope_of(cast.aldermoor):
        yield cast


def say(cast, *to, key="late:1", vendor=None):
    return publish_event(
        key=key, kind="late", title="October figures late", detail="MSA-1", path="contracts/1/", to=to, vendor=vendor
    )


def test_once(system):
    assert say(system, system.marco, system.vera, vendor=system.corvid)
    assert not say(system, system.marco, system.petra, vendor=system.corvid)
    event = Event.objects.get()
    assert (event.title, event.vendor_id) == ("October figures late", system.corvid.pk)
    notifications = {notification.member_id: notification for notification in event.notifications.all()}
    assert notifications.keys() == {system.marco.pk, system.vera.pk}
    assert (notifications[system.marco.pk].vendor_id, notifications[system.vera.pk].vendor_id) == (
        None,
        system.corvid.pk,
    )
    assert len({notification.mail_id for notification in notifications.values()}) == 2


def test_the_same_key_in_another_organisation_is_another_event(cast, scope_of):
    for organisation, member in ((cast.aldermoor, cast.marco), (cast.brightwater, cast.otto)):
        with scope_of(organisation):
            assert say(cast, member)
    with scope_of(cast.brightwater):
        assert Notification.objects.get().member_id == cast.otto.pk


def test_nobody_of_another_organisation_can_be_told(system):
    say(system, system.marco, system.otto)
    assert list(Notification.objects.values_list("member_id", flat=True)) == [system.marco.pk]


def test_members_who_left_get_nothing(system):
    Membership.objects.filter(pk=system.marco.pk).update(is_active=False)
    assert say(system, system.marco)
    assert not Notification.objects.exists()


def test_a_vendor_s_people_are_told_of_what_is_their_vendor_s_alone(system):
    """Whoever handed figures over may work for another company by now."""
    assert say(system, system.marco, system.vera, system.hana, vendor=system.corvid)
    assert say(system, system.marco, system.vera, key="late:2")
    told = Notification.objects.values_list("event__key", "member_id")
    assert set(told) == {("late:1", system.marco.pk), ("late:1", system.vera.pk), ("late:2", system.marco.pk)}


def test_any_number_in_one_statement(system):
    members = (system.marco.pk, system.marco.pk, system.petra.pk)  # twice on the list, once in the inbox
    news = [NewEvent(f"k:{n}", "late", "x" * 400, members, "y" * 600) for n in range(50)]
    with CaptureQueriesContext(connection) as queries:
        assert publish_events([*news, news[0]], now=NOW) == 50
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1
    assert Notification.objects.count() == 100
    assert publish_events(news, now=NOW) == 0
    assert publish_events([], now=NOW) == 0
    assert len(Event.objects.first().title) == 300


def test_the_inbox_and_its_version(system):
    for n in range(3):
        say(system, system.marco, system.petra, key=f"late:{n}")
    inbox = Notification.objects.inbox(system.marco.pk)
    with CaptureQueriesContext(connection) as queries:
        assert [notification.event.key for notification in inbox] == ["late:2", "late:1", "late:0"]
    assert len(queries) == 1
    versions = [Notification.objects.version(system.marco.pk)]
    assert inbox.unread().count() == 3
    assert (
        mark_read(by=system.marco, notifications=[inbox[0].pk, Notification.objects.inbox(system.petra.pk)[0].pk]) == 1
    )
    assert mark_read(by=system.marco, notifications=[inbox[0].pk]) == 0
    versions.append(Notification.objects.version(system.marco.pk))
    assert Notification.objects.inbox(system.petra.pk).unread().count() == 3
    say(system, system.marco, key="late:9")
    versions.append(Notification.objects.version(system.marco.pk))
    assert len(set(versions)) == 3
    assert mark_all_read(by=system.marco, up_to=inbox[1].pk) == 2
    assert [notification.event.key for notification in inbox.all().unread()] == ["late:9"]
    assert Notification.objects.version(system.ada.pk) == "0-0"


def test_who_may_not_even_read(system):
    system.olu.is_active = False
    for refused in (lambda: mark_read(by=system.olu, notifications=[1]), lambda: mark_all_read(by=system.olu, up_to=1)):
        with pytest.raises(NotAllowed):
            refused()
