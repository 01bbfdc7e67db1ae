"""A new password by letter: nobody learns who has an account, and links lead to where Plumbline is."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.actions import deliver_account_letters, write_account_letter
from notifications.models import AccountLetter
from tests.signing_in.conftest import is_signed_in, sign_in

NEW = "a-plumb-bob-of-brass-and-string"


@pytest.fixture(autouse=True)
def public_address(settings: Any) -> None:
    settings.BASE_URL = "https://plumbline.example"
    settings.ALLOWED_HOSTS = ["testserver", "evil.example"]


def ask(browser: Any, email: str, **headers: str) -> Any:
    return browser.post("/account/password/reset/", {"email": email}, headers=headers)


def test_known_and_unknown_addresses_are_answered_by_the_same_work(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    asked = []
    for email in (marco.email, "nobody@example.test"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(browser_at(), email)
        statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
        assert not any("organisations_user" in one or "emailaddress" in one for one in statements)
        asked.append((answer.status_code, answer["Location"], len(statements)))
    assert asked[0] == asked[1]
    assert AccountLetter.objects.count() == 2


def test_nothing_is_sent_to_strangers(person: Callable, browser_at: Callable, letters: Callable) -> None:
    person("marco")
    ask(browser_at(), "nobody@example.test")
    assert letters() == []
    assert not AccountLetter.objects.exists()


def test_the_link_leads_to_where_plumbline_is_and_works_once(
    person: Callable, browser_at: Callable, letters: Callable
) -> None:
    marco = person("marco")
    browser = browser_at()
    ask(browser, marco.email, Host="evil.example")
    (letter,) = letters()
    assert letter.to == [marco.email]
    assert "evil" not in letter.subject + letter.body
    link = re.search(r"https://\S+", letter.body)[0]
    assert urlsplit(link).netloc == "plumbline.example"
    path = browser.get(urlsplit(link).path)["Location"]
    assert browser.post(path, {"password1": NEW, "password2": NEW}).status_code == 302
    assert sign_in(browser_at(), marco, NEW).status_code == 302
    assert "This link no longer works" in browser_at().get(urlsplit(link).path, follow=True).content.decode()


def test_a_new_password_signs_out_everybody(person: Callable, browser_at: Callable, letters: Callable) -> None:
    marco = person("marco")
    thief = browser_at("203.0.113.9")
    sign_in(thief, marco)
    browser = browser_at()
    ask(browser, marco.email)
    link = re.search(r"https://\S+", letters()[0].body)[0]
    path = browser.get(urlsplit(link).path)["Location"]
    browser.post(path, {"password1": NEW, "password2": NEW})
    assert not is_signed_in(thief)
    assert [letter.subject for letter in letters()] == ["Choose a new password", "Your password was changed"]


def test_a_letter_that_fails_is_tried_again_under_the_same_id(
    person: Callable, browser_at: Callable, mail: Any
) -> None:
    marco = person("marco")
    ask(browser_at(), marco.email)
    mail.refuses = {marco.email}
    assert deliver_account_letters() == 1
    letter = AccountLetter.objects.get()
    assert (letter.tries, letter.leased_until) == (1, None)
    assert "no such mailbox" in letter.last_error
    assert deliver_account_letters() == 0, "Not before the pause is over."
    mail.refuses = set()
    assert deliver_account_letters(clock=lambda: letter.due_at) == 1
    assert not AccountLetter.objects.exists()


def test_a_task_whose_time_is_up_ends_although_it_was_sending(
    person: Callable, browser_at: Callable, mail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(browser_at(), person("marco").email)

    def slow(self: Any, messages: Any) -> int:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(mail, "send_messages", slow)
    with pytest.raises(SoftTimeLimitExceeded):
        deliver_account_letters()
    letter = AccountLetter.objects.get()
    assert (letter.tries, letter.leased_until, letter.last_error) == (1, None, "The time of the task was up.")


def test_a_letter_that_nobody_can_read_any_more_holds_up_no_other(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    write_account_letter(to=marco.email, subject="Welcome", body="Hello")
    AccountLetter.objects.update(body="by a key that is gone")
    ask(browser_at(), "nobody@example.test")
    assert deliver_account_letters() == 2
    letter = AccountLetter.objects.get()
    assert (letter.to, letter.tries, bool(letter.last_error)) == (marco.email, 1, True)


def test_a_letter_that_ends_its_worker_is_given_up_and_holds_up_no_other(
    person: Callable, browser_at: Callable
) -> None:
    marco = person("marco")
    ask(browser_at(), marco.email)
    AccountLetter.objects.update(tries=8, leased_until="2020-01-01T00:00Z")
    ask(browser_at(), "nobody@example.test")
    assert deliver_account_letters() == 1
    assert AccountLetter.objects.get().given_up_at


@pytest.mark.parametrize("password", ["short", "password1234", "qwertyuiop12", "marco.bellini", "123456789012"])
def test_passwords_that_anybody_would_guess_are_refused(
    person: Callable, browser_at: Callable, letters: Callable, password: str
) -> None:
    marco = person("marco")
    browser = browser_at()
    ask(browser, marco.email)
    link = re.search(r"https://\S+", letters()[0].body)[0]
    path = browser.get(urlsplit(link).path)["Location"]
    assert browser.post(path, {"password1": password, "password2": password}).status_code == 200
    assert sign_in(browser_at(), marco).status_code == 302
