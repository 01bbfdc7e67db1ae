"""Organisations, people and vendors come into being, once."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.db import IntegrityError

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import add_member, add_vendor, create_organisation, create_user, set_theme
from organisations.models import Membership, Organisation, User, Vendor
from organisations.rules import Role
from tests.cast import Cast

Scopes = Callable[..., Any]


def test_an_address_belongs_to_one_organisation(cast: Cast) -> None:
    assert create_organisation(name="Pemberley Trust", slug="pemberley").slug == "pemberley"
    with pytest.raises(RuleBroken, match="Choose another address"):
        create_organisation(name="Another", slug="pemberley")
    assert Organisation.objects.filter(slug="pemberley").count() == 1


def test_a_person_signs_in_with_a_verified_address(cast: Cast) -> None:
    user = create_user(email=" Nora@Example.test", name="Nora Quist", password="a plumb line and a level")
    assert authenticate(email="nora@example.test", password="a plumb line and a level") == user
    assert EmailAddress.objects.filter(user=user, email="nora@example.test", verified=True, primary=True).exists()
    with pytest.raises(RuleBroken, match="belongs to somebody"):
        create_user(email="NORA@example.test", name="Other", password=None)
    assert User.objects.filter(email="nora@example.test").count() == 1


def test_without_a_password_nobody_signs_in(cast: Cast) -> None:
    assert not create_user(email="nora@example.test", name="Nora Quist", password=None).has_usable_password()


def test_a_theme_is_one_of_three(cast: Cast) -> None:
    user = cast.vera.user
    set_theme(user, "dark")
    assert User.objects.get(pk=user.pk).theme == user.theme == "dark"
    with pytest.raises(RuleBroken):
        set_theme(user, "pink")
    assert User.objects.get(pk=user.pk).theme == "dark"


def test_an_administrator_lets_people_in(cast: Cast, scope_of: Scopes) -> None:
    nora = create_user(email="nora@example.test", name="Nora Quist", password=None)
    with scope_of(cast.ada):
        vendor = add_vendor(by=cast.ada, code="MIRADO", name="Mirado Hosting")
        member = add_member(by=cast.ada, user=nora, role=Role.VENDOR_MANAGER, vendor=vendor)
        assert (member.name, member.email, member.vendor) == ("Nora Quist", "nora@example.test", vendor)
        with pytest.raises(RuleBroken, match="Choose another code"):
            add_vendor(by=cast.ada, code="MIRADO", name="Another")
        with pytest.raises(Conflict, match="member already"):
            add_member(by=cast.ada, user=nora, role=Role.AUDITOR)
        assert Membership.objects.filter(user=nora).count() == 1


@pytest.mark.parametrize(("role", "of_vendor"), [(Role.AUDITOR, True), (Role.VENDOR_REPORTER, False), ("owner", False)])
def test_role_and_vendor_fit_together(role: str, of_vendor: bool, cast: Cast, scope_of: Scopes) -> None:
    nora = create_user(email="nora@example.test", name="Nora Quist", password=None)
    with scope_of(cast.ada):
        with pytest.raises(RuleBroken):
            add_member(by=cast.ada, user=nora, role=role, vendor=cast.corvid if of_vendor else None)
        assert not Membership.objects.filter(user=nora).exists()


def test_a_vendor_of_another_client_has_no_members_here(cast: Cast, scope_of: Scopes) -> None:
    nora = create_user(email="nora@example.test", name="Nora Quist", password=None)
    with scope_of(cast.ada), pytest.raises(IntegrityError, match="wall"):
        add_member(by=cast.ada, user=nora, role=Role.VENDOR_MANAGER, vendor=cast.corvid_at_brightwater)


@pytest.mark.parametrize("who", ["petra", "marco", "olu", "vera"])
def test_nobody_else_lets_people_in(who: str, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member):
        with pytest.raises(NotAllowed):
            add_member(by=member, user=cast.otto.user, role=Role.AUDITOR)
        if who == "petra":  # who writes the contracts
            return
        with pytest.raises(NotAllowed):
            add_vendor(by=member, code="MIRADO", name="Mirado")
        assert not Vendor.objects.filter(code="MIRADO").exists()
