"""API keys: made once, shown once, limited, rotated, revoked; and what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from audit.models import Entry
from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import make_key, revoke_key, rotate_key
from organisations.models import ApiKey, ApiUse, Invitation, Membership
from organisations.rules import (
    MANAGE_ACTIONS,
    MANAGE_VERBS,
    NEVER_VERBS,
    PERMISSIONS,
    READ_VERBS,
    REPORT_ACTIONS,
    KeyScope,
    Role,
    key_actions,
)
from tests.cast import Cast
from tests.factories.organisations import settings as settings_of

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(clock: Callable) -> None:
    clock(datetime.now(UTC))


def made(
    scope_of: Callable, by: Membership, scope: str = "read", name: str = "Power BI", **more: Any
) -> tuple[ApiKey, str]:
    now = datetime.now(UTC)
    with scope_of(by):
        key, secret = make_key(by=by, name=name, scope=scope, expires_at=now + timedelta(days=30), now=now, **more)
    return key, secret.text


def program(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


def status(text: str, path: str = "contracts/", slug: str = "aldermoor") -> int:
    return int(program(text).get(f"/o/{slug}/api/v1/{path}").status_code)


# What they may do ------------------------------------------------------------------------------------------------


def test_every_permission_is_said_of_keys() -> None:
    known = READ_VERBS | MANAGE_VERBS | NEVER_VERBS
    unknown = [one for one in PERMISSIONS if one not in REPORT_ACTIONS and one.partition(".")[2] not in known]
    assert unknown == [], "Say in organisations/rules.py whether keys may: in READ_VERBS, MANAGE_VERBS or NEVER_VERBS."
    assert not READ_VERBS & MANAGE_VERBS and not MANAGE_VERBS & NEVER_VERBS and not READ_VERBS & NEVER_VERBS


@pytest.mark.parametrize("role", Role)
def test_each_scope_contains_the_one_before_and_never_exceeds_the_owner(role: str) -> None:
    read, report, manage = (key_actions(scope, role) for scope in KeyScope)
    assert read <= report <= manage <= {action for action, roles in PERMISSIONS.items() if role in roles}
    assert not any(action.partition(".")[2] in NEVER_VERBS for action in manage - MANAGE_ACTIONS)
    assert not any(action in read | report for action in MANAGE_ACTIONS)


def test_a_key_may_what_its_scope_says(cast: Cast, scope_of: Callable) -> None:
    _, read = made(scope_of, cast.marco, name="reads")
    _, report = made(scope_of, cast.marco, "report", name="reports")
    assert status(read) == status(report) == 200
    for text, expected in ((read, 403), (report, 404)):  # no such contract, but it may
        answer = program(text).post("/o/aldermoor/api/v1/contracts/1/figures/", "{}", content_type="application/json")
        assert answer.status_code == expected


def test_keys_make_no_keys(cast: Cast, scope_of: Callable) -> None:
    _, text = made(scope_of, cast.ada, name="everything")
    assert status(text, "keys/") == 403


def test_a_role_that_gains_nothing_by_a_scope_is_told(cast: Cast, scope_of: Callable) -> None:
    with pytest.raises(RuleBroken, match="nothing more with this than with “Read”"):
        made(scope_of, cast.ada, "report")


# Who gets in -----------------------------------------------------------------------------------------------------


def test_the_secret_is_not_kept(cast: Cast, scope_of: Callable) -> None:
    key, text = made(scope_of, cast.marco)
    with scope_of(cast.ada):
        stored = ApiKey.objects.filter(pk=key.pk).values().get()
        trail = str(list(Entry.objects.values("difference")))
    secret = text.rpartition("_")[2]
    assert secret not in str(stored) + trail
    assert len(stored["secret_hash"]) == 64


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t[:-1] + "!", lambda t: t.upper(), lambda t: "", lambda t: "x" * 9000]
)
def test_what_is_no_key_lets_nobody_in(cast: Cast, scope_of: Callable, spoil: Callable) -> None:
    _, text = made(scope_of, cast.marco)
    answer = program(spoil(text)).get("/o/aldermoor/api/v1/contracts/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert "lets nobody in here" in answer.json()["detail"]


def test_a_key_works_at_its_own_organisation_only(cast: Cast, scope_of: Callable) -> None:
    _, text = made(scope_of, cast.marco)
    assert (status(text), status(text, slug="brightwater"), status(text, slug="nobody")) == (200, 401, 401)


def test_a_key_opens_no_page(cast: Cast, scope_of: Callable) -> None:
    _, text = made(scope_of, cast.marco)
    answer = program(text).get("/o/aldermoor/portfolio/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")


def test_a_key_ends_with_its_day_its_owner_and_by_hand(cast: Cast, scope_of: Callable) -> None:
    texts = {}
    for name in ("late", "revoked", "left"):
        key, texts[name] = made(scope_of, cast.marco if name == "left" else cast.ada, name=name)
        assert status(texts[name]) == 200
        with scope_of(cast.ada):
            if name == "late":
                ApiKey.objects.filter(pk=key.pk).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
            elif name == "revoked":
                revoke_key(by=cast.ada, key=key, now=datetime.now(UTC))
            else:
                Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
    assert {name: status(text) for name, text in texts.items()} == dict.fromkeys(texts, 401)


def test_a_key_loses_what_its_owner_loses(cast: Cast, scope_of: Callable) -> None:
    _, text = made(scope_of, cast.marco, "report")
    with scope_of(cast.ada):
        Membership.objects.filter(pk=cast.marco.pk).update(role=Role.AUDITOR)
    answer = program(text).post("/o/aldermoor/api/v1/contracts/1/figures/", "{}", content_type="application/json")
    assert answer.status_code == 403


def test_who_comes_back_to_another_company_has_not_the_keys_of_before(cast: Cast, scope_of: Callable) -> None:
    _, text = made(scope_of, cast.vera)
    _, ours = made(scope_of, cast.marco, vendor=cast.corvid, name="Of the client, for the vendor")
    with scope_of(cast.ada):
        Membership.objects.filter(pk=cast.vera.pk).update(vendor=cast.halden)
    assert (status(text), status(ours)) == (401, 200)


def test_a_key_for_a_vendor_lets_nobody_in_whom_its_owner_could_not(cast: Cast, scope_of: Callable) -> None:
    """Procurement invites people of vendors whose contract they hold; a key in the vendor's name does not get round that."""
    body = {"invitations": [{"email": "nora@corvid.test", "role": "vendor_reporter", "vendor": "CORVID"}]}
    path = "/o/aldermoor/api/v1/people/invite/"
    for owner, expected in ((cast.petra, 403), (cast.ada, 201), (cast.vera, 422)):
        own = {} if owner is cast.vera else {"vendor": cast.corvid}
        _, text = made(scope_of, owner, "manage", name=f"Of {owner.name}", **own)
        assert program(text).post(path, body, content_type="application/json").status_code == expected
    with scope_of(cast.ada):
        assert Invitation.objects.count() == 1


