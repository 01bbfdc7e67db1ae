"""Which letters somebody gets, and when: chosen by the person, held up by the organisation's quiet hours, ended by one click."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lib.errors import RuleBroken
from notifications.actions import choose_letters, publish_events
from notifications.links import stop_address
from notifications.models import LetterPreferences, Notification
from notifications.rules import KINDS, LetterHours, NewEvent, digest_moments
from tests.factories import notifications, organisations
from tests.notifications.conftest import NOW, Clock

LONDON = ZoneInfo("Europe/London")
OFFICE = LetterHours(LONDON, time(19), time(7), "12345")


def at(text):
    """A moment by London's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "free_from"),
    [
        ("2024-07-15T09:00", "2024-07-15T09:00"),  # a Monday
        ("2024-07-15T18:59", "2024-07-15T18:59"),
        ("2024-07-15T19:00", "2024-07-16T07:00"),
        ("2024-07-16T06:59", "2024-07-16T07:00"),
        ("2024-07-16T07:00", "2024-07-16T07:00"),
        ("2024-07-19T20:00", "2024-07-22T07:00"),  # from Friday evening over the weekend
        ("2024-07-20T12:00", "2024-07-22T07:00"),
        ("2024-03-29T20:00", "2024-04-01T07:00"),  # the clock changes in between
    ],
)
def test_letters_wait_for_the_next_working_hour(now, free_from):
    assert OFFICE.free_from(at(now)) == at(free_from)


def test_quiet_hours_within_a_day_and_none_at_all():
    lunch = LetterHours(LONDON, time(12), time(14))
    assert lunch.free_from(at("2024-07-20T12:00")) == at("2024-07-20T14:00")
    assert lunch.free_from(at("2024-07-20T14:00")) == at("2024-07-20T14:00")
    assert LetterHours().free_from(NOW) == NOW


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2024-07-15T06:59", "2024-07-14T07:00", "2024-07-15T07:00"),
        ("2024-07-15T07:00", "2024-07-15T07:00", "2024-07-16T07:00"),
        ("2024-03-30T12:00", "2024-03-30T07:00", "2024-03-31T07:00"),
    ],
)
def test_a_digest_comes_at_the_same_hour_each_day(now, last, following):
    assert digest_moments(at(now), LONDON, time(7)) == (at(last), at(following))


@pytest.fixture
def announce(cast, scope_of):
    """`announce("late", at=…)`: news of a kind for Marco and Petra, at a moment."""

    def told(kind, when=NOW, **given):
        with scope_of(cast.aldermoor):
            count = Notification.objects.count()
            event = NewEvent(f"{kind}:{count}", kind, f"{kind} {count}", (cast.marco.pk, cast.petra.pk), **given)
            assert publish_events([event], now=when) == 1

    return told


@pytest.fixture
def prefer(cast, scope_of):
    def chosen(member, **fields):
        with scope_of(cast.aldermoor):
            notifications.preferences(member, **fields)

    return chosen


def sent_to(name):
    return [
        message.subject.partition(" · ")[0] for message in django_mail.outbox if message.to == [f"{name}@example.test"]
    ]


def test_one_digest_a_day_by_the_persons_clock_and_the_rest_at_once(cast, announce, prefer, post, mail):
    prefer(cast.marco, kinds={"late": "digest", "accepted": "digest"}, timezone="Asia/Tokyo", digest_at=time(20))
    digest = datetime(2024, 7, 15, 11, tzinfo=UTC)  # 20:00 in Tokyo
    for kind, hour in (("late", 0), ("breach", 0), ("accepted", 1)):
        announce(kind, NOW + timedelta(hours=hour))
    post(clock=Clock(NOW + timedelta(hours=1)))
    assert sent_to("marco") == ["breach 2"]
    assert len(sent_to("petra")) == 1
    post(clock=Clock(digest - timedelta(seconds=1)))
    assert sent_to("marco") == ["breach 2"]
    post(clock=Clock(digest))
    assert sent_to("marco") == ["breach 2", "late 0 and 1 more"]
    announce("late", digest + timedelta(minutes=30))
    for hours in range(1, 24):
        post(clock=Clock(digest + timedelta(hours=hours)))
    assert len(sent_to("marco")) == 2
    post(clock=Clock(digest + timedelta(days=1)))
    assert sent_to("marco")[2:] == ["late 6"]


