"""Invitations: who may send which, what is refused, and that nothing follows from a refusal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import (
    accept_invitation,
    create_user,
    find_offer,
    invite,
    invite_all,
    resend_invitation,
    revoke_invitation,
)
from organisations.actions.invitations import RowsRefused
from organisations.invitation_list import UnreadableList, Wanted, from_csv, from_text
from organisations.links import invitation_address
from organisations.models import Invitation, Membership
from organisations.rules import InvitationStatus, Role
from tests.cast import Cast
from tests.factories import contracts
from tests.factories import organisations as make

Scopes = Callable[..., Any]
NORA = "nora@example.test"


def key_of(invitation: Invitation) -> str:
    return parse_qs(urlsplit(invitation_address(invitation)).query)["key"][0]


def none_sent(scope_of: Scopes, cast: Cast) -> bool:
    with scope_of(cast.aldermoor):
        return not Invitation.objects.exists()


@pytest.fixture
def holding(cast: Cast, scope_of: Scopes) -> Cast:
    """Marco is in charge of Corvid's contract; Petra was, until the day before it ended for her."""
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        contracts.owner(contract, cast.marco)
        contracts.owner(contract, cast.petra, ends_on=contract.starts_on + timedelta(days=9))
        contracts.contract(cast.halden)
    return cast


@pytest.mark.parametrize(
    ("who", "role", "vendor", "allowed"),
    [
        ("ada", Role.PROCUREMENT, None, True),
        ("ada", Role.VENDOR_REPORTER, "halden", True),
        ("marco", Role.VENDOR_MANAGER, "corvid", True),
        ("marco", Role.VENDOR_MANAGER, "halden", False),  # somebody else's contract
        ("marco", Role.AUDITOR, None, False),
        ("petra", Role.VENDOR_REPORTER, "corvid", False),  # not in charge any more
        ("olu", Role.VENDOR_REPORTER, "corvid", False),
        ("vera", Role.VENDOR_REPORTER, "corvid", True),
        ("vera", Role.AUDITOR, None, False),
        ("ravi", Role.VENDOR_REPORTER, "corvid", False),
    ],
)
def test_who_may_invite_whom(
    who: str, role: str, vendor: str | None, allowed: bool, holding: Cast, scope_of: Scopes
) -> None:
    member = getattr(holding, who)
    of = getattr(holding, vendor) if vendor else None
    with scope_of(member):
        if allowed:
            made = invite(by=member, email=" Nora@Example.test ", role=role, vendor=of, now=timezone.now())
            assert (made.email, made.role, made.vendor_id, made.invited_by_name) == (
                NORA,
                role,
                of.pk if of else None,
                member.name,
            )
            return
        with pytest.raises(NotAllowed):
            invite(by=member, email=NORA, role=role, vendor=of, now=timezone.now())
    assert none_sent(scope_of, holding)


def test_an_account_elsewhere_makes_no_difference(cast: Cast, scope_of: Scopes) -> None:
    """Otto works for another client; whoever invites him here learns nothing of it."""
    with scope_of(cast.ada):
        there = invite(by=cast.ada, email=cast.otto.email, role=Role.AUDITOR, vendor=None, now=timezone.now())
        nobody = invite(by=cast.ada, email=NORA, role=Role.AUDITOR, vendor=None, now=timezone.now())
    assert there.status == nobody.status == InvitationStatus.OPEN


def test_a_vendor_learns_nothing_of_another_vendor_s_invitation(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.hana):
        invite(by=cast.hana, email=NORA, role=Role.VENDOR_REPORTER, vendor=cast.halden, now=timezone.now())
    with scope_of(cast.vera):
        invite(by=cast.vera, email=NORA, role=Role.VENDOR_REPORTER, vendor=cast.corvid, now=timezone.now())
        assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "role", "vendor", "said"),
    [
        ("marco@example.test", Role.AUDITOR, None, "member already"),
        ("MARCO@example.test", Role.AUDITOR, None, "member already"),
        (NORA, "owner", None, "no such role"),
        (NORA, Role.VENDOR_MANAGER, None, "needs the vendor"),
        (NORA, Role.AUDITOR, "corvid", "has no vendor"),
    ],
)
def test_what_cannot_be_invited(
    email: str, role: str, vendor: str | None, said: str, cast: Cast, scope_of: Scopes
) -> None:
    of = getattr(cast, vendor) if vendor else None
    with scope_of(cast.ada), pytest.raises(RuleBroken, match=said):
        invite(by=cast.ada, email=email, role=role, vendor=of, now=timezone.now())
    assert none_sent(scope_of, cast)


