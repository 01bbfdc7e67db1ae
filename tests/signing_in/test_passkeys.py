"""Passkeys: they sign in alone and as the second step; never for another address, without their person, or twice.

How the pages and a browser use them is in tests/journeys/test_passkeys.py.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.test import RequestFactory

from organisations.models import User
from organisations.second_factors import SecondFactors
from tests.factories.organisations import PASSWORD
from tests.signing_in.conftest import is_signed_in, sign_in
from tests.signing_in.soft_passkey import LOGIN, PRESENT, SoftPasskey, challenge_of

AUTHENTICATE = "/account/2fa/authenticate/"


@pytest.fixture
def marco(person: Callable) -> User:
    return person("marco")


def test_it_signs_in_alone_and_leads_to_where_one_was(marco: User, browser_at: Callable) -> None:
    passkey, browser = SoftPasskey(marco), browser_at()
    answer = browser.post(LOGIN, passkey.answer(challenge_of(browser)) | {"next": "/o/aldermoor/inbox/"})
    assert answer["Location"] == "/o/aldermoor/inbox/"
    assert is_signed_in(browser)
    assert Authenticator.objects.get().last_used_at


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://testserver.evil.example"},
        {"origin": "http://testserver"},
        {"host": "evil.example"},
        {"flags": PRESENT},  # nobody was asked for a finger or a PIN
        {"flags": 0},
    ],
    ids=str,
)
def test_it_is_refused_for_another_address_and_without_its_person(
    marco: User, browser_at: Callable, lie: dict[str, Any]
) -> None:
    passkey, browser = SoftPasskey(marco), browser_at()
    answer = browser.post(LOGIN, passkey.answer(challenge_of(browser), **lie))
    assert answer["Location"] == "/account/login/"
    assert not is_signed_in(browser)


def test_a_signature_works_once_and_for_its_own_question(marco: User, browser_at: Callable) -> None:
    passkey, browser, other = SoftPasskey(marco), browser_at(), browser_at()
    form = passkey.answer(challenge_of(browser))
    challenge_of(other)
    other.post(LOGIN, form)
    assert not is_signed_in(other)
    browser.post(LOGIN, form)
    assert is_signed_in(browser)
    browser.post("/account/logout/")
    browser.post(LOGIN, form)
    assert not is_signed_in(browser)


def test_another_key_does_not_open_the_account(marco: User, browser_at: Callable) -> None:
    SoftPasskey(marco)
    thief = SoftPasskey(marco, name="Stolen")
    thief.stored.delete()
    browser = browser_at()
    browser.post(LOGIN, thief.answer(challenge_of(browser)))
    assert not is_signed_in(browser)


HEAD = '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": '
UNREADABLE = [
    "[" * 100_000,
    "[" * 9_000,
    HEAD + '{"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}',
    HEAD + '{"clientDataJSON": "e30", "attestationObject": "oA"}}',
    '{"id": "AAAA", "rawId": 1, "type": 1, "response": []}',
]


@pytest.mark.parametrize("credential", UNREADABLE)
@pytest.mark.parametrize("path", ["add/", "reauthenticate/", ""])
def test_nor_does_it_break_the_other_pages(marco: User, browser_at: Callable, path: str, credential: str) -> None:
    passkey, browser = SoftPasskey(marco), browser_at()
    browser.post(LOGIN, passkey.answer(challenge_of(browser)))
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    if not path:
        browser = browser_at()
        sign_in(browser, marco)
    address = f"/account/2fa/webauthn/{path}" if path else AUTHENTICATE
    browser.get(address)
    assert browser.post(address, {"credential": credential, "name": "x"}).status_code in (200, 302)
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 1


@pytest.mark.parametrize(
    "credential", [*UNREADABLE, "", "{", "[]", "1", '{"id": 1}', '{"response": {"userHandle": "AAAA"}}', "null"]
)
def test_what_is_no_signature_is_refused_and_breaks_nothing(marco: User, browser_at: Callable, credential: str) -> None:
    browser = browser_at()
    challenge_of(browser)
    assert browser.post(LOGIN, {"credential": credential}).status_code == 302
    assert not is_signed_in(browser)


def test_it_is_the_second_step_after_the_password(marco: User, browser_at: Callable) -> None:
    passkey, browser = SoftPasskey(marco), browser_at()
    assert sign_in(browser, marco)["Location"].startswith(AUTHENTICATE)
    assert not is_signed_in(browser)
    html = browser.get(AUTHENTICATE).content.decode()
    challenge = re.search(r'"challenge": "([^"]+)"', html)[1]
    browser.post(AUTHENTICATE, passkey.answer(challenge, origin="https://evil.example"))
    assert not is_signed_in(browser)
    challenge = re.search(r'"challenge": "([^"]+)"', browser.get(AUTHENTICATE).content.decode())[1]
    assert browser.post(AUTHENTICATE, passkey.answer(challenge)).status_code == 302
    assert is_signed_in(browser)


def test_somebody_elses_passkey_can_be_neither_renamed_nor_removed(
    marco: User, person: Callable, browser_at: Callable
) -> None:
    passkey, browser = SoftPasskey(marco), browser_at()
    sign_in(browser, person("petra"))
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    for act in ("edit", "remove"):
        answer = browser.post(f"/account/2fa/webauthn/keys/{passkey.stored.pk}/{act}/", {"name": "Mine"})
        assert answer.status_code in (302, 404)
    assert Authenticator.objects.get().wrap().name == "Laptop"


def test_in_production_they_belong_to_the_products_address(settings: Any) -> None:
    """Whatever host a request names: else a second name of the server would make passkeys of its own."""
    settings.PRODUCTION, settings.BASE_URL = True, "https://plumbline.example"
    settings.ALLOWED_HOSTS = ["*"]
    with context.request_context(RequestFactory(headers={"Host": "other.example"}).get("/")):
        assert SecondFactors().get_public_key_credential_rp_entity() == {"id": "plumbline.example", "name": "Plumbline"}