def test_what_nobody_wants_is_in_the_inbox_and_is_no_failure(cast, announce, prefer, post, mail, scope_of):
    prefer(cast.marco, kinds={"late": "none"})
    announce("late")
    assert post(clock=Clock()) == 1
    assert (sent_to("marco"), sent_to("petra")) == ([], ["late 0"])
    with scope_of(cast.aldermoor):
        assert Notification.objects.inbox(cast.marco.pk).unread().count() == 1
        assert not Notification.objects.given_up().exists()


def test_quiet_hours_hold_up_all_but_what_cannot_wait(cast, announce, post, mail, scope_of):
    with scope_of(cast.ada):
        organisations.settings(timezone="Europe/London", quiet_from=time(19), quiet_until=time(7), working_days="12345")
    night = at("2024-07-15T22:00")
    announce("late", night)
    post(clock=Clock(night))
    assert sent_to("marco") == []
    announce("rule", night)
    post(clock=Clock(night))
    assert sent_to("marco") == ["rule 2"]
    post(clock=Clock(at("2024-07-16T06:59")))
    assert len(sent_to("marco")) == 1
    post(clock=Clock(at("2024-07-16T07:00")))
    assert sent_to("marco") == ["rule 2", "late 0"]


def test_what_is_critical_comes_at_once_to_whoever_wants_that(cast, announce, prefer, post, mail, scope_of):
    with scope_of(cast.ada):
        organisations.settings(timezone="Europe/London", quiet_from=time(19), quiet_until=time(7))
    prefer(cast.marco, kinds={"breach": "digest"})
    prefer(cast.petra, kinds={"breach": "digest"}, critical_at_once=False)
    night = at("2024-07-15T22:00")
    announce("breach", night, critical=True)
    announce("breach", night)
    post(clock=Clock(night))
    assert (sent_to("marco"), sent_to("petra")) == (["breach 0"], [])
    announce("escalated", night, critical=True)
    prefer(cast.marco, kinds={"escalated": "none"})
    post(clock=Clock(night + timedelta(minutes=30)))
    assert sent_to("marco") == ["breach 0"], "not at all is not at all"


def test_putting_off_asks_as_much_for_three_people_as_for_one(cast, announce, prefer, post, mail, colleagues):
    def statements():
        announce("late")
        with CaptureQueriesContext(connection) as asked:
            post(clock=Clock())
        return len(asked)

    prefer(cast.marco, kinds={"late": "digest", "breach": "none"})
    prefer(cast.petra, kinds={})
    announce("late")
    one = statements()
    prefer(cast.petra, kinds={"late": "digest", "breach": "none"})
    assert statements() <= one


def test_news_can_stand_in_the_inbox_alone(cast, announce, post, mail, scope_of):
    announce("late", letter=False)
    assert post(clock=Clock()) == 0 and django_mail.outbox == []
    with scope_of(cast.aldermoor):
        assert Notification.objects.inbox(cast.marco.pk).unread().count() == 1
        assert not Notification.objects.given_up().exists()


# The link in the head of each letter (RFC 8058) ------------------------------------------------------------------


def link_of(message):
    head = message.message()
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = head["List-Unsubscribe"]
    assert address.startswith("<https://plumbline.example/letters/stop/?key=") and address.endswith(">")
    return address.removeprefix("<https://plumbline.example").removesuffix(">")


