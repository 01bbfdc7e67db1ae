"""Inviting people, and what becomes of invitations."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from lib import clock
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.actions import resend_invitation, revoke_invitation
from organisations.forms import InviteForm
from organisations.models import Invitation, Membership, Vendor
from organisations.requests import MemberRequest
from organisations.rules import VENDOR_ROLES, Role
from organisations.wording import role_choices

SHOWN = 50
# First those of the client, as they are chosen most.
IN_ORDER = (
    Role.ACCOUNT_MANAGER,
    Role.PROCUREMENT,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.VENDOR_MANAGER,
    Role.VENDOR_REPORTER,
)


def invite_form(member: Membership, now: datetime, *given: Any) -> InviteForm | None:
    """The form with the roles and vendors that the member may invite into; None where there are none."""
    if not member.may("people.invite"):
        return None
    if member.is_vendor:
        vendors = list(Vendor.objects.filter(pk=member.vendor_id))
    elif member.role == Role.ADMINISTRATOR:
        vendors = list(Vendor.objects.current().with_people())
    else:
        vendors = list(Vendor.objects.current().with_people().held_by(member.pk, now))
    everybody = member.role == Role.ADMINISTRATOR
    roles = [role for role in IN_ORDER if everybody or role in VENDOR_ROLES]
    if not vendors and not everybody:
        return None
    form = InviteForm(*given, roles=roles, vendors=vendors, own=member.is_vendor, initial={"role": roles[0]})
    form.role_choices = role_choices(roles)  # type: ignore[attr-defined]
    return form


def invitation_rows(member: Membership, now: datetime, form: InviteForm | None) -> list[dict[str, Any]]:
    """Invitations that wait for an answer, the first to lapse first, then lapsed ones, the last first.

    `may_act`: the member may send this one again and revoke it; those whom `form` lets them invite.
    """
    vendors = {vendor.pk for vendor in form.vendors} if form else set()
    if not member.may("people.invite") and not member.reads_trail:
        return []
    found = Invitation.objects.undecided().select_related("vendor").with_delivery()
    rows = sorted(found.order_by("expires_at", "pk")[: 2 * SHOWN], key=lambda one: one.expires_at <= now)
    return [
        {
            "invitation": one,
            "lapsed": one.expires_at <= now,
            "by": "you" if one.invited_by_id == member.pk else one.invited_by_name,
            "failed": bool(one.failure),
            "may_act": member.role == Role.ADMINISTRATOR or one.vendor_id in vendors,
            "letter": _delivery(one, now),
        }
        for one in rows[:SHOWN]
    ]


def _delivery(one: Any, now: datetime) -> str:
    """How the letter of an invitation fared, where that is worth saying."""
    if one.failure:
        return "the letter could not be delivered"
    return "" if one.sent_at or one.expires_at <= now else "the letter is on its way"


def _find(pk: int) -> Invitation:
    return get_object_or_404(Invitation.objects.select_related("vendor"), pk=pk)


@posted_from("people")
@allows("people.invite")
def resend(request: MemberRequest, organisation: str, invitation: int) -> HttpResponse:
    """A new letter; earlier links stop working."""
    member = request.membership
    found = resend_invitation(by=member, invitation=_find(invitation), now=clock.database_now())
    wake_workers(member.organisation_id)
    messages.success(request, f"A new letter goes to {found.email}")
    return redirect("people", organisation)


@posted_from("people")
@allows("people.invite")
def revoke(request: MemberRequest, organisation: str, invitation: int) -> HttpResponse:
    """The link stops working."""
    found = _find(invitation)
    revoke_invitation(by=request.membership, invitation=found, now=clock.database_now())
    messages.success(request, f"The invitation of {found.email} is revoked")
    return redirect("people", organisation)
