"""Vendors through the API, and who is in charge of a contract."""

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint, page
from contracts.actions import Absence, assign_owner
from contracts.in_charge import Charge, charges_of
from contracts.models import Contract
from contracts.rules import Duty
from lib import clock
from organisations.actions import add_vendor, edit_vendor
from organisations.identifiers import SCHEMES
from organisations.models import Membership, Vendor
from organisations.rules import NOT_FILED, TIERS, Filed

CODE = r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z"


class VendorOut(serializers.ModelSerializer):
    identifiers = serializers.SerializerMethodField(help_text="Numbers in registers: scheme to number")

    class Meta:
        model = Vendor
        fields = ("code", "name", "identifiers", "version")

    def get_identifiers(self, one: Vendor) -> dict[str, str]:
        return {row.scheme: row.value for row in one.identifiers.all()}


class FiledVendorOut(VendorOut):
    """As the client's people and keys read it; the vendor's own are not told how it is filed."""

    class Meta:
        model = Vendor
        fields = (*VendorOut.Meta.fields, "tier", "service")
        extra_kwargs = {name: {"required": False} for name in ("tier", "service")}


def _out(request: Request) -> type[VendorOut]:
    return VendorOut if request.membership.is_vendor else FiledVendorOut


class VendorIn(serializers.Serializer):
    code = serializers.RegexField(CODE, max_length=40, help_text="Contract files name the vendor by it")
    name = serializers.CharField(max_length=120)
    identifiers = serializers.DictField(
        child=serializers.CharField(max_length=60, allow_blank=True),
        required=False,
        help_text=f"Scheme to number; what is left out is struck. Schemes: {', '.join(SCHEMES)}",
    )
    tier = serializers.ChoiceField(
        [*TIERS],
        required=False,
        allow_null=True,
        help_text="1 is what the client can least do without; null: not filed",
    )
    service = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        help_text="What the vendor does for the client, such as Payroll",
    )


class NewVendorIn(VendorIn):
    namesake = serializers.BooleanField(
        default=False, help_text="That it is another company than the vendor of the same name that is there"
    )


class VendorChangeIn(VendorIn):
    version = serializers.IntegerField(help_text="The version that was read")


class ChargeOut(serializers.Serializer):
    """One duty on a contract. `member` and `deputy` are ids of people; null where nobody is, or where one does not see them."""

    duty = serializers.ChoiceField(Duty.choices)
    member = serializers.IntegerField(source="owner.member_id", allow_null=True, default=None)
    name = serializers.CharField(source="owner.name", allow_null=True, default=None)
    since = serializers.DateField(source="owner.starts_on", allow_null=True, default=None)
    deputy = serializers.IntegerField(source="deputy.member_id", allow_null=True, default=None)
    deputy_name = serializers.CharField(source="deputy.name", allow_null=True, default=None)
    deputy_from = serializers.DateField(source="deputy.starts_on", allow_null=True, default=None)
    deputy_to = serializers.DateField(source="deputy.ends_on", allow_null=True, default=None)
    version = serializers.CharField(
        allow_blank=True, help_text="To send back with a change; empty where nobody is in charge"
    )


class ChargeIn(serializers.Serializer):
    duty = serializers.ChoiceField(Duty.choices)
    member = serializers.IntegerField(allow_null=True, help_text="Who is in charge from today on; null: nobody")
    deputy = serializers.IntegerField(required=False, allow_null=True, help_text="Who stands in during an absence")
    deputy_from = serializers.DateField(required=False, allow_null=True, help_text="A day of the contract's time zone")
    deputy_to = serializers.DateField(required=False, allow_null=True, help_text="The last day of the absence")
    version = serializers.CharField(allow_blank=True, max_length=200, help_text="The version that was read")


# Vendors -----------------------------------------------------------------------------------------------------------


