"""The door: from a signed-in person and an address to one scope in one transaction."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from organisations.access import allows
from organisations.models import Membership, User, Vendor
from organisations.scope import is_open
from tests.cast import Cast

ROOMS = "tests.organisations.probe_addresses"


@pytest.fixture(autouse=True)
def rooms(settings: Any) -> None:
    settings.ROOT_URLCONF = ROOMS


def test_a_member_enters_with_the_role_of_its_side(cast: Cast, client_for: Callable) -> None:
    answer = client_for(cast.marco).get("vendors")
    assert answer.json() == {
        "names": ["Corvid Systems", "Halden BPO"],
        "role": "plumbline_staff",
        "same_request": True,
    }
    assert answer["Cache-Control"] == "no-store"
    assert not is_open()


def test_a_person_of_two_clients_sees_one_at_a_time(cast: Cast, client_for: Callable) -> None:
    here, there = client_for(cast.vera), client_for(cast.vera_at_brightwater)
    assert b"Corvid" in here.get("template").content
    assert b"Halden" not in here.get("template").content
    # The same session, at the other client's address.
    assert here.get("/o/brightwater/template").status_code == 200
    assert there.get("/o/aldermoor/vendors").status_code == 403


@pytest.mark.parametrize("slug", ["brightwater", "nobody-of-this-name"])
def test_not_yours_and_not_there_are_the_same(cast: Cast, client_for: Callable, slug: str) -> None:
    answer = client_for(cast.marco).get(f"/o/{slug}/vendors")
    assert answer.status_code == 404
    other = client_for(cast.marco).get("/o/another/vendors")
    # But for the address that was asked for, and the form's token.
    mine, others = answer.content.decode().replace(slug, "another"), other.content.decode()
    token = re.compile(r"\b[A-Za-z0-9]{64}\b")
    assert token.sub("", mine).splitlines() == token.sub("", others).splitlines()


def test_who_is_not_signed_in_is_asked_to(cast: Cast, client: Any) -> None:
    answer = client.get("/o/aldermoor/vendors?page=2")
    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=/o/aldermoor/vendors%3Fpage%3D2"


def test_a_disabled_member_stays_outside(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    browser = client_for(cast.marco)
    assert browser.get("vendors").status_code == 200
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
    assert browser.get("vendors").status_code == 404


def test_a_disabled_person_is_signed_out(cast: Cast, client_for: Callable) -> None:
    browser = client_for(cast.marco)
    User.objects.filter(pk=cast.marco.user_id).update(is_active=False)
    assert browser.get("vendors").status_code == 302


@pytest.mark.parametrize(("status", "kept"), [(200, True), (302, True), (400, False), (422, False), (500, False)])
def test_an_answer_from_400_on_keeps_nothing(
    cast: Cast, client_for: Callable, scope_of: Callable, status: int, kept: bool
) -> None:
    assert client_for(cast.marco, raise_request_exception=False).post(f"write/{status}").status_code == status
    with scope_of(cast.aldermoor):
        assert Vendor.objects.filter(code=f"NEW-{status}").exists() is kept


@pytest.mark.parametrize(("why", "status"), [("rule", 422), ("role", 403), ("stale", 409)])
def test_a_refusal_is_a_page_with_its_sentence_and_changes_nothing(
    cast: Cast, client_for: Callable, scope_of: Callable, why: str, status: int
) -> None:
    answer = client_for(cast.marco).post(f"refuse/{why}")
    assert answer.status_code == status
    assert "The sentence for people." in answer.content.decode()
    assert answer["X-Refused"] == why
    with scope_of(cast.aldermoor):
        assert not Vendor.objects.filter(code="NEW").exists()


def test_a_refusal_of_a_part_is_a_toast(cast: Cast, client_for: Callable) -> None:
    answer = client_for(cast.marco).post("refuse/rule", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.content == b""
    assert answer["HX-Reswap"] == "none"
    assert '"text": "The sentence for people."' in answer["HX-Trigger"]


def test_a_failure_changes_nothing_and_closes_the_scope(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    browser = client_for(cast.marco, raise_request_exception=False)
    assert browser.post("fail").status_code == 500
    assert not is_open()
    assert browser.get("vendors").json()["names"] == ["Corvid Systems", "Halden BPO"]
    with scope_of(cast.aldermoor):
        assert not Vendor.objects.filter(code="NEW").exists()


def test_only_files_are_streamed(cast: Cast, client_for: Callable) -> None:
    browser = client_for(cast.marco, raise_request_exception=False)
    assert browser.get("stream/file").getvalue()
    assert browser.get("stream/rows").status_code == 500


def test_a_role_that_may_not(cast: Cast, client_for: Callable) -> None:
    answer = client_for(cast.vera).get("vendors")
    assert answer.status_code == 403
    assert "you may not do this" in answer.content.decode()


def test_an_action_that_is_not_in_the_table_is_refused_at_import() -> None:
    with pytest.raises(KeyError):
        allows("vendors.juggle")


def test_a_guarded_view_outside_an_organisation_is_an_error(cast: Cast, client_for: Callable) -> None:
    with pytest.raises(RuntimeError, match="without a membership"):
        client_for(cast.marco).get("/misplaced")


def test_views_outside_the_organisations(cast: Cast, client_for: Callable, client: Any) -> None:
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 302
    assert client_for(cast.marco).get("/").content == b"home"
