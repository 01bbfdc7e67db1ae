"""Merging a vendor that was entered twice: choose the other, see both and what moves, then confirm."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from agreements.forms.contracts import MergeForm
from contracts.actions import merge_vendors, plan_merge
from lib import clock
from lib.errors import Conflict, RuleBroken
from organisations.access import allows
from organisations.identifiers import SCHEMES
from organisations.models import Vendor
from organisations.requests import MemberRequest

PAGE = "agreements/merge.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("vendor.merge")
def merge(request: MemberRequest, organisation: str, vendor_code: str) -> HttpResponse:
    """The vendor of the address is the duplicate; `?into=CODE` the one that is kept. POST merges what was seen."""
    duplicate = _find(vendor_code)
    code = request.POST.get("into", "") or request.GET.get("into", "")
    if not code:
        return _show(request, duplicate)
    kept = _find(code)
    if request.method != "POST":
        return _show(request, duplicate, kept)
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _show(request, duplicate, kept, 422, form=form)
    given = form.cleaned_data
    try:
        merge_vendors(
            by=request.membership,
            duplicate=duplicate,
            kept=kept,
            version=given["version"],
            kept_version=given["kept_version"],
            now=clock.database_now(),
        )
    except Conflict as conflict:
        return _show(request, _find(vendor_code), _find(code), 409, moved_on=conflict.sentence)
    except RuleBroken:
        return _show(request, duplicate, kept, 422)
    messages.success(request, f"{duplicate.name} ({duplicate.code}) is merged into {kept.name} ({kept.code})")
    return redirect("vendor", organisation, kept.code)


def _find(code: str) -> Vendor:
    return get_object_or_404(Vendor.objects.prefetch_related("identifiers"), code=code)


def _show(
    request: MemberRequest, duplicate: Vendor, kept: Vendor | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    plan = plan_merge(duplicate=duplicate, kept=kept) if kept else None
    context = {
        "duplicate": duplicate,
        "kept": kept,
        "plan": plan,
        "form": MergeForm(),
        "others": [] if kept else list(Vendor.objects.current().exclude(pk=duplicate.pk)),
        "both": [
            (one, [(SCHEMES[row.scheme].label, row.value) for row in one.identifiers.all()])
            for one in (duplicate, kept)
            if one
        ],
        **more,
    }
    return render(request, PAGE, context, status=status)
