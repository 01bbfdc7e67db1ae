"""More time for a month's figures: asked for by the vendor, answered by the client."""

from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods

from contracts.actions import ask_for_extension, decide_on_extension
from contracts.models import Contract, Extension
from disputes.forms import AskForTimeForm, DecideOnTimeForm
from lib import clock
from lib.errors import Refused
from lib.htmx import render_part, render_refused, seen_version
from lib.months import month_of
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest

ASK, PAGE = "disputes/extension_ask.html", "disputes/extension.html"


@require_http_methods(["GET", "POST"])
@allows("extension.ask")
def ask(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """`?period=2026-11`: the month whose figures need more time."""
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    month = month_of(request.GET.get("period", "")) or contract.day(clock.database_now()).replace(day=1)
    due_on = contract.periods.filter(month=month, slots__gt=0).aggregate(last=Max("due_on"))["last"]
    form = AskForTimeForm(request.POST or None)
    context = {"contract": contract, "month": month, "due_on": due_on, "form": form}
    context["there"] = contract.extensions.filter(month=month, status="open").first()
    if request.method == "GET" or not form.is_valid():
        return render_part(request, ASK, "ask", context, status=200 if request.method == "GET" else 422)
    given = form.cleaned_data
    try:
        made = ask_for_extension(
            by=request.membership, contract=contract, month=month, until=given["until"], reason=given["reason"]
        )
    except Refused as refused:
        return render_refused(request, ASK, "ask", context, refused)
    wake_workers(request.membership.organisation_id)
    return redirect("extension", organisation, made.pk)


@require_GET
@allows("hearing.view")
def extension(request: MemberRequest, organisation: str, extension: int) -> HttpResponse:
    return render_part(request, PAGE, "extension", _context(request, _find(extension)))


@posted_from("extension")
@allows("extension.decide")
def decide(request: MemberRequest, organisation: str, extension: int) -> HttpResponse:
    """Grant it, or refuse it with the reason. 409 where a colleague was faster."""
    found = _find(extension)
    form = DecideOnTimeForm(request.POST)
    context = _context(request, found) | {"form": form}
    if not form.is_valid():
        return render_part(request, PAGE, "extension", context, status=422)
    try:
        decide_on_extension(
            by=request.membership,
            extension=found,
            grant=form.cleaned_data["decision"] == DecideOnTimeForm.GRANT,
            answer=form.cleaned_data["answer"],
            seen=seen_version(request),
        )
    except Refused as refused:
        return render_refused(request, PAGE, "extension", context, refused)
    wake_workers(request.membership.organisation_id)
    return redirect("extension", organisation, found.pk)


def _find(pk: int) -> Extension:
    return get_object_or_404(Extension.objects.select_related("contract", "vendor"), pk=pk)


def _context(request: MemberRequest, found: Extension) -> dict[str, Any]:
    due_on = found.contract.periods.filter(month=found.month, slots__gt=0).aggregate(last=Max("due_on"))["last"]
    may_decide = found.status == "open" and request.membership.may("extension.decide")
    return {"extension": found, "due_on": due_on, "form": DecideOnTimeForm() if may_decide else None}
