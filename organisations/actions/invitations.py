"""Invitations: sent, sent again, revoked. The letter itself is written and sent by whoever looks after the post."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.transitions import move
from organisations.actions.people import fitting_role
from organisations.actions.permission import no_key_for_administrators, require
from organisations.invitation_list import Wanted
from organisations.models import Invitation, Membership, Vendor
from organisations.rules import INVITATION_AGE, INVITATION_MOVES, InvitationStatus, may_invite


@transaction.atomic
def invite(
    *, by: Membership | None, email: str, role: str, vendor: Vendor | None, now: datetime, note: str = ""
) -> Invitation:
    """Invite an address into a role, for people of a vendor with the vendor. Nothing of this depends on whether the address has an
    account somewhere, so the answer does not tell.

    NotAllowed where `by` may not invite into this role or for this vendor; RuleBroken where role and vendor do not fit or the address
    is a member already; Conflict where it has an open invitation.
    """
    require(by, "people.invite")
    fitting_role(role, of_vendor=vendor is not None)
    _may_invite(by, role, vendor, now)
    email = email.strip().lower()
    there = Membership.objects.active().filter(email__iexact=email).first()
    if there is not None:
        raise RuleBroken(
            "member_already", f"{email} is {there.name}, who is a member already. Change the role instead."
        )
    # A lapsed invitation makes room for a new one.
    for lapsed in Invitation.objects.lapsed(now).filter(email=email, vendor=vendor):
        move(lapsed, InvitationStatus.REVOKED, INVITATION_MOVES, decided_at=now)
    try:
        with transaction.atomic():
            return Invitation.objects.create(
                email=email,
                role=role,
                vendor=vendor,
                note=note.strip(),
                contracts=by.contracts if by else None,
                invited_by=by,
                invited_by_name=by.name if by else "",
                expires_at=now + INVITATION_AGE,
            )
    except IntegrityError as twice:
        if "invitation_once" not in str(twice):
            raise
        raise Conflict("invited_already", f"{email} has an open invitation. Send that one again instead.") from twice


@transaction.atomic
def invite_all(*, by: Membership, wanted: Sequence[Wanted], now: datetime, note: str = "") -> list[Invitation]:
    """Invite several at once: all or, with RowsRefused, which names each line that cannot be, none."""
    made, problems = [], []
    vendors = {vendor.code: vendor for vendor in Vendor.objects.current()}
    for one in wanted:
        try:
            vendor = vendors[one.vendor_code] if one.vendor_code else None
            made.append(invite(by=by, email=one.email, role=one.role, vendor=vendor, now=now, note=note))
        except (RuleBroken, Conflict, NotAllowed) as refused:
            problems.append(f"Line {one.line}: {refused.sentence}" if len(wanted) > 1 else refused.sentence)
        except KeyError:
            problems.append(f"Line {one.line}: there is no vendor with the code {one.vendor_code}.")
    if problems:
        raise RowsRefused(problems)
    return made


class RowsRefused(RuleBroken):
    """Some lines cannot be invited, so none was. `problems` has a sentence for each."""

    problems: list[str]

    def __init__(self, problems: list[str]) -> None:
        super().__init__("rows", f"Nobody was invited. {problems[0]}")
        self.problems = problems


def resend_invitation(*, by: Membership | None, invitation: Invitation, now: datetime) -> Invitation:
    """A new letter with a new link and a new week; earlier links stop working. Also for one that has lapsed."""
    require(by, "people.invite")
    _may_invite(by, invitation.role, invitation.vendor, now)
    found = Invitation.objects.filter(
        pk=invitation.pk, edition=invitation.edition, pk__in=Invitation.objects.undecided()
    )
    if not found.update(edition=F("edition") + 1, expires_at=now + INVITATION_AGE):
        raise Conflict(
            "invitation", f"The invitation of {invitation.email} is no longer open. Reload to see its state."
        )
    invitation.refresh_from_db()
    return invitation


def revoke_invitation(*, by: Membership | None, invitation: Invitation, now: datetime) -> None:
    """Its link stops working. Conflict where it was accepted or revoked meanwhile."""
    require(by, "people.invite")
    _may_invite(by, invitation.role, invitation.vendor, now)
    move(invitation, InvitationStatus.REVOKED, INVITATION_MOVES, decided_at=now)


def _may_invite(by: Membership | None, role: str, vendor: Vendor | None, now: datetime) -> None:
    if by is None:
        return
    no_key_for_administrators(by, role)
    theirs = vendor is not None and (
        vendor.pk == by.vendor_id
        if by.is_vendor
        else Vendor.objects.held_by(by.in_charge_id, now).filter(pk=vendor.pk).exists()
    )
    if not may_invite(by.role, role, of_own_or_held_vendor=theirs):
        raise NotAllowed("invite", _why_not(by, vendor))


def _why_not(by: Membership, vendor: Vendor | None) -> str:
    if by.is_vendor:
        return "You may invite colleagues of your own company only."
    if vendor is None:
        return "Only an administrator may invite the client’s own people. Ask one of them."
    return f"You are in charge of no contract with {vendor.name}. Ask whoever is, or an administrator."