def test_one_open_invitation_for_an_address(cast: Cast, scope_of: Scopes) -> None:
    now = timezone.now()
    with scope_of(cast.ada):
        first = invite(by=cast.ada, email=NORA, role=Role.AUDITOR, vendor=None, now=now)
        with pytest.raises(Conflict, match="open invitation"):
            invite(by=cast.ada, email=NORA, role=Role.PROCUREMENT, vendor=None, now=now)
        later = now + timedelta(days=8)
        second = invite(by=cast.ada, email=NORA, role=Role.PROCUREMENT, vendor=None, now=later)
        first.refresh_from_db()
        assert first.status == InvitationStatus.REVOKED
        assert second.status == InvitationStatus.OPEN


def test_several_at_once_are_all_or_none(cast: Cast, scope_of: Scopes) -> None:
    rows = [Wanted(1, "a@example.test", Role.AUDITOR), Wanted(2, "marco@example.test", Role.AUDITOR)]
    with scope_of(cast.ada), pytest.raises(RowsRefused) as refused:
        invite_all(by=cast.ada, wanted=rows, now=timezone.now())
    assert refused.value.problems[0].startswith("Line 2: marco@example.test is Marco")
    rows = [Wanted(1, "a@example.test", Role.AUDITOR), Wanted(2, "b@example.test", Role.VENDOR_MANAGER, "NOBODY")]
    with scope_of(cast.ada), pytest.raises(RowsRefused) as refused:
        invite_all(by=cast.ada, wanted=rows, now=timezone.now())
    assert refused.value.problems == ["Line 2: there is no vendor with the code NOBODY."]
    with scope_of(cast.aldermoor):
        assert not Invitation.objects.exists()


# Accepting ---------------------------------------------------------------------------------------------------------


def invited(cast: Cast, scope_of: Scopes, **fields: Any) -> Invitation:
    with scope_of(cast.aldermoor):
        return make.invitation(**fields)


def test_a_link_works_once(cast: Cast, scope_of: Scopes) -> None:
    key, now = key_of(invited(cast, scope_of, vendor=cast.corvid)), timezone.now()
    offer = find_offer(key=key, now=now)
    assert offer is not None
    assert (offer.organisation, offer.email, offer.vendor, offer.has_account) == (
        "Aldermoor Energy",
        NORA,
        "Corvid Systems",
        False,
    )
    nora = create_user(email=NORA, name="Nora Quist", password=None)
    member = accept_invitation(key=key, user=nora, now=now)
    assert (member.role, member.vendor_id, member.name) == (Role.VENDOR_REPORTER, cast.corvid.pk, "Nora Quist")
    assert find_offer(key=key, now=now) is None
    with pytest.raises(RuleBroken, match="no longer works"):
        accept_invitation(key=key, user=nora, now=now)
    with scope_of(cast.aldermoor):
        assert Membership.objects.filter(user=nora).count() == 1


def test_it_is_for_its_address_only(cast: Cast, scope_of: Scopes) -> None:
    key = key_of(invited(cast, scope_of))
    with pytest.raises(RuleBroken, match="is for nora"):
        accept_invitation(key=key, user=cast.otto.user, now=timezone.now())
    with pytest.raises(RuleBroken):
        accept_invitation(key="nobody made this", user=cast.otto.user, now=timezone.now())
    with scope_of(cast.aldermoor):
        assert not Membership.objects.filter(user=cast.otto.user).exists()
        assert Invitation.objects.get().status == InvitationStatus.OPEN


def test_keys_that_do_not_work_are_all_answered_alike(cast: Cast, scope_of: Scopes) -> None:
    now = timezone.now()
    lapsed = invited(cast, scope_of, email="lapsed@example.test", expires_at=now)
    revoked = invited(cast, scope_of, email="revoked@example.test")
    resent = invited(cast, scope_of, email="resent@example.test")
    keys = [key_of(one) for one in (lapsed, revoked, resent)]
    with scope_of(cast.ada):
        revoke_invitation(by=cast.ada, invitation=revoked, now=now)
        resend_invitation(by=cast.ada, invitation=resent, now=now)
    assert [find_offer(key=key, now=now) for key in (*keys, keys[0][:-1] + "x", "", "a:b:c")] == [None] * 6
    assert find_offer(key=key_of(resent), now=now) is not None