@endpoint("GET", "contract.view", answers=FiledVendorOut(many=True), query=("q",))
def vendors(request: Request, organisation: str) -> Response:
    """The vendors one may see, by name; ?q= finds names and codes."""
    found, words = Vendor.objects.current().prefetch_related("identifiers"), request.query_params.get("q", "").strip()
    return page(request, found.matching(words[:80]) if words else found, _out(request))


@endpoint("GET", "contract.view", answers=FiledVendorOut)
def vendor(request: Request, organisation: str, vendor_code: str) -> Response:
    """One vendor."""
    return Response(_out(request)(_vendor(vendor_code)).data)


@endpoint("POST", "vendor.edit", takes=NewVendorIn, answers={201: FiledVendorOut})
def new_vendor(request: Request, organisation: str) -> Response:
    """Add a vendor. Two vendors with one number in a register are one company: the second is refused, and the first named."""
    given = {"identifiers": {}, **body(NewVendorIn, request)}
    filed = _filed(given, NOT_FILED)
    added = add_vendor(by=request.membership, filed=filed, **given)
    return Response(FiledVendorOut(added).data, status=201)


@endpoint("POST", "vendor.edit", takes=VendorChangeIn, answers=FiledVendorOut)
def change_vendor(request: Request, organisation: str, vendor_code: str) -> Response:
    """New code, name and numbers, in place of those that are there; tier and service where they are named."""
    found, given = _vendor(vendor_code), {"identifiers": {}, **body(VendorChangeIn, request)}
    edit_vendor(by=request.membership, vendor=found, filed=_filed(given, found.filed), **given)
    return Response(FiledVendorOut(_vendor(found.code)).data)


def _filed(given: dict[str, Any], otherwise: Filed) -> Filed:
    """Taken out of what was given; what is left out is `otherwise`'s."""
    return Filed(given.pop("tier", otherwise.tier), given.pop("service", otherwise.service))


def _vendor(code: str) -> Vendor:
    return get_object_or_404(Vendor.objects.prefetch_related("identifiers"), code=code)


# Who is in charge --------------------------------------------------------------------------------------------------


@endpoint("GET", "contract.view", answers={200: ChargeOut(many=True)})
def owners(request: Request, organisation: str, contract_id: int) -> Response:
    """Who is in charge of a contract today, and who stands in: three duties."""
    found = get_object_or_404(Contract, pk=contract_id)
    return Response(ChargeOut(charges_of(found, found.day(timezone.now())), many=True).data)


@endpoint("POST", "owner.assign", takes=ChargeIn, answers=ChargeOut)
def set_owner(request: Request, organisation: str, contract_id: int) -> Response:
    """Say who has one duty, and who stands in from when to when. What is left out of the absence ends it."""
    found, given = get_object_or_404(Contract, pk=contract_id), body(ChargeIn, request)
    done: Charge = assign_owner(
        by=request.membership,
        contract=found,
        duty=given["duty"],
        member=_member(given, "member"),
        absence=_absence(given),
        seen=given["version"],
        now=clock.database_now(),
    )
    return Response(ChargeOut(done).data)


def _absence(given: dict[str, Any]) -> Absence | None:
    deputy, first, last = (given.get(name) for name in ("deputy", "deputy_from", "deputy_to"))
    if deputy is None and first is None and last is None:
        return None
    missing = [name for name in ("deputy", "deputy_from", "deputy_to") if given.get(name) is None]
    if missing:
        raise ValidationError({missing[0]: "An absence needs all three: deputy, deputy_from and deputy_to."})
    person = _member(given, "deputy")
    if person is None or not isinstance(first, date) or not isinstance(last, date):
        raise ValidationError({"deputy": "There is no such person."})
    return Absence(person, first, last)


def _member(given: dict[str, Any], name: str) -> Membership | None:
    if given[name] is None:
        return None
    found: Membership | None = Membership.objects.people().filter(pk=given[name]).first()
    if found is None:
        raise ValidationError({name: "There is no such person."})
    return found
