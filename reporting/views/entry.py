"""Figures that are typed by hand."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from contracts.models import Contract
from lib import months
from lib.htmx import render_part
from measurements import figures_file
from measurements.actions import stored_expectations
from measurements.figures_file import BadFigures
from organisations.access import allows
from reporting.entry import EntrySheet, entry_sheet
from reporting.views.figures import asked_month, show

ENTRY = "reporting/entry.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures_enter(request: HttpRequest, organisation: str, contract_id: int) -> HttpResponse:
    """GET: a month's figures to fill in, `?period=2026-10`. POST: what they would change, as for a file; nothing is saved."""
    member: Any = request.membership  # type: ignore[attr-defined]
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    given = request.GET.get("period", "")
    month = months.month_of(given) if given else asked_month(contract)
    if month is None:
        raise Http404("No such month.")
    if request.method != "POST":
        return _enter(request, contract, entry_sheet(contract, month, member))
    sheet = entry_sheet(contract, month, member, request.POST)
    if sheet.nameless() or not sheet.filled:
        return _enter(request, contract, sheet, 422)
    try:
        rows = figures_file.read(sheet.as_csv(), "", stored_expectations(contract))
    except BadFigures as bad:
        sheet.blame(bad.problems)
        return _enter(request, contract, sheet, 422)
    return show(request, contract, rows, "", sheet=sheet)


def _enter(request: HttpRequest, contract: Contract, sheet: EntrySheet, status: int = 200) -> HttpResponse:
    today = contract.day(timezone.now()).replace(day=1)
    first = contract.starts_on.replace(day=1)
    context = {
        "contract": contract,
        "sheet": sheet,
        "period": months.stepper(sheet.month, first=first, last=min(today, contract.ends_on.replace(day=1))),
        "former": months.after(sheet.month, -1),
        "nothing": status == 422 and not sheet.filled,
    }
    return render_part(request, ENTRY, "entry", context, status)
