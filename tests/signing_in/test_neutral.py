"""Nobody learns who has an account: the answers are the same, and so is the work behind them. No test looks at a clock.

For a new password by letter see test_reset.py.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.models import AccountLetter
from organisations.models import Invitation
from tests.cast import Cast
from tests.factories.organisations import PASSWORD
from tests.signing_in.conftest import is_signed_in, sign_in
from tests.signing_in.counting import Counting


@pytest.fixture(autouse=True)
def counted(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.signing_in.counting.Counting"]


class Work(NamedTuple):
    """What an answer says and has cost, without the address that was asked about."""

    status: int
    text: str
    statements: list[str]
    hashes: int
    letters: int


def work(ask: Callable[[str], Any], email: str) -> Work:
    hashes, letters = Counting.computed, AccountLetter.objects.count()
    with CaptureQueriesContext(connection) as queries:
        answer = ask(email)
    text = re.sub(r"[A-Za-z0-9]{64}|[0-9a-f]{12}", "", answer.content.decode()).replace(email, "somebody")
    # A key of the cache is a hash of the address: what is asked of the database is compared, not about whom.
    kinds = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
    return Work(answer.status_code, text, kinds, Counting.computed - hashes, AccountLetter.objects.count() - letters)


def test_a_wrong_password_and_an_unknown_address_take_the_same_work(person: Callable, browser_at: Callable) -> None:
    marco, petra = person("marco"), person("petra")
    EmailAddress.objects.filter(user=petra).update(verified=False)
    petra.is_active = False
    petra.save()

    def ask(email: str) -> Any:
        return browser_at().post("/account/login/", {"login": email, "password": "not-the-right-one"})

    ask("first@example.test")  # what is done once in a process
    known, switched_off, unknown = (work(ask, email) for email in (marco.email, petra.email, "nobody@example.test"))
    assert known == unknown
    assert switched_off == unknown
    assert known.hashes == 1
    assert known.letters == 0
    assert "The e-mail address and the password do not go together." in known.text


def test_limits_count_unknown_addresses_as_they_count_known_ones(person: Callable, browser_at: Callable) -> None:
    marco = person("marco")
    said = []
    for email in (marco.email, "nobody@example.test"):
        answers = [
            browser_at().post("/account/login/", {"login": email, "password": f"wrong-{number}"}).content.decode()
            for number in range(6)
        ]
        said.append(["Too many tries" in answer for answer in answers])
    assert said[0] == said[1] == [False] * 5 + [True]


def test_inviting_tells_nothing_of_accounts_elsewhere(
    cast: Cast, client_for: Callable, scope_of: Callable, person: Callable
) -> None:
    otto = person("otto")
    ada = client_for(cast.ada)

    def ask(email: str) -> Any:
        return ada.post("people/invite/", {"addresses": email, "role": "auditor"})

    ask("first@example.test")
    known, unknown = (work(ask, email) for email in (otto.email, "nobody@example.test"))
    assert known == unknown
    with scope_of(cast.aldermoor):
        assert Invitation.objects.count() == 3


def test_an_address_signs_in_whoever_has_proven_it(person: Callable, browser_at: Callable) -> None:
    """The second address of one, and not the account of another who only claims it."""
    marco, petra = person("marco"), person("petra")
    EmailAddress.objects.create(user=marco, email="m.bellini@example.test", verified=True)
    petra.email = "m.bellini@example.test"
    petra.set_password("another-password-of-hers")
    petra.save()
    browser: Client = browser_at()
    answer = browser.post("/account/login/", {"login": "M.Bellini@example.test", "password": PASSWORD})
    assert answer.status_code == 302
    assert is_signed_in(browser)
    assert int(browser.session["_auth_user_id"]) == marco.pk
    EmailAddress.objects.filter(user=marco).update(verified=False)
    assert sign_in(browser_at(), marco, "wrong").status_code == 200
