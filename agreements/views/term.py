"""Ending a contract early and renewing it: the day, the reason, and what it closes, before a draft is begun."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.actions import end_early, renew
from agreements.closing import what_it_closes
from agreements.drafting.term import left_open
from agreements.forms.term import LastDayForm, earlier_end, later_end
from agreements.models import Revision
from agreements.rules import Status
from contracts.models import Contract
from contracts.rules import FileRefused
from lib.errors import Refused
from lib.htmx import render_part
from organisations.access import allows
from organisations.requests import MemberRequest
from slas.actions import export_contract

END, RENEW = "agreements/end.html", "agreements/renew.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def end(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """`?last=2026-12-31` shows what an end on that day closes."""
    contract = _find(contract_id)
    today = contract.day(timezone.now())
    suggested = _day(request.GET.get("last", "")) or earlier_end(contract, today)
    if request.method != "POST":
        return _page(request, END, "end", contract, _form(END, {"last": suggested}), last=suggested)
    return _begin(request, END, "end", contract, end_early)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def prolong(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """Until when it runs from now on; what else is to change is written into the draft."""
    contract = _find(contract_id)
    if request.method != "POST":
        return _page(request, RENEW, "renew", contract, _form(RENEW, {"last": later_end(contract)}))
    return _begin(request, RENEW, "renew", contract, renew)


def _begin(
    request: MemberRequest, template: str, part: str, contract: Contract, action: Callable[..., Revision]
) -> HttpResponse:
    form = LastDayForm(request.POST)
    if not form.is_valid():
        return _page(request, template, part, contract, form, 422, last=form.cleaned_data.get("last"))
    given = dict(form.cleaned_data)
    try:
        made = action(by=request.membership, contract=contract, **given)
    except FileRefused as refused:
        return _page(request, template, part, contract, form, 422, last=given["last"], problems=refused.problems)
    except Refused as refused:
        if refused.code == "last":
            form.add_error("last", refused.sentence)
            return _page(request, template, part, contract, form, refused.status, last=given["last"])
        return _page(
            request, template, part, contract, form, refused.status, last=given["last"], refused=refused.sentence
        )
    return redirect("revision-reason" if template == END else "revision", request.membership.organisation.slug, made.pk)


def _page(
    request: MemberRequest,
    template: str,
    part: str,
    contract: Contract,
    form: LastDayForm,
    status: int = 200,
    *,
    last: date | None = None,
    **more: Any,
) -> HttpResponse:
    now = timezone.now()
    today = contract.day(now)
    there = Revision.objects.filter(contract=contract, status=Status.DRAFT).select_related("draft")
    context = {
        "contract": contract,
        "form": form,
        "there": there.defer("draft__document", "draft__base").first(),
        "today": today,
        "ended": contract.ends_on < today,
        **more,
    }
    if template == END:
        shown = last if last is not None and today <= last < contract.ends_on else None
        context |= {
            "last": shown,
            "impossible": last is not None and shown is None and not form.is_bound,
            "groups": what_it_closes(contract, shown, now) if shown else [],
        }
    else:
        context["left_open"] = list(left_open(export_contract(by=None, contract=contract)))
    return render_part(request, template, part, context, status)


def _form(template: str, initial: dict[str, Any]) -> LastDayForm:
    help_text = "The last day on which it runs." if template == END else "The last day of the new term."
    return LastDayForm(initial=initial, help_text=help_text)


def _day(given: str) -> date | None:
    """The day of the address; None without one, or where it is none."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _find(pk: int) -> Contract:
    """One that is agreed: of another the first version is the draft to change."""
    return get_object_or_404(Contract.objects.select_related("vendor").filter(agreed=True), pk=pk)
