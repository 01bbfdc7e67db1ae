"""What is worth a look in a contract, with its remedy as one click: into the draft that is open, or into one begun for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.actions import take_remedy
from agreements.drafting.alignment import matrix_of
from agreements.models import Revision
from agreements.pages.findings import as_it_is, of_contract
from agreements.rules import Status
from contracts.models import Contract
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

SHOWN = 60
PAGE = "agreements/findings.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("portfolio.view")
def findings(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """POST takes the remedy of one (`finding`) into a draft: that of the `revision` which the page named, or a new one."""
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id, agreed=True)
    drafts = Revision.objects.filter(contract=contract, status=Status.DRAFT).select_related("draft").order_by("-number")
    if request.method != "POST":
        return _show(request, contract, drafts.first())
    named = whole(request.POST.get("revision", ""), 9)
    draft = None if named is None else get_object_or_404(drafts, pk=named)
    try:
        return put_right(request, contract, draft)
    except Refused as refused:
        return _show(request, contract, drafts.first(), refused.status, refused=refused)


def put_right(request: MemberRequest, contract: Contract, revision: Revision | None) -> HttpResponse:
    """Take the remedy of the `finding` that was pressed, and lead to where it stands in the draft."""
    made, found = take_remedy(
        by=request.membership,
        contract=contract,
        finding=request.POST.get("finding", ""),
        revision=revision,
        version=seen_version(request) or 0,
    )
    label = found.remedy.label if found.remedy else ""
    messages.success(request, f"{label}: it is in the draft, revision {made.number}. Nothing in force has changed.")
    slug = request.membership.organisation.slug
    return redirect(found.page, slug, made.pk, *([found.code] if found.page == "revision-level" else []))


def _show(
    request: MemberRequest, contract: Contract, draft: Revision | None, status: int = 200, **more: Any
) -> HttpResponse:
    file = as_it_is(contract)
    rows = of_contract(contract, file, draft, timezone.now()) if file else []
    context = {
        "contract": contract,
        "draft": draft,
        "matrix": matrix_of(file) if file else None,
        "rows": rows[:SHOWN],
        "count": len(rows),
        "may_draft": request.membership.may("revision.draft"),
        **more,
    }
    return render_part(request, PAGE, "findings", context, status)
