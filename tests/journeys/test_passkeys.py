"""Passkeys in a real browser, whose device is a virtual authenticator: added, named, used alone and as a second step, removed."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from demo.people import PASSWORD
from tests.journeys.conftest import Stage
from tests.journeys.person import Person

EMAIL = "ada@aldermoor.example.test"


class Device:
    """What holds the passkeys of one tab."""

    def __init__(self, person: Person) -> None:
        self.devtools = person.context.new_cdp_session(person.page)
        self.devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def knows_its_person(self, yes: bool) -> None:
        """Whether finger or PIN are the right ones."""
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def held(self) -> list[Any]:
        return list(self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])


@pytest.fixture
def ada(browser: Browser, stage: Stage) -> Iterator[Person]:
    """At an address that is a name: passkeys belong to names, never to numbers."""
    someone = Person(browser, stage.address.replace("127.0.0.1", "localhost"))
    yield someone
    someone.context.close()
    assert someone.wrong == []


def confirm_password(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")


def add(page: Page, name: str, *, alone: bool = True) -> None:
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        confirm_password(page)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add the passkey").click()


def test_a_passkey_from_first_to_last(stage: Stage, ada: Person) -> None:
    page, device = ada.page, Device(ada)
    ada.sign_in(EMAIL)
    add(page, "Work laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    code = codes.first.inner_text()
    assert not ada.faults()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert code in saved.value.path().read_text()

    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("region", name="Passkeys")).to_contain_text("Work laptop signs in alone")
    assert not ada.faults()

    sign_out(page)
    assert not ada.faults()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/o/**")

    sign_out(page)
    device.knows_its_person(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("It was not confirmed")
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    device.knows_its_person(True)

    page.get_by_label("Email", exact=False).fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert not ada.faults()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/o/**")

    page.goto("/account/2fa/")
    page.get_by_role("link", name="Rename Work laptop").click()
    page.get_by_role("link", name="Use a security key").or_(page.get_by_label("Password")).first.wait_for()
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        confirm_password(page)
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save the name").click()
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Remove Old laptop").click()
    assert not ada.faults()
    page.get_by_role("button", name="Remove the passkey").click()
    page.goto("/account/2fa/")
    expect(page.get_by_role("region", name="Passkeys")).to_contain_text("None yet")
    assert len(device.held()) == 1, "The device does not know yet."
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That code is not right").or_(page.get_by_text("not known here"))).to_be_visible()
    assert not Authenticator.objects.exists()


def test_a_key_without_a_pin_is_the_second_step_only(stage: Stage, ada: Person) -> None:
    page, device = ada.page, Device(ada)
    ada.sign_in(EMAIL)
    add(page, "Key ring", alone=False)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    code = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").first.inner_text()
    assert [one["isResidentCredential"] for one in device.held()] == [False]
    sign_out(page)
    page.get_by_label("Email", exact=False).fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(code)  # the key is not at hand
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/o/**")
    page.goto("/account/2fa/recovery-codes/")
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        confirm_password(page)
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(9)


def test_the_pages_of_a_code_app_and_of_sessions(stage: Stage, ada: Person) -> None:
    page = ada.page
    ada.sign_in(EMAIL)
    for path in ("/account/2fa/", "/account/sessions/"):
        page.goto(path)
        assert not ada.faults(), path
    page.goto("/account/2fa/totp/activate/")
    assert not ada.faults()
    confirm_password(page)
    assert not ada.faults()
    page.get_by_label("code", exact=False).fill("000000")
    page.get_by_role("button", name="Add the code app").click()
    expect(page.get_by_text("That code is not right")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_everybody_of_the_demo_may_add_one(stage: Stage) -> None:
    """An address that nobody has confirmed would stand in the way."""
    assert not EmailAddress.objects.filter(verified=False).exists()
