"""A later due day for the figures of a month, given from the month as a whole: for one contract, or for a selection."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from contracts.actions import give_extensions
from contracts.models import Contract, Extension
from contracts.rules import ExtensionStatus
from dashboards.forms import LaterDueDayForm
from dashboards.views.cockpit import back_to_list, picked_figures
from lib import clock
from lib.errors import Refused
from lib.htmx import render_part
from lib.months import after, month_of
from lib.posts import posted_from
from lib.templatetags.dates import format_day, month_key
from lib.wakeup import wake_workers
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "dashboards/due_later.html"
MOST = 200  # contracts at once


@posted_from("cockpit")
@allows("extension.decide")
def chosen(request: MemberRequest, organisation: str) -> HttpResponse:
    """Leads to the form, with the contracts of the figures that were picked."""
    month = month_of(request.POST.get("period", ""))
    picked = picked_figures(request, month) if month else None
    if month is None or picked is None or not picked.contracts:
        messages.error(request, "Tick the figures first whose due day is to be later.")
        return redirect(back_to_list(request, organisation))
    if len(picked.contracts) > MOST:
        messages.error(request, f"A later due day is given to at most {MOST} contracts at once. Filter the list first.")
        return redirect(back_to_list(request, organisation))
    of = ".".join(map(str, sorted(picked.contracts)))
    return redirect(f"{reverse('due-later', args=[organisation])}?{urlencode({'period': month_key(month), 'of': of})}")


@require_http_methods(["GET", "POST"])
@allows("extension.decide")
def later(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?period=2026-10&of=7.12`: a month, and contracts. It holds for all figures of the contract's month; all of them or none."""
    month = month_of(request.GET.get("period", "")) or after(clock.database_now().date().replace(day=1), -1)
    ids = {one for one in map(whole, request.GET.get("of", "").split(".")[:MOST]) if one is not None}
    contracts, asked = _contracts(ids, month)
    form = LaterDueDayForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"month": month, "contracts": contracts, "asked": asked, "form": form}
    if request.method == "GET" or not form.is_valid():
        return render_part(request, PAGE, "later", context, status=200 if request.method == "GET" else 422)
    until = form.cleaned_data["until"]
    try:
        give_extensions(by=request.membership, contracts=contracts, month=month, **form.cleaned_data)
    except Refused as refused:
        refused.add_to(form)
        return render_part(request, PAGE, "later", context, status=refused.status)
    wake_workers(request.membership.organisation_id)
    which = contracts[0].reference if len(contracts) == 1 else f"{len(contracts)} contracts"
    messages.success(request, f"{which}: due on {format_day(until)}. The vendors are told.")
    return redirect(f"{reverse('cockpit', args=[organisation])}?{urlencode({'period': month_key(month)})}")


def _contracts(ids: set[int], month: date) -> tuple[list[Contract], list[Extension]]:
    """Those with figures in the month, with the last day on which some are due (`due_on`); and apart, what vendors ask for already."""
    of_month = Q(periods__month=month, periods__slots__gt=0)
    asked = list(
        Extension.objects.filter(contract__in=ids, month=month, status=ExtensionStatus.OPEN).select_related(
            "contract", "vendor"
        )
    )
    found = Contract.objects.filter(of_month, pk__in=ids).exclude(pk__in=[one.contract_id for one in asked])
    found = found.annotate(due_on=Max("periods__due_on", filter=of_month)).select_related("vendor")
    return list(found.order_by("vendor__name", "reference")), asked