def test_a_key_that_points_at_a_person_is_refused(cast: Cast, scope_of: Callable) -> None:
    """Even who can write rows by SQL cannot act as a colleague through a key."""
    key, text = made(scope_of, cast.vera)
    with scope_of(cast.aldermoor):
        ApiKey.objects.filter(pk=key.pk).update(member=cast.marco)
    assert status(text) == 401


def test_a_vendor_may_add_a_place_for_a_key_and_none_for_a_person(cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.vera):
        with pytest.raises(DatabaseError, match="A vendor adds keys only"), transaction.atomic():
            Membership.objects.create(
                user=cast.otto.user, role=Role.VENDOR_MANAGER, vendor=cast.corvid, name="O", email="o@x.test"
            )
        assert Membership.objects.create(role=Role.VENDOR_MANAGER, vendor=cast.corvid, name="Service desk").is_key


# Limits ----------------------------------------------------------------------------------------------------------


def test_too_many_calls_are_told_when_to_come_back(cast: Cast, scope_of: Callable, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    _, text = made(scope_of, cast.marco)
    _, other = made(scope_of, cast.marco, name="another")
    answers = [program(text).get("/o/aldermoor/api/v1/contracts/") for _ in range(4)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused, "At least one of four calls is more than two in its minute."
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert refused[0]["Content-Type"] == "application/problem+json"
    assert "more than 2 calls" in refused[0].json()["detail"]
    assert status(other) == 200


def test_people_are_counted_at_the_api_and_nowhere_else(
    cast: Cast, client_for: Callable, scope_of: Callable, settings: Any
) -> None:
    settings.API_CALLS_PER_MINUTE = 1
    marco = client_for(cast.marco)
    assert 429 in {marco.get("api/v1/contracts/").status_code for _ in range(3)}
    assert {marco.get("contracts/").status_code for _ in range(3)} == {200}


def test_last_use_is_noted_even_of_a_call_that_is_refused(cast: Cast, scope_of: Callable) -> None:
    key, text = made(scope_of, cast.marco)
    status(text, "contracts/1/")
    with scope_of(cast.ada):
        assert ApiUse.objects.get(member=key.member).last_used_at
        assert not Entry.objects.filter(table_name="organisations_apiuse").exists()


# Rotating --------------------------------------------------------------------------------------------------------


def test_rotating_overlaps_and_the_member_stays(cast: Cast, scope_of: Callable) -> None:
    key, old = made(scope_of, cast.marco)
    now = datetime.now(UTC)
    with scope_of(cast.marco):
        after, secret = rotate_key(by=cast.marco, key=key, now=now)
        key.refresh_from_db()
    assert status(old) == status(secret.text) == 200
    assert after.member_id == key.member_id
    assert key.expires_at == now + timedelta(days=7)
    with scope_of(cast.marco), pytest.raises(Conflict):
        rotate_key(by=cast.marco, key=key, now=now)


def test_rotating_gives_an_old_key_no_longer_life(cast: Cast, scope_of: Callable) -> None:
    key, _ = made(scope_of, cast.marco)
    soon = datetime.now(UTC) + timedelta(days=1)
    with scope_of(cast.marco):
        ApiKey.objects.filter(pk=key.pk).update(expires_at=soon)
        key.refresh_from_db()
        rotate_key(by=cast.marco, key=key, now=datetime.now(UTC))
        key.refresh_from_db()
    assert key.expires_at == soon


def test_only_who_looks_after_a_key_touches_it(cast: Cast, scope_of: Callable) -> None:
    key, text = made(scope_of, cast.marco)
    with scope_of(cast.petra):
        for act in (rotate_key, revoke_key):
            with pytest.raises(NotAllowed):
                act(by=cast.petra, key=key, now=datetime.now(UTC))
    with scope_of(cast.olu), pytest.raises(NotAllowed):
        make_key(by=cast.olu, name="x", scope="read", expires_at=datetime.now(UTC), now=datetime.now(UTC))
    assert status(text) == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "key_name"),
        ({"name": "power bi"}, "key_name"),
        ({"days": 0}, "key_expiry"),
        ({"days": 800}, "key_expiry"),
        ({"scope": "all"}, "key_scope"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(cast: Cast, scope_of: Callable, change: dict, code: str) -> None:
    made(scope_of, cast.marco)
    now = datetime.now(UTC)
    given = {"name": "Another", "scope": "read", "days": 30} | change
    expires_at = now + timedelta(days=given.pop("days"))
    with scope_of(cast.marco):
        before = ApiKey.objects.count(), Membership.objects.count()
        with pytest.raises(RuleBroken) as refused:
            make_key(by=cast.marco, expires_at=expires_at, now=now, **given)
        assert refused.value.code == code
        assert (ApiKey.objects.count(), Membership.objects.count()) == before


# In the trail, and for letters -------------------------------------------------------------------------------------


def test_what_a_key_does_is_in_the_trail_under_its_name(cast: Cast, scope_of: Callable) -> None:
    key, _ = made(scope_of, cast.vera, "report", name="Service desk tickets")
    assert (key.member.name, key.member.is_key, key.member.vendor_id) == ("Service desk tickets", True, cast.corvid.pk)
    with scope_of(cast.ada):
        entry = Entry.objects.get(table_name="organisations_apikey", row_id=key.pk)
        assert entry.actor_id == cast.vera.pk
        assert key.member not in Membership.objects.people()


# The page --------------------------------------------------------------------------------------------------------


def form(**changed: str) -> dict[str, str]:
    expires = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    return {"name": "Power BI", "scope": "read", "vendor": "", "expires": expires} | changed


def test_the_page_shows_a_new_key_once(cast: Cast, client_for: Callable) -> None:
    petra = client_for(cast.petra)
    page = petra.post("keys/", form()).content.decode()
    text = page.partition('tabindex="0">plb_')[2].partition("<")[0]
    assert status(f"plb_{text}") == 200
    again = petra.get("keys/").content.decode()
    assert text not in again
    assert f"plb_{text[:8]}_…" in again
    answer = petra.post("keys/", form())  # the page is loaded again
    assert answer.status_code == 422
    assert "There is a key called Power BI." in answer.content.decode()


def test_a_key_ends_with_its_day_where_the_organisation_is(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    with scope_of(cast.ada):
        settings_of(timezone="Asia/Tokyo")
    ada, day = client_for(cast.ada), (datetime.now(UTC) + timedelta(days=90)).date()
    assert ada.post("keys/", form(expires=day.isoformat())).status_code == 200
    given = {"name": "By a program", "scope": "read", "expires_on": day.isoformat()}
    assert ada.post("api/v1/keys/new/", given, content_type="application/json").status_code == 201
    with scope_of(cast.ada):
        ends = {key.expires_at for key in ApiKey.objects.all()}
    assert ends == {datetime(day.year, day.month, day.day, 14, 59, 59, tzinfo=UTC)}


def test_the_page_rotates_and_revokes(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    key, text = made(scope_of, cast.petra)
    petra = client_for(cast.petra)
    assert "The old one works for 7 more days." in petra.post(f"keys/{key.pk}/rotate/").content.decode()
    assert petra.post(f"keys/{key.pk}/revoke/").status_code == 302
    assert status(text) == 401
    assert petra.post(f"keys/{key.pk}/revoke/").status_code == 409


def test_each_sees_the_keys_that_they_look_after(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    for by, name in ((cast.marco, "Of Marco"), (cast.vera, "Of Vera")):
        made(scope_of, by, name=name)
    made(scope_of, cast.ada, name="For Corvid alone", vendor=cast.corvid)
    pages = {
        who: client_for(getattr(cast, who)).get("keys/").content.decode()
        for who in ("ada", "petra", "marco", "vera", "hana")
    }
    seen = {
        who: {name for name in ("Of Marco", "Of Vera", "For Corvid alone") if name in page}
        for who, page in pages.items()
    }
    assert seen == {
        "ada": {"Of Marco", "Of Vera", "For Corvid alone"},
        "petra": set(),
        "marco": {"Of Marco"},
        "vera": {"Of Vera"},
        "hana": set(),
    }


def test_as_many_statements_for_one_key_as_for_three(
    cast: Cast, client_for: Callable, scope_of: Callable, django_assert_max_num_queries: Any
) -> None:
    ada = client_for(cast.ada)
    counts = []
    for number in range(3):
        made(scope_of, cast.marco, name=f"Key {number}")
        with django_assert_max_num_queries(12) as queries:
            ada.get("keys/")
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_the_api_makes_rotates_and_revokes(cast: Cast, client_for: Callable) -> None:
    vera = client_for(cast.vera)
    body = {
        "name": "Tickets",
        "scope": "report",
        "expires_on": (datetime.now(UTC) + timedelta(days=9)).date().isoformat(),
    }
    answer = vera.post("api/v1/keys/new/", body, content_type="application/json")
    assert answer.status_code == 201
    assert (answer.json()["owner"], answer.json()["vendor"]) == ("Vera Novak", cast.corvid.code)
    assert status(answer.json()["key"]) == 200
    rotated = vera.post(f"api/v1/keys/{answer.json()['id']}/rotate/")
    assert status(rotated.json()["key"]) == 200
    assert vera.post(f"api/v1/keys/{rotated.json()['id']}/revoke/").json()["revoked_at"]
    assert status(rotated.json()["key"]) == 401
    assert "key" not in vera.get("api/v1/keys/").json()["results"][0]
