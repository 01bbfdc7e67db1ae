"""What attackers try on accounts, one test each."""

import html
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings as configured
from django.core.cache import CacheHandler, caches
from django.db import connection
from django.test import Client

from organisations.client_address import networks
from organisations.links import invitation_address
from organisations.models import Membership, User
from tests.cast import Cast
from tests.factories.organisations import PASSWORD, invitation
from tests.signing_in.conftest import is_signed_in, sign_in

HERE, THERE = "198.51.100.7", "203.0.113.9"


def guess(browser: Client, user: User, times: int) -> None:
    for number in range(times):
        assert sign_in(browser, user, f"wrong-password-{number}").status_code == 200


def test_guessing_ends_after_five_tries_from_one_address(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    guess(browser_at(HERE), marco, 5)
    answer = sign_in(browser_at(HERE), marco)
    assert "Too many tries went wrong." in answer.content.decode()
    assert not is_signed_in(browser_at(HERE))


def test_whoever_guesses_shuts_out_neither_colleagues_nor_the_owner_elsewhere(
    person: Callable, browser_at: Callable
) -> None:
    marco, petra, ada = person("marco"), person("petra"), person("ada")
    for victim in (marco, petra):
        guess(browser_at(HERE), victim, 5)
    for user, address in ((ada, HERE), (marco, THERE)):
        browser = browser_at(address)
        assert sign_in(browser, user).status_code == 302
        assert is_signed_in(browser)


def test_guessing_from_many_addresses_ends_too(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    for last in range(6):
        guess(browser_at(f"198.51.100.{last + 1}"), marco, 5)
    assert "Too many tries went wrong." in sign_in(browser_at(THERE), marco).content.decode()


def test_what_is_counted_is_common_to_all_processes_and_needs_no_redis(
    person: Callable, browser_at: Callable, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "unix:///nowhere"
    marco = person("marco")
    guess(browser_at(HERE), marco, 5)
    fresh = CacheHandler()["default"]  # as another process has it
    keys = [key for (key,) in _rows("SELECT cache_key FROM cache_entry")]
    assert any("login_failed" in key for key in keys)
    assert any(fresh.get(key.removeprefix(":1:")) for key in keys)
    assert not sign_in(browser_at(HERE), marco).has_header("Location")


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_who_writes_an_address_into_a_header_is_counted_by_the_connection(
    person: Callable, browser_at: Callable, settings: Any
) -> None:
    marco = person("marco")
    for number in range(5):
        browser = browser_at(HERE, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
        sign_in(browser, marco, "wrong-password")
    assert sign_in(browser_at(HERE, HTTP_X_FORWARDED_FOR="203.0.113.200"), marco).status_code == 200


def test_behind_a_trusted_proxy_everybody_is_counted_alone(
    person: Callable, browser_at: Callable, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = networks(["10.0.0.0/8"])
    marco = person("marco")
    guess(browser_at("10.0.0.5", HTTP_X_FORWARDED_FOR="203.0.113.1"), marco, 5)
    assert sign_in(browser_at("10.0.0.5", HTTP_X_FORWARDED_FOR="203.0.113.1"), marco).status_code == 200
    assert sign_in(browser_at("10.0.0.5", HTTP_X_FORWARDED_FOR="203.0.113.2"), marco).status_code == 302


# Second factors --------------------------------------------------------------------------------------------------


def code_of(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def with_codes(person: Callable) -> tuple[User, str]:
    """Marco with a code app and recovery codes; the app's secret."""
    marco = person("marco")
    secret = generate_totp_secret()
    TOTP.activate(marco, secret)
    RecoveryCodes.activate(marco)
    return marco, secret


def half_signed_in(browser: Client, user: User) -> Client:
    assert sign_in(browser, user)["Location"].startswith("/account/2fa/authenticate/")
    return browser


def test_a_password_alone_is_not_enough_where_there_is_a_second_factor(
    with_codes: tuple[User, str], browser_at: Callable
) -> None:
    browser = half_signed_in(browser_at(), with_codes[0])
    assert not is_signed_in(browser)
    assert browser.get("/o/aldermoor/portfolio/").status_code == 302


def test_a_code_works_once_for_all_processes(with_codes: tuple[User, str], browser_at: Callable) -> None:
    marco, secret = with_codes
    code = code_of(secret)
    first = half_signed_in(browser_at(), marco)
    assert first.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert is_signed_in(first)
    caches["process"].clear()
    second = half_signed_in(browser_at(), marco)
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert not is_signed_in(second)


def test_a_recovery_code_works_once(with_codes: tuple[User, str], browser_at: Callable) -> None:
    marco, _ = with_codes
    stored = Authenticator.objects.get(user=marco, type=Authenticator.Type.RECOVERY_CODES)
    code = stored.wrap().get_unused_codes()[0]
    first = half_signed_in(browser_at(), marco)
    assert first.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    second = half_signed_in(browser_at(), marco)
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert not is_signed_in(second)


def test_guessing_codes_ends_after_five_tries(with_codes: tuple[User, str], browser_at: Callable) -> None:
    marco, secret = with_codes
    browser = half_signed_in(browser_at(), marco)
    for _ in range(5):
        browser.post("/account/2fa/authenticate/", {"code": "000000"})
    answer = browser.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert answer.status_code == 200
    assert not is_signed_in(browser)


# Invitations -----------------------------------------------------------------------------------------------------


def test_an_invitation_works_once_and_for_its_address(cast: Cast, scope_of: Callable, browser_at: Callable) -> None:
    with scope_of(cast.aldermoor):
        link = invitation_address(invitation("nora@example.test")).removeprefix(configured.BASE_URL)
    first, second = browser_at(), browser_at(THERE)
    for browser in (first, second):
        assert browser.get(link)["Location"] == "/invitation/"
    given = {"name": "Nora Quist", "password": "a-plumb-bob-of-brass-and-string", "email": "mallory@example.test"}
    assert first.post("/invitation/", given)["Location"] == "/o/aldermoor/"
    assert is_signed_in(first)
    assert User.objects.get(name="Nora Quist").email == "nora@example.test"
    assert second.post("/invitation/", given | {"name": "Mallory"}).status_code == 410
    assert second.get(link, follow=True).status_code == 410
    assert not is_signed_in(second)
    assert not User.objects.filter(name="Mallory").exists()


def test_who_is_signed_in_as_somebody_else_signs_out_and_goes_on(
    cast: Cast, person: Callable, scope_of: Callable, browser_at: Callable
) -> None:
    with scope_of(cast.aldermoor):
        link = invitation_address(invitation("nora@example.test")).removeprefix(configured.BASE_URL)
    browser = browser_at()
    sign_in(browser, person("marco"))
    page = browser.get(link, follow=True).content.decode()
    assert "This invitation is for nora@example.test only" in page
    to = html.unescape(re.findall(r'name="next" value="([^"]+)"', page)[0])
    answer = browser.post("/account/logout/", {"next": to}, follow=True)
    assert answer.status_code == 200 and "Choose a password" in answer.content.decode()


def test_an_invitation_to_another_address_of_an_account_is_that_account_s(
    cast: Cast, person: Callable, scope_of: Callable, browser_at: Callable
) -> None:
    otto = person("otto")
    EmailAddress.objects.create(user=otto, email="nora@example.test", verified=True, primary=False)
    with scope_of(cast.aldermoor):
        link = invitation_address(invitation("nora@example.test")).removeprefix(configured.BASE_URL)
    browser = browser_at()
    assert "Choose a password" not in browser.get(link, follow=True).content.decode()
    assert (
        browser.post("/invitation/", {"name": "Nora", "password": "a-plumb-bob-of-brass-and-string"}).status_code == 200
    )
    sign_in(browser, otto)
    assert "Accept as Otto" in browser.get(link, follow=True).content.decode()
    assert browser.post("/invitation/")["Location"] == "/o/aldermoor/"
    with scope_of(cast.aldermoor):
        assert Membership.objects.get(user=otto).email == "nora@example.test"


@pytest.mark.parametrize("change", ["x", "", ":"])
def test_a_link_that_was_changed_is_no_invitation(
    cast: Cast, scope_of: Callable, browser_at: Callable, change: str
) -> None:
    with scope_of(cast.aldermoor):
        link = invitation_address(invitation("nora@example.test")).removeprefix(configured.BASE_URL)
    assert browser_at().get(f"{link[:-1]}{change}", follow=True).status_code == 410


# Sessions --------------------------------------------------------------------------------------------------------


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(person: Callable, browser_at: Callable) -> None:
    browser = browser_at()
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies[configured.SESSION_COOKIE_NAME] = planted.session_key
    sign_in(browser, person("marco"))
    assert browser.cookies[configured.SESSION_COOKIE_NAME].value != planted.session_key
    victim = browser_at()
    victim.cookies[configured.SESSION_COOKIE_NAME] = planted.session_key
    assert not is_signed_in(victim)
    assert AUTHENTICATION_METHODS_SESSION_KEY not in victim.session


def test_a_cookie_that_was_copied_is_worth_nothing_after_signing_out(person: Callable, browser_at: Callable) -> None:
    browser, thief = browser_at(), browser_at()
    sign_in(browser, person("marco"))
    thief.cookies[configured.SESSION_COOKIE_NAME] = browser.cookies[configured.SESSION_COOKIE_NAME].value
    assert is_signed_in(thief)
    browser.post("/account/logout/")
    assert not is_signed_in(thief)


def test_other_sessions_end_when_the_password_changes(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    mine, other = browser_at(), browser_at(THERE)
    sign_in(mine, marco)
    sign_in(other, marco)
    new = "a-plumb-bob-of-brass-and-string"
    answer = mine.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert is_signed_in(mine)
    assert not is_signed_in(other)


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(person: Callable, browser_at: Callable, to: str) -> None:
    assert sign_in(browser_at(), person("marco"), next=to)["Location"] == "/"


def test_signing_in_leads_back_to_where_one_was(person: Callable, browser_at: Callable) -> None:
    assert sign_in(browser_at(), person("marco"), next="/o/aldermoor/inbox/")["Location"] == "/o/aldermoor/inbox/"


@pytest.mark.parametrize("path", ["/account/login/", "/account/logout/", "/account/password/reset/", "/theme/"])
def test_a_form_of_another_site_is_refused(person: Callable, browser_at: Callable, path: str) -> None:
    browser = browser_at(enforce_csrf_checks=True)
    browser.force_login(person("marco"))
    answer = browser.post(path, {"login": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert is_signed_in(browser)
