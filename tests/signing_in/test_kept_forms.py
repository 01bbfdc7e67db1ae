"""What was typed is kept, for every form, when its session has ended or another one has begun; but never for another site."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from organisations.models import Vendor
from tests.cast import Cast
from tests.markup import form_fields
from tests.signing_in.conftest import sign_in

FORM = "/o/aldermoor/new-vendor/"
TYPED = {"name": "Müller & <Söhne>", "code": "MUELLER", "note": ["one", "two\nlines"]}
OURS, THEIRS = {"Origin": "http://testserver"}, {"Origin": "https://evil.example"}


def send(browser: Client, data: dict[str, Any] = TYPED, path: str = FORM, **headers: str) -> Any:
    return browser.post(path, data, headers=headers or OURS)


def kept_in(answer: Any) -> list[tuple[str, str]]:
    return [
        (name, value) for name, value in form_fields(answer.content.decode(), FORM) if name != "csrfmiddlewaretoken"
    ]


AS_TYPED = [("name", "Müller & <Söhne>"), ("code", "MUELLER"), ("note", "one"), ("note", "two\nlines")]


def test_a_form_whose_session_has_ended_is_kept_and_sent_again(
    cast: Cast, person: Callable, browser_at: Callable, scope_of: Callable
) -> None:
    ada = person("ada")
    browser = browser_at()
    answer = send(browser)
    assert answer.status_code == 401
    assert "You have been signed out" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert kept_in(answer) == AS_TYPED
    with scope_of(cast.aldermoor):
        assert not Vendor.objects.filter(code="MUELLER").exists()
    sign_in(browser, ada)
    assert send(browser, dict(kept_in(answer))).status_code == 302
    with scope_of(cast.aldermoor):
        assert Vendor.objects.get(code="MUELLER").name == "Müller & <Söhne>"


def test_a_form_with_the_token_of_the_session_before_is_kept_with_the_token_of_now(
    person: Callable, browser_at: Callable
) -> None:
    browser = browser_at(enforce_csrf_checks=True)
    browser.force_login(person("ada"))
    answer = send(browser, TYPED | {"csrfmiddlewaretoken": "x" * 32})
    assert answer.status_code == 403
    assert "Send it once more" in answer.content.decode()
    assert kept_in(answer) == AS_TYPED
    again = send(browser, dict(form_fields(answer.content.decode(), FORM)))
    assert again.status_code == 302


def test_files_cannot_be_kept_and_are_named(person: Callable, browser_at: Callable) -> None:
    html = send(browser_at(), {"file": SimpleUploadedFile("May & June.csv", b"a,b")}).content.decode()
    assert "choose May &amp; June.csv once more" in html
    assert f'href="{FORM}"' in html


@pytest.mark.parametrize("headers", [THEIRS, {"Origin": "null"}, {"Accept": "*/*"}])
def test_nothing_of_another_site_is_kept(person: Callable, browser_at: Callable, headers: dict[str, str]) -> None:
    """Else its page would only have to wait for a click on Send it again."""
    assert send(browser_at(), **headers)["Location"] == f"/account/login/?next={FORM}"
    browser = browser_at(enforce_csrf_checks=True)
    browser.force_login(person("ada"))
    answer = send(browser, **headers)
    assert answer.status_code == 403
    assert "MUELLER" not in answer.content.decode()


def test_passwords_are_not_kept(person: Callable, browser_at: Callable) -> None:
    browser = browser_at(enforce_csrf_checks=True)
    browser.force_login(person("ada"))
    answer = send(browser, {"login": "x", "password": "plumb-secret"}, "/account/login/")
    assert answer.status_code == 403
    assert "plumb-secret" not in answer.content.decode()


def test_what_is_too_long_for_a_form_is_not_read_for_strangers(browser_at: Callable, db: None, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert send(browser_at(), {"note": "x" * 200}).status_code == 302


def test_after_signing_in_one_comes_to_the_page_of_the_form(cast: Cast, person: Callable, browser_at: Callable) -> None:
    ada = person("ada")
    browser = browser_at()
    path = f"/o/aldermoor/people/{cast.marco.pk}/disable/"
    to_sign_in = send(browser, {}, path)["Location"]
    assert to_sign_in == f"/account/login/?next={path}"
    assert sign_in(browser, ada, next=path)["Location"] == path
    assert browser.get(path)["Location"] == f"/o/aldermoor/people/{cast.marco.pk}/"
