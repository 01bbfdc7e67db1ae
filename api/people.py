"""People through the API: the list, invitations, and what an administrator changes. The same actions as the pages."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint, page
from contracts.actions import limit_contracts
from contracts.models import Contract
from lib import clock
from lib.wakeup import wake_workers
from organisations.actions import (
    change_role,
    disable_member,
    invite_all,
    rejoin_member,
    resend_invitation,
    revoke_invitation,
)
from organisations.invitation_list import MOST, UnreadableList, Wanted, checked
from organisations.models import Invitation, Membership
from organisations.rules import InvitationStatus, Role

SHOWS = ("active", "disabled", "all")


class PersonOut(serializers.ModelSerializer):
    vendor = serializers.CharField(source="vendor.code", allow_null=True, default=None)
    last_seen_at = serializers.DateTimeField(source="seen_at", allow_null=True, default=None)
    second_factor = serializers.CharField(
        source="factor",
        allow_null=True,
        default=None,
        help_text="As last seen: none, code or passkey; null: never here",
    )

    class Meta:
        model = Membership
        fields = (
            "id",
            "name",
            "email",
            "role",
            "vendor",
            "contracts",
            "is_active",
            "last_seen_at",
            "second_factor",
            "version",
        )


class InvitationOut(serializers.ModelSerializer):
    vendor = serializers.CharField(source="vendor.code", allow_null=True, default=None)
    invited_by = serializers.CharField(source="invited_by_name")
    lapsed = serializers.SerializerMethodField(help_text="Open, and too old: its link does not work any more")

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "vendor", "status", "lapsed", "invited_by", "created_at", "expires_at")

    def get_lapsed(self, one: Invitation) -> bool:
        return one.status == InvitationStatus.OPEN and one.expires_at <= timezone.now()


class WantedIn(serializers.Serializer):
    email = serializers.CharField(max_length=254)
    role = serializers.ChoiceField(Role.choices)
    vendor = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="The vendor's code, for its people"
    )


class InviteIn(serializers.Serializer):
    invitations = WantedIn(many=True, allow_empty=False, help_text=f"All of them or none; at most {MOST}")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class VersionIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="The version that was read: a person changed since then is a conflict")


class ContractsIn(VersionIn):
    contracts = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="Ids of contracts of the vendor; null: all of them"
    )


class RoleIn(VersionIn):
    role = serializers.ChoiceField(Role.choices)


@endpoint("GET", "people.view", answers=PersonOut(many=True), query=("q", "show"))
def people(request: Request, organisation: str) -> Response:
    """The people one may see, by name: ?show=active (as without it), disabled or all; ?q= finds names, addresses and vendors."""
    show, words = request.query_params.get("show") or "active", request.query_params.get("q", "").strip()[:80]
    if show not in SHOWS:
        raise ValidationError({"show": f"Write one of {', '.join(SHOWS)}."})
    found = Membership.objects.people().with_presence().select_related("vendor").order_by("name", "pk")
    found = found if show == "all" else found.filter(is_active=show == "active")
    return page(request, found.matching(words) if words else found, PersonOut)


@endpoint("GET", "people.view", answers=InvitationOut(many=True))
def invitations(request: Request, organisation: str) -> Response:
    """Invitations that wait for an answer, the first to lapse first."""
    found = Invitation.objects.undecided().select_related("vendor").order_by("expires_at", "pk")
    return page(request, found, InvitationOut)


@endpoint("POST", "people.invite", takes=InviteIn, answers={201: InvitationOut(many=True)})
def invite_people(request: Request, organisation: str) -> Response:
    """Invite one or several: all, or none and what is to be corrected in `errors`, counted from 1. Each gets a letter."""
    given, member = body(InviteIn, request), request.membership
    own = member.vendor.code if member.is_vendor else ""
    rows = [
        Wanted(number, one["email"].strip().lower(), one["role"], one.get("vendor") or own)
        for number, one in enumerate(given["invitations"], 1)
    ]
    try:
        wanted = checked(rows)
    except UnreadableList as unreadable:
        raise ValidationError({"invitations": unreadable.problems}) from unreadable
    made = invite_all(by=member, wanted=wanted, note=given.get("note", ""), now=clock.database_now())
    wake_workers(member.organisation_id)
    return Response(InvitationOut(made, many=True).data, status=201)


@endpoint("POST", "people.invite", answers=InvitationOut)
def resend(request: Request, organisation: str, invitation: int) -> Response:
    """A new letter with a new link and a new week; earlier links stop working."""
    found = resend_invitation(by=request.membership, invitation=_invitation(invitation), now=clock.database_now())
    wake_workers(request.membership.organisation_id)
    return Response(InvitationOut(found).data)


@endpoint("POST", "people.invite", answers=InvitationOut)
def revoke(request: Request, organisation: str, invitation: int) -> Response:
    """The link stops working."""
    found = _invitation(invitation)
    revoke_invitation(by=request.membership, invitation=found, now=clock.database_now())
    return Response(InvitationOut(found).data)


@endpoint("POST", "people.manage", takes=RoleIn, answers=PersonOut)
def set_role(request: Request, organisation: str, membership: int) -> Response:
    """Another role on the same side, of the client or of the vendor."""
    found = _person(membership)
    change_role(by=request.membership, member=found, **body(RoleIn, request))
    return Response(PersonOut(_person(membership)).data)


@endpoint("POST", "people.manage", takes=VersionIn, answers=PersonOut)
def disable(request: Request, organisation: str, membership: int) -> Response:
    """Take the place away: from the next request on the person is out. The last administrator stays."""
    disable_member(by=request.membership, member=_person(membership), **body(VersionIn, request))
    return Response(PersonOut(_person(membership)).data)


@endpoint("POST", "people.manage", takes=RoleIn, answers=PersonOut)
def rejoin(request: Request, organisation: str, membership: int) -> Response:
    """Give a disabled person the place back, with a role on the same side."""
    rejoin_member(by=request.membership, member=_person(membership), **body(RoleIn, request))
    return Response(PersonOut(_person(membership)).data)


@endpoint("POST", "people.manage", takes=ContractsIn, answers=PersonOut)
def set_contracts(request: Request, organisation: str, membership: int) -> Response:
    """Let somebody of a vendor see these contracts alone, or all of the vendor's."""
    given, found = body(ContractsIn, request), _person(membership)
    ids = given["contracts"]
    chosen = None if ids is None else list(Contract.objects.filter(pk__in=ids))
    if chosen is not None and len(chosen) < len(set(ids)):
        raise ValidationError({"contracts": "There is no such contract."})
    limit_contracts(by=request.membership, member=found, contracts=chosen, version=given["version"])
    return Response(PersonOut(_person(membership)).data)


def _invitation(pk: int) -> Invitation:
    return get_object_or_404(Invitation.objects.select_related("vendor"), pk=pk)


def _person(pk: int) -> Membership:
    return get_object_or_404(Membership.objects.people().with_presence().select_related("vendor"), pk=pk)
