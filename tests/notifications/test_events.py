"""An event is announced once, to those who are there, and read by each for oneself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lib.errors import NotAllowed
from notifications.actions import announce, announce_all, mark_all_read, mark_read
from notifications.models import Event, Notice
from notifications.rules import Happening
from organisations.models import Membership
from tests.notifications.conftest import NOW


@pytest.fixture
def system(cast, scope_of):
    with scope_of(cast.aldermoor):
        yield cast


def say(cast, *to, key="late:1", vendor=None):
    return announce(
        key=key, kind="late", title="October figures late", detail="MSA-1", path="contracts/1/", to=to, vendor=vendor
    )


def test_once(system):
    assert say(system, system.marco, system.vera, vendor=system.corvid)
    assert not say(system, system.marco, system.petra, vendor=system.corvid)
    event = Event.objects.get()
    assert (event.title, event.vendor_id) == ("October figures late", system.corvid.pk)
    notices = {notice.member_id: notice for notice in event.notices.all()}
    assert notices.keys() == {system.marco.pk, system.vera.pk}
    assert (notices[system.marco.pk].vendor_id, notices[system.vera.pk].vendor_id) == (None, system.corvid.pk)
    assert len({notice.mail_id for notice in notices.values()}) == 2


def test_the_same_key_in_another_organisation_is_another_event(cast, scope_of):
    for organisation, member in ((cast.aldermoor, cast.marco), (cast.brightwater, cast.otto)):
        with scope_of(organisation):
            assert say(cast, member)
    with scope_of(cast.brightwater):
        assert Notice.objects.get().member_id == cast.otto.pk


def test_nobody_of_another_organisation_can_be_told(system):
    say(system, system.marco, system.otto)
    assert list(Notice.objects.values_list("member_id", flat=True)) == [system.marco.pk]


def test_members_who_left_get_nothing(system):
    Membership.objects.filter(pk=system.marco.pk).update(is_active=False)
    assert say(system, system.marco)
    assert not Notice.objects.exists()


def test_any_number_in_one_statement(system):
    members = (system.marco.pk, system.marco.pk, system.petra.pk)  # twice on the list, once in the inbox
    news = [Happening(f"k:{n}", "late", "x" * 400, members, "y" * 600) for n in range(50)]
    with CaptureQueriesContext(connection) as queries:
        assert announce_all([*news, news[0]], now=NOW) == 50
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1
    assert Notice.objects.count() == 100
    assert announce_all(news, now=NOW) == 0
    assert announce_all([], now=NOW) == 0
    assert len(Event.objects.first().title) == 300


def test_the_inbox_and_its_version(system):
    for n in range(3):
        say(system, system.marco, system.petra, key=f"late:{n}")
    inbox = Notice.objects.inbox(system.marco.pk)
    with CaptureQueriesContext(connection) as queries:
        assert [notice.event.key for notice in inbox] == ["late:2", "late:1", "late:0"]
    assert len(queries) == 1
    versions = [Notice.objects.version(system.marco.pk)]
    assert inbox.unread().count() == 3
    assert mark_read(by=system.marco, notices=[inbox[0].pk, Notice.objects.inbox(system.petra.pk)[0].pk]) == 1
    assert mark_read(by=system.marco, notices=[inbox[0].pk]) == 0
    versions.append(Notice.objects.version(system.marco.pk))
    assert Notice.objects.inbox(system.petra.pk).unread().count() == 3
    say(system, system.marco, key="late:9")
    versions.append(Notice.objects.version(system.marco.pk))
    assert len(set(versions)) == 3
    assert mark_all_read(by=system.marco, up_to=inbox[1].pk) == 2
    assert [notice.event.key for notice in inbox.all().unread()] == ["late:9"]
    assert Notice.objects.version(system.ada.pk) == "0-0"


def test_who_may_not_even_read(system):
    system.olu.is_active = False
    for refused in (lambda: mark_read(by=system.olu, notices=[1]), lambda: mark_all_read(by=system.olu, up_to=1)):
        with pytest.raises(NotAllowed):
            refused()
