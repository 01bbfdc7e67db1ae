"""People with passwords, browsers that are not signed in, and the letters that were written."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as django_mail
from django.test import Client

from notifications.actions import deliver_account_letters
from organisations.models import User
from tests.cast import Cast
from tests.factories.organisations import PASSWORD
from tests.notifications.conftest import mail as mail  # a mail server that can refuse


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(cast: Cast) -> Callable[..., User]:
    """`person("marco")`: somebody of the cast with PASSWORD and a verified address, as an invitation leaves them."""

    def given(name: str) -> User:
        user: User = getattr(cast, name).user
        user.set_password(PASSWORD)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    return given


@pytest.fixture
def browser_at() -> Callable[..., Client]:
    """`browser_at("198.51.100.7")`: a browser that is not signed in, at that address."""

    def at(address: str = "198.51.100.7", **options: Any) -> Client:
        return Client(REMOTE_ADDR=address, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", **options)

    return at


def sign_in(browser: Client, user: User, password: str = PASSWORD, **data: str) -> Any:
    return browser.post("/account/login/", {"login": user.email, "password": password, **data})


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/password/change/").status_code == 200


@pytest.fixture
def letters() -> Callable[[], list[Any]]:
    """Send what waits, and give all that was sent."""

    def sent() -> list[Any]:
        deliver_account_letters()
        return django_mail.outbox

    return sent
