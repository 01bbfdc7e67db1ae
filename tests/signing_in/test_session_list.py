"""Where one is signed in: seen, and ended."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from organisations.client_address import shortened
from organisations.models import User
from tests.factories.organisations import PASSWORD
from tests.signing_in.conftest import is_signed_in, sign_in

PAGE = "/account/sessions/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"


def signed_in(browser: Client, user: User) -> Client:
    assert sign_in(browser, user).status_code == 302
    return browser


def listed(browser: Client) -> list[tuple[str, str, bool]]:
    return [(one.browser, one.address, one.here) for one in browser.get(PAGE).context["sessions"]]


def row_of(browser: Client) -> int:
    return UserSession.objects.get(session_key=browser.session.session_key).pk


def test_ones_own_are_listed_this_one_first(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    here = signed_in(browser_at(), marco)
    signed_in(browser_at("2001:db8:7:1::9", headers={"User-Agent": PHONE}), marco)
    signed_in(browser_at("203.0.113.9"), person("petra"))
    assert listed(here) == [
        ("Firefox on Linux", "198.51.100.…", True),
        ("Safari on iPhone", "2001:db8:7:…", False),
    ]
    assert "203.0.113" not in here.get(PAGE).content.decode()


def test_an_ended_sessions_next_request_is_signed_out(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    here, phone, work = (signed_in(browser_at(), marco) for _ in range(3))
    assert here.post(PAGE, {"session": row_of(phone)})["Location"] == PAGE
    assert [is_signed_in(one) for one in (here, phone, work)] == [True, False, True]
    assert phone.get("/o/aldermoor/inbox/")["Location"].startswith("/account/login/")
    assert len(listed(here)) == 2


def test_all_others_end_at_once(person: Callable, browser_at: Callable) -> None:
    marco, petra = person("marco"), person("petra")
    here, *others = (signed_in(browser_at(), marco) for _ in range(3))
    colleague = signed_in(browser_at(), petra)
    here.post(PAGE)
    assert [is_signed_in(one) for one in (here, *others, colleague)] == [True, False, False, True]
    assert len(listed(here)) == 1
    assert Session.objects.count() == 2


def test_neither_this_one_nor_somebody_elses_ends(person: Callable, browser_at: Callable) -> None:
    here, colleague = signed_in(browser_at(), person("marco")), signed_in(browser_at(), person("petra"))
    for row in (row_of(here), row_of(colleague), 10**12):
        here.post(PAGE, {"session": row})
    assert here.post(PAGE, {"session": "x"}).status_code == 422
    assert is_signed_in(here)
    assert is_signed_in(colleague)


def test_what_lets_nobody_in_is_not_listed(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    here, of_old_password, idle = (signed_in(browser_at(), marco) for _ in range(3))
    new = "a-plumb-bob-of-brass-and-string"
    here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert not is_signed_in(of_old_password)
    again = signed_in_with(browser_at(), marco, new)
    UserSession.objects.filter(session_key=idle.session.session_key).update(
        last_seen_at=timezone.now() - timedelta(days=1)
    )
    assert len(listed(again)) == 2


def signed_in_with(browser: Client, user: User, password: str) -> Client:
    assert sign_in(browser, user, password).status_code == 302
    return browser


def test_the_list_takes_the_same_statements_for_one_and_for_three(
    person: Callable, browser_at: Callable, django_assert_num_queries: Callable
) -> None:
    marco = person("marco")
    here = signed_in(browser_at(), marco)
    here.get(PAGE)
    for _ in range(2):
        with django_assert_num_queries(4):
            here.get(PAGE)
        signed_in(browser_at(), marco)
        signed_in(browser_at(), marco)


def test_an_address_is_shortened_to_its_network() -> None:
    assert shortened("198.51.100.7") == "198.51.100.…"
    assert shortened("2001:db8::1") == "2001:db8:0:…"
    assert shortened("::1") == "0:0:0:…"