def test_one_click_ends_the_letters_without_signing_in(cast, announce, post, mail, scope_of):
    announce("breach")
    post(clock=Clock())
    link = link_of(next(message for message in django_mail.outbox if message.to == ["marco@example.test"]))
    program = Client(enforce_csrf_checks=True)
    assert program.get(link).status_code == 200
    with scope_of(cast.aldermoor):
        assert not LetterPreferences.objects.exists()  # looking changes nothing
    for _ in range(2):
        answer = program.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
    with scope_of(cast.aldermoor):
        (row,) = LetterPreferences.objects.all()
        assert (row.member_id, row.kinds, row.version) == (cast.marco.pk, dict.fromkeys(KINDS, "none"), 2)
    later = NOW + timedelta(days=1)
    announce("breach", later)
    post(clock=Clock(later))
    assert (len(sent_to("marco")), len(sent_to("petra"))) == (1, 2)


def test_a_key_that_is_none_of_ours_ends_nothing(cast, scope_of):
    good = stop_address(cast.aldermoor.pk, cast.marco.pk).partition("?")[2]
    nobody = stop_address(cast.brightwater.pk, cast.marco.pk).partition("?")[2]
    for query in (good[:-1], good + "x", "key=", "", nobody):
        assert Client().post(f"/letters/stop/?{query}").status_code == 410
    with scope_of(cast.aldermoor):
        assert not LetterPreferences.objects.exists()


# The page ----------------------------------------------------------------------------------------------------------


def typed(version=1, **kinds):
    all_kinds = {f"kind_{kind}": kinds.get(kind, "at_once") for kind in KINDS}
    return {"version": version, "timezone": "Asia/Tokyo", "digest_at": "06:30", **all_kinds}


@pytest.mark.parametrize("who", ["marco", "vera"])
def test_everybody_chooses_for_themselves(cast, client_for, scope_of, who):
    member = getattr(cast, who)
    client = client_for(member)
    assert client.get("letters/").status_code == 200
    assert client.post("letters/", typed(late="digest", breach="none")).status_code == 302
    with scope_of(cast.aldermoor):
        (row,) = LetterPreferences.objects.all()
        assert (row.member_id, row.vendor_id) == (member.pk, member.vendor_id)
        assert (row.kinds, row.timezone, row.digest_at) == (
            {"late": "digest", "breach": "none"},
            "Asia/Tokyo",
            time(6, 30),
        )
    stale = client.post("letters/", typed(late="none"))
    assert stale.status_code == 409 and "changed in another window" in stale.content.decode()
    with scope_of(cast.aldermoor):
        assert LetterPreferences.objects.get().kinds == {"late": "digest", "breach": "none"}


def test_what_cannot_be_chosen_is_refused_and_the_rest_kept(cast, client_for, scope_of):
    answer = client_for(cast.marco).post("letters/", typed(late="never") | {"digest_at": "25:00"})
    body = answer.content.decode()
    assert answer.status_code == 422 and "Enter a valid time" in body and 'value="25:00"' in body
    with scope_of(cast.aldermoor):
        assert not LetterPreferences.objects.exists()


def test_a_choice_about_news_that_there_are_not_any_more_keeps_nobody_from_letters(cast, announce, prefer, post, mail):
    prefer(cast.marco, kinds={"gone": "none"})
    announce("late")
    post(clock=Clock())
    assert sent_to("marco") == ["late 0"]


@pytest.mark.parametrize(
    ("given", "code"),
    [({"kinds": {"gossip": "none"}}, "kinds"), ({"kinds": {"late": "hourly"}}, "kinds"), ({"timezone": "Europe/Atlantis"}, "timezone")],
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused(cast, scope_of, given, code):
    usual = {"kinds": {"late": "none"}, "timezone": "", "digest_at": time(7), "version": 1}
    with scope_of(cast.marco):
        with pytest.raises(RuleBroken) as refused:
            choose_letters(by=cast.marco, **usual | given)
        assert refused.value.code == code and not LetterPreferences.objects.exists()
