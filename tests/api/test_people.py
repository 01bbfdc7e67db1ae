"""People, vendors and who is in charge, through the API: the same actions, refusals and walls as the pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contracts.models import Owner
from organisations.actions import make_key
from organisations.models import Invitation, Membership, Vendor
from organisations.rules import Role
from tests.cast import Cast
from tests.factories import contracts
from tests.factories import organisations as make

Scopes = Callable[..., Any]
NORA = "nora@example.test"
JSON = "application/json"


def post(client: Any, path: str, body: Any = None) -> Any:
    return client.post(f"api/v1/{path}", {} if body is None else body, content_type=JSON)


def get(client: Any, path: str) -> Any:
    answer = client.get(f"api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


class Program(Client):
    """Somebody who calls with a key."""

    def __init__(self, text: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {text}"})

    def generic(self, method: str, path: str, *args: Any, **extra: Any) -> Any:
        return super().generic(method, f"/o/aldermoor/{path}", *args, **extra)


@pytest.fixture
def program(scope_of: Scopes, clock: Callable) -> Callable[..., Program]:
    now = datetime.now(UTC)
    clock(now)

    def made(by: Membership, scope: str = "manage") -> Program:
        with scope_of(by):
            return Program(
                make_key(by=by, name=f"{scope} key", scope=scope, expires_at=now + timedelta(days=9), now=now)[1].text
            )

    return made


# People ------------------------------------------------------------------------------------------------------------


def test_staff_list_everybody_and_a_vendor_its_own(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    people = get(client_for(cast.olu), "people/")
    assert people["count"] == 7
    ravi = next(one for one in people["results"] if one["name"] == "Ravi Menon")
    assert (ravi["role"], ravi["vendor"], ravi["is_active"]) == ("vendor_reporter", "CORVID", True)
    assert [one["name"] for one in get(client_for(cast.vera), "people/")["results"]] == ["Ravi Menon", "Vera Novak"]
    assert client_for(cast.ravi).get("api/v1/people/").status_code == 403
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.hana.pk).update(is_active=False)
    olu = client_for(cast.olu)
    assert get(olu, "people/?show=disabled")["results"][0]["name"] == "Hana Kowalska"
    assert get(olu, "people/?q=corvid")["count"] == 2
    assert olu.get("api/v1/people/?show=some").status_code == 400


def test_a_list_costs_the_same_for_one_and_for_many(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    ada = client_for(cast.ada)

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            get(ada, path)
        return len(asked)

    paths = ("people/", "people/invitations/", "vendors/")
    with scope_of(cast.aldermoor):
        make.invitation(NORA, cast.corvid)
        make.identifier(cast.corvid)
    one = [statements(path) for path in paths]
    for number in range(2):
        person = make.user(f"P{number} Person")
        with scope_of(cast.aldermoor):
            make.member(person, Role.AUDITOR)
            make.invitation(f"x{number}@example.test", cast.halden)
            make.identifier(make.vendor(f"V{number} Ltd"))
    assert [statements(path) for path in paths] == one


def test_several_are_invited_at_once_or_none(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    ada = client_for(cast.ada)
    wanted = [
        {"email": "Nora@Example.test", "role": "auditor"},
        {"email": "a@example.test", "role": "vendor_manager", "vendor": "CORVID"},
    ]
    answer = post(ada, "people/invite/", {"invitations": wanted, "note": "Welcome"})
    assert answer.status_code == 201
    assert [(one["email"], one["vendor"], one["status"]) for one in answer.json()] == [
        (NORA, None, "open"),
        ("a@example.test", "CORVID", "open"),
    ]
    assert get(ada, "people/invitations/")["count"] == 2
    third = {"email": "b@example.test", "role": "auditor"}
    for bad, status, said in (
        ({"email": cast.marco.email, "role": "auditor"}, 422, "member already"),
        ({"email": NORA, "role": "auditor"}, 422, "open invitation"),
        ({"email": "c@example.test", "role": "vendor_manager"}, 422, "needs the vendor"),
        ({"email": "c@example.test", "role": "vendor_manager", "vendor": "NONE"}, 422, "no vendor with the code NONE"),
        ({"email": "c@", "role": "auditor"}, 400, "not an e-mail address"),
        ({"email": "b@example.test", "role": "auditor"}, 400, "is in line 1 too"),
        ({"email": "c@example.test", "role": "boss"}, 400, "not a valid choice"),
    ):
        answer = post(ada, "people/invite/", {"invitations": [third, bad]})
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert said in str(answer.json()["errors"])
    assert post(ada, "people/invite/", {"invitations": []}).status_code == 400
    with scope_of(cast.aldermoor):
        assert Invitation.objects.count() == 2


def test_an_invitation_is_sent_again_and_revoked(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        one = make.invitation(NORA, cast.corvid)
    ada = client_for(cast.ada)
    assert post(ada, f"people/invitations/{one.pk}/resend/").json()["status"] == "open"
    assert post(ada, f"people/invitations/{one.pk}/revoke/").json()["status"] == "revoked"
    for act in ("resend", "revoke"):
        answer = post(ada, f"people/invitations/{one.pk}/{act}/")
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    with scope_of(cast.aldermoor):
        one.refresh_from_db()
        assert (one.edition, one.status) == (2, "revoked")


def test_others_invite_for_vendors_they_hold_and_learn_nothing_else(
    cast: Cast, client_for: Callable, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        contracts.owner(contracts.contract(cast.corvid), cast.marco)
        theirs = make.invitation("x@example.test", cast.halden)

    def invited(member: Membership, role: str, vendor: str | None = None, email: str = NORA) -> Any:
        body = {"invitations": [{"email": email, "role": role, "vendor": vendor}]}
        return post(client_for(member), "people/invite/", body)

    assert invited(cast.marco, "vendor_manager", "CORVID").status_code == 201
    for member, role, vendor in (
        (cast.marco, "vendor_manager", "HALDEN"),
        (cast.marco, "auditor", None),
        (cast.petra, "vendor_reporter", "CORVID"),
        (cast.vera, "auditor", None),
    ):
        answer = invited(member, role, vendor, "b@example.test")
        assert (answer.status_code, answer.json()["code"]) == (422, "rows")
    for member in (cast.olu, cast.ravi):
        assert invited(member, "vendor_reporter", "CORVID", "b@example.test").status_code == 403
    # A vendor's manager is not told from another's, from the client's people, or from codes that are none.
    answers = [
        invited(cast.vera, "vendor_reporter", email=one)
        for one in ("c@example.test", cast.hana.email, cast.petra.email)
    ]
    assert [(one.status_code, one.json()[0]["vendor"]) for one in answers] == [(201, "CORVID")] * 3
    known, unknown = (invited(cast.vera, "vendor_reporter", code, "d@example.test") for code in ("HALDEN", "NOBODY"))
    assert known.status_code == unknown.status_code == 422
    assert known.json()["errors"] == [text.replace("NOBODY", "HALDEN") for text in unknown.json()["errors"]]
    assert post(client_for(cast.vera), f"people/invitations/{theirs.pk}/revoke/").status_code == 404
    assert post(client_for(cast.marco), f"people/invitations/{theirs.pk}/revoke/").status_code == 403
    assert get(client_for(cast.vera), "people/invitations/")["count"] == 4
    with scope_of(cast.aldermoor):
        assert not Invitation.objects.filter(email__in=["b@example.test", "d@example.test"]).exists()
        theirs.refresh_from_db()
        assert theirs.status == "open"


def test_an_administrator_changes_places(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    ada, path = client_for(cast.ada), f"people/{cast.marco.pk}"
    assert post(ada, f"{path}/role/", {"role": "procurement", "version": 1}).json()["role"] == "procurement"
    assert post(ada, f"{path}/role/", {"role": "auditor", "version": 1}).status_code == 409
    assert post(ada, f"{path}/role/", {"role": "vendor_manager", "version": 2}).status_code == 422
    assert post(ada, f"{path}/disable/").status_code == 400  # without the version that was read
    assert post(ada, f"{path}/disable/", {"version": 2}).json()["is_active"] is False
    assert client_for(cast.marco).get("api/v1/contracts/").status_code == 404
    assert post(ada, f"{path}/rejoin/", {"role": "account_manager", "version": 3}).json()["is_active"] is True
    last = post(ada, f"people/{cast.ada.pk}/disable/", {"version": 1})
    assert (last.status_code, last.json()["code"]) == (422, "last_administrator")
    for member in (cast.petra, cast.olu, cast.vera):
        assert post(client_for(member), f"{path}/disable/", {"version": 4}).status_code == 403
    with scope_of(cast.aldermoor):
        found = Membership.objects.get(pk=cast.marco.pk)
        assert (found.role, found.is_active, found.version) == ("account_manager", True, 4)


# By key ------------------------------------------------------------------------------------------------------------


def test_a_key_that_manages_lets_people_in_but_makes_no_administrators(
    cast: Cast, program: Callable, scope_of: Scopes
) -> None:
    key = program(cast.ada)
    assert post(key, "people/invite/", {"invitations": [{"email": NORA, "role": "auditor"}]}).status_code == 201
    assert post(key, f"people/{cast.marco.pk}/role/", {"role": "procurement", "version": 1}).status_code == 200
    assert post(key, f"people/{cast.ravi.pk}/disable/", {"version": 1}).status_code == 200
    iris = make.user("Iris Second")
    with scope_of(cast.aldermoor):
        second = make.member(iris, Role.ADMINISTRATOR)
        open_ = make.invitation("boss@example.test", role=Role.ADMINISTRATOR)
        assert Invitation.objects.get(email=NORA).invited_by_name == "manage key"
    for path, body in (
        (f"people/{second.pk}/disable/", {"version": 1}),
        (f"people/{second.pk}/role/", {"role": "auditor", "version": 1}),
        (f"people/{cast.marco.pk}/role/", {"role": "administrator", "version": 2}),
        (f"people/{cast.ravi.pk}/rejoin/", {"role": "administrator", "version": 2}),
        (f"people/invitations/{open_.pk}/resend/", {}),
    ):
        answer = post(key, path, body)
        assert answer.status_code in (403, 422), path
    wanted = {"invitations": [{"email": "evil@example.test", "role": "administrator"}]}
    assert post(key, "people/invite/", wanted).status_code == 422
    with scope_of(cast.aldermoor):
        assert set(Membership.objects.administrators()) == {cast.ada, second}
        assert not Invitation.objects.filter(email="evil@example.test").exists()


def test_an_account_manager_s_key_acts_for_the_contracts_that_its_owner_holds(
    cast: Cast, program: Callable, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        held, other = contracts.contract(cast.corvid), contracts.contract(cast.halden, reference="OTHER")
        contracts.owner(held, cast.marco)
    key = program(cast.marco)

    def invited(vendor: str | None, role: str = "vendor_reporter") -> int:
        return int(
            post(key, "people/invite/", {"invitations": [{"email": NORA, "role": role, "vendor": vendor}]}).status_code
        )

    def in_charge(contract: Any) -> int:
        body = {"duty": "vendor_contact", "member": None, "version": ""}
        return int(post(key, f"contracts/{contract.pk}/owners/set/", body).status_code)

    assert [invited("HALDEN"), invited(None, "auditor"), in_charge(other)] == [422, 422, 403]
    assert [invited("CORVID"), in_charge(held)] == [201, 200]
    with scope_of(cast.aldermoor):
        assert [one.vendor_id for one in Invitation.objects.all()] == [cast.corvid.pk]
        Owner.objects.filter(member=cast.marco).update(ends_on=held.starts_on)  # in charge no more
    assert [invited("CORVID"), in_charge(held)] == [422, 403]


@pytest.mark.parametrize("scope", ["read"])
def test_other_keys_change_nobody(scope: str, cast: Cast, program: Callable) -> None:
    key = program(cast.ada, scope)
    assert key.get("api/v1/people/").status_code == 200
    assert post(key, "people/invite/", {"invitations": [{"email": NORA, "role": "auditor"}]}).status_code == 403
    assert post(key, f"people/{cast.marco.pk}/disable/", {"version": 1}).status_code == 403
    assert post(key, "new-vendor/", {"code": "X", "name": "X"}).status_code == 403


def test_a_vendor_s_key_sees_and_invites_its_own(cast: Cast, program: Callable, scope_of: Scopes) -> None:
    key = program(cast.vera)
    assert {one["name"] for one in get(key, "people/")["results"]} == {"Vera Novak", "Ravi Menon"}
    assert [one["code"] for one in get(key, "vendors/")["results"]] == ["CORVID"]
    assert key.get("api/v1/vendors/HALDEN/").status_code == 404
    wanted = {"invitations": [{"email": NORA, "role": "vendor_reporter"}]}
    assert post(key, "people/invite/", wanted).json()[0]["vendor"] == "CORVID"


# Vendors -----------------------------------------------------------------------------------------------------------


def test_vendors_are_added_and_changed(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    petra = client_for(cast.petra)
    given = {"code": "SALTIRE", "name": "Saltire Networks", "identifiers": {"GB-COH": "1234567"}}
    added = post(petra, "new-vendor/", given)
    assert (added.status_code, added.json()["identifiers"]) == (201, {"GB-COH": "01234567"})
    assert [one["code"] for one in get(petra, "vendors/?q=salt")["results"]] == ["SALTIRE"]
    changed = post(petra, "vendors/SALTIRE/edit/", {"code": "SALT", "name": "Saltire", "version": 1})
    there = {"code": "SALT", "name": "Saltire", "identifiers": {}, "service": "", "tier": None, "version": 2}
    assert changed.json() == there
    for body, status in (
        ({"code": "SALT", "name": "Late", "version": 1}, 409),
        ({"code": "CORVID", "name": "Saltire", "version": 2}, 422),
        ({"code": "two words", "name": "Saltire", "version": 2}, 400),
        ({"code": "SALT", "name": "Saltire", "identifiers": {"XX": "1"}, "version": 2}, 422),
        ({"code": "SALT", "name": "Saltire", "identifiers": ["GB-COH"], "version": 2}, 400),
        ({"code": "SALT", "name": "Saltire"}, 400),
    ):
        assert post(petra, "vendors/SALT/edit/", body).status_code == status, body
    for member in (cast.marco, cast.vera):
        assert post(client_for(member), "new-vendor/", {"code": "X", "name": "X"}).status_code == 403
    with scope_of(cast.aldermoor):
        assert Vendor.objects.get(code="SALT").version == 2
        assert Vendor.objects.count() == 3


# Who is in charge --------------------------------------------------------------------------------------------------


def test_who_is_in_charge_is_read_and_set(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        desk = contracts.contract(cast.corvid)
    petra, path = client_for(cast.petra), f"contracts/{desk.pk}/owners/"
    before = get(petra, path)
    assert [(one["duty"], one["member"], one["version"]) for one in before] == [
        ("account_manager", None, ""),
        ("procurement", None, ""),
        ("vendor_contact", None, ""),
    ]
    given = {"duty": "vendor_contact", "member": cast.vera.pk, "version": ""}
    absence = {"deputy": cast.ravi.pk, "deputy_from": "2099-01-01", "deputy_to": "2099-01-09"}
    done = post(petra, f"{path}set/", {**given, **absence}).json()
    assert (done["name"], done["deputy_name"], done["deputy_to"]) == ("Vera Novak", "Ravi Menon", "2099-01-09")
    assert post(petra, f"{path}set/", given).status_code == 409
    fresh = {**given, "version": done["version"]}
    for more, status in (
        ({"member": cast.hana.pk}, 422),
        ({"member": 10**30}, 400),
        ({"deputy": cast.ravi.pk}, 400),
        ({**absence, "deputy_to": "2098-01-01"}, 422),
        ({"duty": "boss"}, 400),
    ):
        assert post(petra, f"{path}set/", {**fresh, **more}).status_code == status, more
    assert get(client_for(cast.ravi), path)[2]["name"] == "Vera Novak"
    assert post(client_for(cast.marco), f"{path}set/", fresh).status_code == 403
    assert (
        post(client_for(cast.vera), f"{path}set/", {**fresh, "duty": "account_manager", "version": ""}).status_code
        == 403
    )
    assert post(client_for(cast.vera), f"{path}set/", {**fresh, "member": cast.ravi.pk}).status_code == 200
    assert client_for(cast.hana).get(f"api/v1/{path}").status_code == 404
    with scope_of(cast.aldermoor):
        assert Owner.objects.get().member_id == cast.ravi.pk


def test_a_key_says_who_is_in_charge(cast: Cast, program: Callable, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        desk = contracts.contract(cast.corvid)
    given = {"duty": "procurement", "member": cast.petra.pk, "version": ""}
    assert post(program(cast.petra), f"contracts/{desk.pk}/owners/set/", given).json()["name"] == "Petra Sandgren"
