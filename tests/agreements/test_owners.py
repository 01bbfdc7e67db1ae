"""The page on which somebody is put in charge of a contract, and the card that says who is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contracts.models import Contract, Owner
from tests.cast import Cast
from tests.factories import contracts as make

Scopes = Callable[..., Any]


@pytest.fixture
def desk(cast: Cast, scope_of: Scopes) -> Contract:
    with scope_of(cast.aldermoor):
        return make.contract(cast.corvid)


def duties(answer: Any) -> list[str]:
    """Which duties the page has a form for."""
    return [row["charge"].duty for row in answer.context["rows"] if row["form"]]


def test_procurement_puts_somebody_in_charge(
    cast: Cast, client_for: Callable, scope_of: Scopes, desk: Contract
) -> None:
    petra, path = client_for(cast.petra), f"contracts/{desk.pk}/owners/"
    page = petra.get(path)
    assert duties(page) == ["account_manager", "procurement", "vendor_contact"]
    # Of the vendors' people only this vendor's, and each list has only the roles that fit.
    contact = page.context["rows"][2]["form"].fields["member"].choices
    assert [name for _, name in contact] == ["Nobody", "Ravi Menon", "Vera Novak"]
    given = {
        "duty": "account_manager",
        "version": "",
        "member": cast.marco.pk,
        "deputy": "",
        "starts_on": "",
        "ends_on": "",
    }
    done = petra.post(path, given)
    assert (done.status_code, done["Location"]) == (302, f"/o/aldermoor/contracts/{desk.pk}/owners/")
    assert "Marco Bellini" in petra.get(f"contracts/{desk.pk}/").content.decode()
    # The same form again was made for what is not so any more.
    late = petra.post(path, {**given, "member": ""})
    assert late.status_code == 409
    html = late.content.decode()
    assert "Nothing was saved." in html and "By now: Marco Bellini." in html
    with scope_of(cast.aldermoor):
        assert Owner.objects.get().member_id == cast.marco.pk


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"deputy": "ravi"}, "Enter the first day on which the deputy stands in."),
        ({"deputy": "ravi", "starts_on": "2030-01-05", "ends_on": "2030-01-04"}, "The absence ends before it begins."),
        ({"deputy": "vera", "starts_on": "2030-01-05", "ends_on": "2030-01-06"}, "Vera Novak cannot stand in for Vera"),
        ({"starts_on": "2030-01-05"}, "Choose who stands in on these days"),
        ({"deputy": "ravi", "starts_on": "soon", "ends_on": "2030-01-06"}, "Enter a valid date"),
        ({"member": "hana"}, "Select a valid choice"),
        ({"member": "", "deputy": "ravi", "starts_on": "2030-01-05", "ends_on": "2030-01-06"}, "Say who is in charge"),
    ],
)
def test_what_does_not_fit_stays_in_the_form(
    given: dict[str, str], said: str, cast: Cast, client_for: Callable, scope_of: Scopes, desk: Contract
) -> None:
    form = {
        "duty": "vendor_contact",
        "version": "",
        "member": "vera",
        "deputy": "",
        "starts_on": "",
        "ends_on": "",
    } | given
    for name in ("member", "deputy"):
        form[name] = getattr(cast, form[name]).pk if form[name] else ""
    answer = client_for(cast.petra).post(f"contracts/{desk.pk}/owners/", form)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    if given.get("starts_on"):
        assert f'value="{given["starts_on"]}"' in html
    with scope_of(cast.aldermoor):
        assert not Owner.objects.exists()


def test_each_sees_the_forms_that_are_theirs(
    cast: Cast, client_for: Callable, scope_of: Scopes, desk: Contract
) -> None:
    path = f"contracts/{desk.pk}/owners/"
    page = client_for(cast.marco).get(path)
    assert duties(page) == []
    assert "You are not in charge of this contract" in page.content.decode()
    given = {"duty": "account_manager", "version": "", "member": cast.marco.pk}
    assert client_for(cast.marco).post(path, given).status_code == 403
    with scope_of(cast.aldermoor):
        assert not Owner.objects.exists()
        make.owner(desk, cast.marco)
    assert len(duties(client_for(cast.marco).get(path))) == 3
    vera = client_for(cast.vera)
    page = vera.get(path)
    assert duties(page) == ["vendor_contact"]
    assert "Marco Bellini" in page.content.decode()  # whom to turn to
    assert "Petra" not in page.content.decode()
    assert vera.post(path, {"duty": "vendor_contact", "version": "", "member": cast.ravi.pk}).status_code == 302
    for member in (cast.olu, cast.ravi):
        assert client_for(member).get(path).status_code == 403
    assert client_for(cast.hana).get(path).status_code == 404


def test_the_card_says_who_stands_in(cast: Cast, client_for: Callable, scope_of: Scopes, desk: Contract) -> None:
    today = desk.day(timezone.now())
    with scope_of(cast.aldermoor):
        make.owner(desk, cast.vera)
        make.owner(desk, cast.ravi, is_deputy=True, starts_on=today, ends_on=today + timedelta(days=2))
    html = client_for(cast.ravi).get(f"contracts/{desk.pk}/").content.decode()
    assert "At Corvid Systems" in html and "Deputy until" in html
    assert "owners/" not in html  # a reporter changes nothing here
    assert "owners/" in client_for(cast.vera).get(f"contracts/{desk.pk}/").content.decode()
