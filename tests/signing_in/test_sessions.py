"""How long sessions live, and who is told of a new one."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from organisations import sessions
from organisations.models import User
from tests.signing_in.conftest import is_signed_in, sign_in


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`wait(seconds)`: that much later, for the limits of sessions."""
    passed = 0
    real = sessions.time.time

    def go_on(seconds: int) -> None:
        nonlocal passed
        passed += seconds
        monkeypatch.setattr("organisations.sessions.time", type("Clock", (), {"time": lambda: real() + passed}))

    return go_on


def test_an_idle_session_ends(person: Callable, browser_at: Callable, wait: Callable, settings: Any) -> None:
    browser = browser_at()
    sign_in(browser, person("marco"))
    wait(settings.SESSION_IDLE - 60)
    assert is_signed_in(browser)
    wait(settings.SESSION_IDLE - 60)
    assert is_signed_in(browser)
    wait(settings.SESSION_IDLE + 60)
    assert not is_signed_in(browser)
    assert not UserSession.objects.exists()
    assert not Session.objects.filter(session_key=browser.session.session_key).exists()


def test_a_busy_session_ends_as_well(person: Callable, browser_at: Callable, wait: Callable, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 3 * settings.SESSION_IDLE
    browser = browser_at()
    sign_in(browser, person("marco"))
    for _ in range(3):
        wait(settings.SESSION_IDLE - 60)
        assert is_signed_in(browser)
    wait(settings.SESSION_IDLE - 60)
    assert not is_signed_in(browser)


def test_a_browser_that_was_not_used_before_is_written_about(
    person: Callable, browser_at: Callable, letters: Callable
) -> None:
    marco: User = person("marco")
    known = browser_at()
    sign_in(known, marco)
    assert letters() == []  # the very first
    known.post("/account/logout/")
    sign_in(known, marco)
    assert letters() == []
    sign_in(browser_at("203.0.113.9"), marco)
    (letter,) = letters()
    assert letter.to == [marco.email]
    assert letter.subject == "New sign-in to your account"
    assert "Firefox on Linux" in letter.body
    assert "203.0.113.9" in letter.body
    assert re.search(
        r"When: \w{3} \d{1,2} \w{3} \d{4}, \d\d:\d\d \w+", letter.body
    )  # with its time zone, as everywhere


def test_what_has_run_out_is_removed(person: Callable, browser_at: Callable) -> None:
    browser = browser_at()
    sign_in(browser, person("marco"))
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    sessions.purge(now=timezone.now())
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
