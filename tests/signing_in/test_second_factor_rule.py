"""An organisation asks for a second factor: a day's notice on each page, then the way to the page where one is set up."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from organisations.actions import make_key
from organisations.models import OrganisationSettings, Vendor
from organisations.presence import memberships_of
from organisations.rules import SecondFactor
from tests.cast import Cast
from tests.signing_in.soft_passkey import SoftPasskey

TODAY = date(2026, 5, 4)
INBOX, API = "/o/aldermoor/inbox/", "/o/aldermoor/api/v1/contracts/"
SET_UP = "/account/second-factor/?next="


@pytest.fixture(autouse=True)
def today(clock: Callable) -> None:
    clock(timezone.now().replace(year=2026, month=5, day=4, hour=12))


@pytest.fixture
def asks(cast: Cast, scope_of: Callable) -> Callable[..., None]:
    """`asks(SecondFactor.STAFF, days=3)`: Aldermoor asks its own people from in three days on."""

    def of(whom: str, days: int = 0) -> None:
        with scope_of(cast.aldermoor):
            OrganisationSettings.objects.update_or_create(
                defaults={"second_factor": whom, "second_factor_from": TODAY + timedelta(days=days)}
            )

    return of


@pytest.mark.parametrize(
    ("whom", "closed"),
    [
        (SecondFactor.NOBODY, []),
        (SecondFactor.STAFF, ["marco"]),
        (SecondFactor.VENDORS, ["vera"]),
        (SecondFactor.EVERYBODY, ["marco", "vera"]),
    ],
)
def test_whoever_is_asked_is_led_to_set_one_up(
    cast: Cast, client_for: Callable, asks: Callable, whom: str, closed: list[str]
) -> None:
    asks(whom)
    for name in ("marco", "vera"):
        answer = client_for(getattr(cast, name)).get(INBOX)
        if name in closed:
            assert answer["Location"] == f"{SET_UP}%2Fo%2Faldermoor%2Finbox%2F"
        else:
            assert answer.status_code == 200


def test_other_organisations_stay_open(cast: Cast, client_for: Callable, asks: Callable) -> None:
    asks(SecondFactor.EVERYBODY)
    assert client_for(cast.otto).get("/o/brightwater/inbox/").status_code == 200
    vera = client_for(cast.vera)
    assert vera.get("/o/brightwater/inbox/").status_code == 200
    html = vera.get("/account/second-factor/").content.decode()
    assert "Aldermoor Energy lets you in again" in html
    assert "Brightwater" not in html


def test_until_the_day_each_page_says_it(cast: Cast, client_for: Callable, asks: Callable) -> None:
    asks(SecondFactor.STAFF, days=1)
    marco = client_for(cast.marco)
    answer = marco.get(INBOX)
    assert answer.status_code == 200
    assert "From 5 May 2026 Aldermoor Energy needs a second factor from you." in answer.content.decode()
    assert "from 5 May 2026 on" in marco.get("/account/second-factor/").content.decode()
    assert "needs a second factor" not in client_for(cast.vera).get(INBOX).content.decode()


@pytest.mark.parametrize(
    "add", [lambda user: TOTP.activate(user, generate_totp_secret()), SoftPasskey], ids=["app", "passkey"]
)
def test_whoever_has_one_sees_nothing_of_it(cast: Cast, client_for: Callable, asks: Callable, add: Callable) -> None:
    asks(SecondFactor.STAFF)
    add(cast.marco.user)
    marco = client_for(cast.marco)
    answer = marco.get(INBOX)
    assert answer.status_code == 200
    assert "second factor" not in answer.content.decode()
    assert marco.get(f"{SET_UP}{INBOX}")["Location"] == INBOX
    assert marco.get(f"{SET_UP}https://evil.example/")["Location"] == "/"
    Authenticator.objects.all().delete()
    assert marco.get(INBOX).status_code == 302, "Taken away, it is lacking again."


def test_no_page_is_left_open_and_nothing_is_changed(
    cast: Cast, client_for: Callable, asks: Callable, scope_of: Callable
) -> None:
    asks(SecondFactor.EVERYBODY)
    ada = client_for(cast.ada)
    for path in ("", "portfolio/", "people/", "keys/", "trail/", "new-vendor/"):
        assert ada.get(path)["Location"].startswith(SET_UP)
    answer = ada.post("new-vendor/", {"name": "Tern", "code": "TERN"}, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    assert "Add a passkey or a code app in a new tab" in answer.content.decode()
    assert 'value="TERN"' in answer.content.decode()
    with scope_of(cast.aldermoor):
        assert not Vendor.objects.filter(code="TERN").exists()


def test_a_part_of_a_page_takes_the_page_there(cast: Cast, client_for: Callable, asks: Callable) -> None:
    asks(SecondFactor.STAFF)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{INBOX}"}
    answer = client_for(cast.marco).get(f"{INBOX}panel/", headers=headers)
    assert (answer.status_code, answer.content) == (403, b"")
    assert answer["HX-Redirect"] == f"{SET_UP}%2Fo%2Faldermoor%2Finbox%2F"


def test_the_api_refuses_a_session_and_takes_a_key(
    cast: Cast, client_for: Callable, asks: Callable, scope_of: Callable
) -> None:
    now = timezone.now()
    with scope_of(cast.marco):
        _, secret = make_key(
            by=cast.marco, name="A program", scope="read", expires_at=now + timedelta(days=700), now=now
        )
    asks(SecondFactor.EVERYBODY)
    refused: Any = client_for(cast.marco).get(API)
    assert refused.status_code == 403
    problem = refused.json()
    assert problem["code"] == "second_factor_needed"
    assert problem["type"].endswith("/api/problems/#second-factor-needed")
    assert 'id="second-factor-needed"' in Client().get("/api/problems/").content.decode()
    assert Client(headers={"Authorization": f"Bearer {secret.text}"}).get(API).status_code == 200


def test_administrators_see_who_lacks_one(cast: Cast, client_for: Callable) -> None:
    SoftPasskey(cast.marco.user)
    client_for(cast.marco).get(INBOX)
    ada = client_for(cast.ada)
    html = ada.get("people/").content.decode()
    assert "without a second factor</a>" in html
    names = [row["member"].name for row in ada.get("people/?without=1").context["rows"]]
    assert cast.marco.name not in names
    assert cast.petra.name in names


def test_the_door_needs_no_statement_more(cast: Cast, asks: Callable, django_assert_num_queries: Callable) -> None:
    asks(SecondFactor.EVERYBODY)
    with django_assert_num_queries(1):
        (found,) = memberships_of(cast.marco.user_id)
    assert vars(found)["asked"] == SecondFactor.EVERYBODY