def test_who_had_left_comes_back_as_the_invitation_says(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.ravi.pk).update(is_active=False)
    key = key_of(invited(cast, scope_of, email=cast.ravi.email, vendor=cast.halden, role=Role.VENDOR_MANAGER))
    member = accept_invitation(key=key, user=cast.ravi.user, now=timezone.now())
    with scope_of(cast.aldermoor):
        row = Membership.objects.get(pk=member.pk)
        assert (row.pk, row.is_active, row.role, row.vendor_id) == (
            cast.ravi.pk,
            True,
            Role.VENDOR_MANAGER,
            cast.halden.pk,
        )


def test_who_is_here_gains_no_second_place(cast: Cast, scope_of: Scopes) -> None:
    key = key_of(invited(cast, scope_of, email=cast.marco.email))
    with pytest.raises(Conflict, match="as account manager"):
        accept_invitation(key=key, user=cast.marco.user, now=timezone.now())


def test_sending_again_or_revoking_what_was_accepted(cast: Cast, scope_of: Scopes) -> None:
    invitation, now = invited(cast, scope_of), timezone.now()
    accept_invitation(key=key_of(invitation), user=create_user(email=NORA, name="Nora", password=None), now=now)
    with scope_of(cast.ada):
        row = Invitation.objects.get()
        with pytest.raises(Conflict):
            resend_invitation(by=cast.ada, invitation=row, now=now)
        with pytest.raises(Conflict):
            revoke_invitation(by=cast.ada, invitation=row, now=now)


@pytest.mark.parametrize("act", [resend_invitation, revoke_invitation])
def test_others_leave_it_alone(act: Callable[..., Any], cast: Cast, scope_of: Scopes) -> None:
    invitation = invited(cast, scope_of)
    with scope_of(cast.marco), pytest.raises(NotAllowed):
        act(by=cast.marco, invitation=invitation, now=timezone.now())
    with scope_of(cast.aldermoor):
        invitation.refresh_from_db()
        assert (invitation.edition, invitation.status) == (1, InvitationStatus.OPEN)


# Lists -------------------------------------------------------------------------------------------------------------


def test_addresses_are_read_however_they_are_pasted() -> None:
    text = "a@example.test, Nora Quist <Nora@Example.test>;c@example.test\n\nd@example.test\n"
    rows = from_text(text, role="auditor")
    assert [(row.line, row.email) for row in rows] == [
        (1, "a@example.test"),
        (1, NORA),
        (1, "c@example.test"),
        (3, "d@example.test"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("petra@", "Line 1: “petra@” is not an e-mail address"),
        ("a@example.test\nb@example.test\nA@example.test", "Line 3: a@example.test is in line 1 too"),
        (" \n", "Enter at least one address"),
        ("\n".join(f"a{n}@example.test" for n in range(201)), "201 addresses; at most 200"),
    ],
)
def test_what_cannot_be_read_is_named_by_line(text: str, said: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        from_text(text, role="auditor")
    assert said in refused.value.problems[0]


def test_a_file_says_role_and_vendor_where_they_differ() -> None:
    source = "\ufeffEmail;Role;Vendor\na@example.test;;\nb@example.test;Vendor reporter;CORVID\n".encode()
    rows = from_csv(source, role="auditor", vendor_codes=["CORVID"])
    assert [(row.line, row.email, row.role, row.vendor_code) for row in rows] == [
        (2, "a@example.test", "auditor", ""),
        (3, "b@example.test", "vendor_reporter", "CORVID"),
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"name\nx", "must name the columns"),
        (b"", "must name the columns"),
        (b"email,phone\na@example.test,1", "no column “phone”"),
        (b"email,role\na@example.test,boss", "no role “boss”"),
        (
            b"email,role,vendor\na@example.test,vendor_manager,CORVO",
            "no vendor with the code “CORVO”. The codes are CORVID.",
        ),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used(source: bytes, said: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        from_csv(source, role="auditor", vendor_codes=["CORVID"])
    assert said in refused.value.problems[0]
