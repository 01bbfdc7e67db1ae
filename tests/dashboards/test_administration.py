"""The home of administrators and auditors: what needs somebody, how the work stands, what changed this week."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import InvitationLetter, Notification
from organisations.actions import change_role
from organisations.models import ApiKey, Presence
from organisations.rules import Factor
from tests.factories import contracts, notifications, organisations


@pytest.fixture
def busy(cast, scope_of):
    """`busy(3)`: so many of everything that needs an administrator, at Aldermoor."""

    def made(count):
        now = timezone.now()
        with scope_of(cast.aldermoor):
            for n in range(count):
                organisations.api_key(cast.petra, f"Key {n}", expires_at=now + timedelta(days=9))
                organisations.invitation(f"kofi{n}@example.test", expires_at=now + timedelta(days=1))
                lost = organisations.invitation(f"lost{n}@example.test")
                notifications.invitation_letter(lost, given_up_at=now, last_error="550 no such mailbox")
                event = notifications.event()
                notifications.notification(event, cast.marco, tries=8, given_up_at=now, last_error="550")
            notifications.bounce(cast.petra, reason="User unknown")

    return made


def home(client):
    answer = client.get("home/")
    assert answer.status_code == 200
    return answer


def numbers(answer):
    return {one["label"]: one["value"] for one in answer.context["stats"]}


def test_what_needs_somebody_is_there_with_the_way_to_it(cast, client_for, busy, scope_of):
    busy(1)
    with scope_of(cast.aldermoor):
        Presence.objects.update(factor=Factor.NONE)
        organisations.presence(cast.marco, factor=Factor.PASSKEY)
    answer = home(client_for(cast.ada))
    titles = [need["title"] for need in answer.context["needs"]]
    assert titles[0].startswith("“Key 0” ends on")
    assert titles[1:] == [
        "Letters to petra@example.test come back",
        "The invitation of lost0@example.test was not delivered",
        "kofi0@example.test has not accepted",
    ]
    for need in answer.context["needs"]:
        assert client_for(cast.ada).get(need["url"]).status_code == 200
    found = numbers(answer)
    assert (found["Invitations open"], found["API keys"], found["Letters not delivered"]) == (2, 1, 2)
    assert found["Without second factor"] == found["People"] - 1


def test_an_empty_organisation_says_that_nothing_needs_anybody(cast, client_for):
    body = home(client_for(cast.ada)).content.decode()
    assert "Nothing needs you" in body and "every letter arrived" in body


def test_only_ones_own_organisation_counts(cast, client_for, busy):
    before = numbers(home(client_for(cast.ada)))
    with_busy = busy(2)
    assert with_busy is None
    after = numbers(home(client_for(cast.ada)))
    assert after["API keys"] == before["API keys"] + 2
    assert client_for(cast.otto).get("/o/aldermoor/home/").status_code == 404
    for who in (cast.marco, cast.petra, cast.vera):
        assert client_for(who).get("home/").status_code == 403


def test_this_week_says_who_changed_what(cast, client_for, scope_of):
    with scope_of(cast.ada):
        change_role(by=cast.ada, member=cast.petra, role="auditor", version=cast.petra.version)
    (row,) = [one for one in home(client_for(cast.olu)).context["changes"] if one.entry.operation == "UPDATE"]
    assert (row.who, row.what) == ("Ada Whitcombe", f"Membership {cast.petra.name} changed")
    assert [(change.before, change.after) for change in row.changes] == [("Procurement", "Auditor")]


def test_who_is_in_charge_is_counted_for_contracts_that_run(cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        today = timezone.localdate()
        one = contracts.contract(cast.corvid, starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=30))
        contracts.contract(cast.halden, starts_on=today - timedelta(days=60), ends_on=today - timedelta(days=30))
        contracts.owner(one, cast.marco, duty="account_manager", starts_on=today, ends_on=None)
    state = home(client_for(cast.ada)).context["state"]
    assert (state.contracts, state.with_account_manager, state.with_procurement) == (1, 1, 0)


def test_work_that_waits_too_long_is_late_in_words(cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        one = notifications.notification(
            notifications.event(), cast.marco, due_at=timezone.now() - timedelta(minutes=9)
        )
    assert "Late</span>" not in home(client_for(cast.ada)).content.decode()
    with scope_of(cast.aldermoor):
        Notification.objects.filter(pk=one.pk).update(due_at=timezone.now() - timedelta(minutes=11))
    body = home(client_for(cast.ada)).content.decode()
    assert "Late</span>" in body and "late</span>" in body


def test_an_auditor_looks_and_does_nothing(cast, client_for, busy, scope_of):
    busy(1)
    body = home(client_for(cast.olu)).content.decode()
    assert "Needs an administrator" in body and "Rotate</a>" not in body and "Send the letters again" not in body
    assert client_for(cast.olu).post("home/retry-letters/").status_code == 403
    with scope_of(cast.aldermoor):
        assert Notification.objects.given_up().count() == 1


def test_letters_that_were_given_up_are_sent_again(cast, client_for, busy, scope_of):
    busy(1)
    with scope_of(cast.aldermoor):
        unwanted = notifications.notification(notifications.event(), cast.marco, given_up_at=timezone.now())
    assert home(client_for(cast.ada)).context["state"].letters_lost == 2  # one of news, one of an invitation
    assert client_for(cast.ada).post("home/retry-letters/").status_code == 302
    with scope_of(cast.aldermoor):
        (again,) = Notification.objects.filter(given_up_at=None)
        assert (again.tries, again.last_error) == (0, "") and again.pk != unwanted.pk
        assert InvitationLetter.objects.filter(given_up_at=None).count() == 1
    assert home(client_for(cast.ada)).context["state"].letters_lost == 0


def test_it_asks_as_much_for_three_of_everything_as_for_one(cast, client_for, busy, scope_of):
    client = client_for(cast.ada)

    def statements():
        home(client)
        with CaptureQueriesContext(connection) as asked:
            home(client)
        return len(asked)

    busy(1)
    one = statements()
    with scope_of(cast.aldermoor):
        ApiKey.objects.update(revoked_at=timezone.now())
        for n in range(3):
            organisations.invitation(f"more{n}@example.test", expires_at=timezone.now() + timedelta(days=1))
            organisations.api_key(cast.petra, f"More {n}", expires_at=timezone.now() + timedelta(days=9))
    assert statements() == one
