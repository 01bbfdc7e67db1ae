"""Vendors: added and edited."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lib.errors import Conflict, Refused
from organisations.access import allows
from organisations.actions import add_vendor, edit_vendor
from organisations.actions.vendors import IdentifierTaken
from organisations.forms import VendorForm, field_of
from organisations.identifiers import SCHEMES
from organisations.models import Vendor
from organisations.requests import MemberRequest

# Where a refusal belongs in the form.
FIELDS = {"vendor_taken": "code", "namesake": "namesake", "tier": "tier"}


@require_http_methods(["GET", "HEAD", "POST"])
@allows("vendor.edit")
def add(request: MemberRequest, organisation: str) -> HttpResponse:
    """A new vendor, before it has a contract."""
    form = VendorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, 422 if request.method == "POST" else 200)
    given = form.cleaned_data
    try:
        vendor = add_vendor(
            by=request.membership,
            code=given["code"],
            name=given["name"],
            identifiers=form.identifiers,
            namesake=given["namesake"],
            filed=form.filed,
        )
    except Refused as refused:
        return _refused(request, form, refused)
    messages.success(request, f"{vendor.name} is added")
    return redirect("vendor", organisation, vendor.code)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("vendor.edit")
def edit(request: MemberRequest, organisation: str, vendor_code: str) -> HttpResponse:
    """Name, code, tier, service and numbers. 409 with what stands now where somebody else was faster."""
    vendor = get_object_or_404(Vendor.objects.prefetch_related("identifiers"), code=vendor_code)
    if request.method != "POST":
        return _show(request, VendorForm(initial=_stored(vendor)), vendor=vendor)
    form = VendorForm(request.POST)
    if not form.is_valid():
        return _show(request, form, 422, vendor=vendor)
    given = form.cleaned_data
    try:
        edit_vendor(
            by=request.membership,
            vendor=vendor,
            code=given["code"],
            name=given["name"],
            identifiers=form.identifiers,
            version=given["version"] or 0,
            filed=form.filed,
        )
    except Conflict as conflict:
        vendor.refresh_from_db()
        return _show(request, form, 409, vendor=vendor, moved_on=conflict.sentence, now=_stored(vendor))
    except Refused as refused:
        return _refused(request, form, refused, vendor)
    messages.success(request, f"{vendor.name} is saved")
    return redirect("vendor", organisation, vendor.code)


def _stored(vendor: Vendor) -> dict[str, Any]:
    numbers = {field_of(row.scheme): row.value for row in vendor.identifiers.all() if row.scheme in SCHEMES}
    tier = "" if vendor.tier is None else str(vendor.tier)
    filed = {"tier": tier, "service": vendor.service}
    return {"name": vendor.name, "code": vendor.code, "version": vendor.version, **filed, **numbers}


def _refused(request: MemberRequest, form: VendorForm, refused: Refused, vendor: Vendor | None = None) -> HttpResponse:
    field = field_of(refused.scheme) if isinstance(refused, IdentifierTaken) else FIELDS.get(refused.code)
    form.add_error(field, refused.sentence)
    return _show(request, form, refused.status, vendor=vendor)


def _show(
    request: MemberRequest, form: VendorForm, status: int = 200, vendor: Vendor | None = None, **more: Any
) -> HttpResponse:
    slug = request.membership.organisation.slug
    context = {
        "form": form,
        "vendor": vendor,
        "here": request.path,
        "back": reverse("vendor", args=[slug, vendor.code]) if vendor else reverse("vendors", args=[slug]),
        # After a conflict the form is for what stands now; otherwise for what was seen when it was opened.
        "version": more["now"]["version"] if "now" in more else form["version"].value(),
        **more,
    }
    return render(request, "organisations/vendor_form.html", context, status=status)
