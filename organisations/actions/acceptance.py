"""Accepting an invitation: who comes has no place yet, so this opens the scope that the link names, and nothing else.

To a key that does not work there is one answer, whatever the reason: forged, too old, revoked, used, sent again since.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from lib.errors import Conflict, RuleBroken
from lib.transitions import move
from organisations.links import InvitationKey, read_key
from organisations.models import Invitation, Membership, Organisation, User
from organisations.rules import INVITATION_MOVES, InvitationStatus
from organisations.scope import open_scope

GONE = "This link no longer works. Ask whoever invited you to send it again."


@dataclass(frozen=True)
class Offer:
    """What an invitation offers, and to whom. `has_account`: the address can sign in already."""

    organisation: str
    slug: str
    email: str
    role: str
    role_label: str
    vendor: str
    invited_by: str
    note: str
    expires_at: datetime
    has_account: bool


def find_offer(*, key: str, now: datetime) -> Offer | None:
    """What the key's invitation offers; None where the key does not work (any more). Outside a scope."""
    parts = read_key(key)
    if parts is None:
        return None
    with open_scope(organisation_id=parts.organisation_id):
        found = _find(parts, now)
        if found is None:
            return None
        vendor = found.vendor.name if found.vendor else ""
    organisation = Organisation.objects.get(pk=parts.organisation_id)
    return Offer(
        organisation=organisation.name,
        slug=organisation.slug,
        email=found.email,
        role=found.role,
        role_label=found.get_role_display(),
        vendor=vendor,
        invited_by=found.invited_by_name,
        note=found.note,
        expires_at=found.expires_at,
        has_account=has_account(found.email),
    )


@transaction.atomic
def accept_invitation(*, key: str, user: User, now: datetime) -> Membership:
    """Give the person the place that the key's invitation offers, once. Outside a scope.

    RuleBroken where the key does not work, or is for another address than the person's; Conflict where the person has a place
    there already.
    """
    parts = read_key(key)
    if parts is None:
        raise RuleBroken("invitation_gone", GONE)
    addresses = addresses_of(user)
    with open_scope(organisation_id=parts.organisation_id):
        found = _find(parts, now, hold=True)
        if found is None:
            raise RuleBroken("invitation_gone", GONE)
        if found.email not in addresses:
            raise RuleBroken("other_address", f"This invitation is for {found.email}. Sign in with that address.")
        member = _join(user, found)
        move(found, InvitationStatus.ACCEPTED, INVITATION_MOVES, decided_at=now, member=member)
    return member


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address. Outside a scope."""
    by_name = User.objects.filter(email__iexact=email).exists()
    return by_name or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()


def addresses_of(user: User) -> set[str]:
    """The addresses by which invitations reach a person, in small letters: the primary one and what is verified. Outside a scope."""
    return {user.email.lower()} | {one.email.lower() for one in EmailAddress.objects.filter(user=user, verified=True)}


def _find(key: InvitationKey, now: datetime, hold: bool = False) -> Invitation | None:
    rows = Invitation.objects.open(now).filter(pk=key.invitation_id, edition=key.edition)
    return (rows.select_for_update(of=("self",)) if hold else rows.select_related("vendor")).first()


def _join(user: User, invitation: Invitation) -> Membership:
    """A new place, or the old one of somebody who had left. The invitation says in which role and for which vendor."""
    member = Membership.objects.filter(user=user).select_for_update(of=("self",)).first()
    place: dict[str, Any] = {"role": invitation.role, "vendor_id": invitation.vendor_id, "email": invitation.email}
    place["contracts"] = invitation.contracts
    if member is None:
        return Membership.objects.create(user=user, name=user.name, **place)
    if member.is_active:
        raise Conflict("member_already", f"You have a place there already, as {member.get_role_display().lower()}.")
    Membership.objects.filter(pk=member.pk).update(is_active=True, version=member.version + 1, **place)
    return member
