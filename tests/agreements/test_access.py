"""Which of a vendor's contracts one of its people sees: said by an administrator, kept by everything that follows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from breaches.actions.audience import Audience
from contracts.actions import assign_owner, limit_contracts
from contracts.models import Contract
from contracts.rules import Duty
from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import accept_invitation, create_user, invite, make_key
from organisations.links import invitation_address
from organisations.models import Invitation, Membership
from tests.cast import Cast
from tests.factories import contracts as make

Scopes = Callable[..., Any]


@pytest.fixture
def two(cast: Cast, scope_of: Scopes) -> list[Contract]:
    with scope_of(cast.aldermoor):
        return [make.contract(cast.corvid, title="Service desk"), make.contract(cast.corvid, title="Payroll run")]


def stored(cast: Cast, scope_of: Scopes, member: Membership) -> list[int] | None:
    with scope_of(cast.aldermoor):
        found: list[int] | None = Membership.objects.get(pk=member.pk).contracts
        return found


def test_an_administrator_limits_somebody_on_the_page(
    cast: Cast, two: list[Contract], client_for: Callable, scope_of: Scopes
) -> None:
    ada, path = client_for(cast.ada), f"people/{cast.ravi.pk}/contracts/"
    assert "Sees all contracts of Corvid Systems." in ada.get(f"people/{cast.ravi.pk}/").content.decode()
    assert ada.get(path).context["access"] == "all"
    given = {"access": "some", "contracts": [two[0].pk], "version": 1}
    assert ada.post(path, given).status_code == 302
    ravi = client_for(cast.ravi)
    html = ravi.get("contracts/").content.decode()
    assert "Service desk" in html
    assert "Payroll run" not in html
    assert [ravi.get(f"contracts/{one.pk}/").status_code for one in two] == [200, 404]
    assert "Sees 1 contract of Corvid" in ada.get(f"people/{cast.ravi.pk}/").content.decode()
    late = ada.post(path, {"access": "all", "version": 1})
    assert late.status_code == 409
    assert "By now Ravi Menon sees 1 contract" in late.content.decode()
    assert stored(cast, scope_of, cast.ravi) == [two[0].pk]
    assert ada.post(path, {"access": "all", "version": 2}).status_code == 302
    assert ravi.get(f"contracts/{two[1].pk}/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"access": "some"}, "Choose at least one contract."),
        ({"access": "some", "contracts": ["x"]}, "Select a valid choice"),
        ({}, "Choose one of the two."),
    ],
)
def test_what_does_not_fit(
    given: dict[str, Any], said: str, cast: Cast, two: list[Contract], client_for: Callable, scope_of: Scopes
) -> None:
    answer = client_for(cast.ada).post(f"people/{cast.ravi.pk}/contracts/", {"version": 1} | given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert stored(cast, scope_of, cast.ravi) is None


def test_who_may_and_for_whom(cast: Cast, two: list[Contract], client_for: Callable, scope_of: Scopes) -> None:
    for member in (cast.petra, cast.marco, cast.olu, cast.vera):
        assert client_for(member).get(f"people/{cast.ravi.pk}/contracts/").status_code == 403
        with scope_of(member), pytest.raises(NotAllowed):
            limit_contracts(by=member, member=cast.ravi, contracts=two, version=1)
    assert client_for(cast.ada).get(f"people/{cast.marco.pk}/contracts/").status_code == 404
    with scope_of(cast.ada):
        foreign = make.contract(cast.halden)
        for member, chosen in ((cast.ravi, [foreign]), (cast.ravi, []), (cast.marco, two)):
            with pytest.raises(RuleBroken):
                limit_contracts(by=cast.ada, member=member, contracts=chosen, version=1)
        with pytest.raises(Conflict):
            limit_contracts(by=cast.ada, member=cast.ravi, contracts=two, version=7)


def test_nobody_gives_more_than_they_have(cast: Cast, two: list[Contract], scope_of: Scopes) -> None:
    """Colleagues whom somebody limited invites, and the keys that they own, are limited as they are."""
    now = datetime.now(UTC)
    with scope_of(cast.ada):
        limit_contracts(by=cast.ada, member=cast.vera, contracts=two[:1], version=1)
    with scope_of(cast.vera):
        role = "vendor_manager"
        made = invite(by=cast.vera, email="nora@example.test", role=role, vendor=cast.corvid, now=now)
        ends = now + timedelta(days=9)
        _, secret = make_key(by=cast.vera, name="Hers", scope="manage", expires_at=ends, now=now)
    nora = create_user(email="nora@example.test", name="Nora Quist", password=None)
    key = parse_qs(urlsplit(invitation_address(made)).query)["key"][0]
    accept_invitation(key=key, user=nora, now=now)
    with scope_of(cast.aldermoor):
        assert Membership.objects.get(user=nora).contracts == [two[0].pk]
        assert Invitation.objects.get().contracts == [two[0].pk]
    program = Client(headers={"Authorization": f"Bearer {secret.text}"})
    there = program.get("/o/aldermoor/api/v1/contracts/").json()["results"]
    assert [one["title"] for one in there] == ["Service desk"]


def test_who_does_not_see_it_is_not_told_and_not_put_in_charge(
    cast: Cast, two: list[Contract], scope_of: Scopes
) -> None:
    now = datetime(2025, 3, 10, 12, tzinfo=UTC)
    with scope_of(cast.ada):
        make.owner(two[1], cast.ravi)
        limit_contracts(by=cast.ada, member=cast.ravi, contracts=two[:1], version=1)
        audience = Audience({one.pk for one in two}, now)
        assert audience.vendor(two[0].pk, cast.corvid.pk) == (cast.vera.pk, cast.ravi.pk)
        assert audience.vendor(two[1].pk, cast.corvid.pk) == (cast.vera.pk,)
        with pytest.raises(RuleBroken, match="does not see this contract"):
            assign_owner(by=cast.ada, contract=two[1], duty=Duty.VENDOR_CONTACT, member=cast.ravi, now=now)


def test_through_the_api(cast: Cast, two: list[Contract], client_for: Callable, scope_of: Scopes) -> None:
    ada, path = client_for(cast.ada), f"api/v1/people/{cast.ravi.pk}/contracts/"

    def post(body: Any) -> Any:
        return ada.post(path, body, content_type="application/json")

    done = post({"contracts": [two[1].pk], "version": 1})
    assert (done.status_code, done.json()["contracts"]) == (200, [two[1].pk])
    with scope_of(cast.aldermoor):
        foreign = make.contract(cast.halden)
    for body, status in (
        ({"contracts": [foreign.pk], "version": 2}, 422),
        ({"contracts": [], "version": 2}, 422),
        ({"contracts": [10**9], "version": 2}, 400),
        ({"contracts": None, "version": 1}, 409),
        ({"version": 2}, 400),
    ):
        assert post(body).status_code == status, body
    assert stored(cast, scope_of, cast.ravi) == [two[1].pk]
    assert post({"contracts": None, "version": 2}).json()["contracts"] is None
