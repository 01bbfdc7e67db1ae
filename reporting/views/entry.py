"""Figures that are typed by hand: checked, and saved as they stand in the inputs."""

from hashlib import sha256
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from contracts.models import Contract
from lib import months
from lib.errors import Refused
from lib.htmx import render_part, target_id
from lib.whole_numbers import whole
from measurements.actions import import_figures, stored_expectations
from measurements.figures_file import BadFigures, FigureRow, check_rows
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.entry import EntrySheet, entry_sheet
from reporting.forms import SaveForm
from reporting.pages.month_sheet import month_sheet
from reporting.views.figures import UNDECLARED, asked_month, refusal, saved, show

ENTRY = "reporting/entry.html"
MORE = "more"  # the element whose place the rows after those of the page take


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures_enter(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """GET: a month's figures to fill in, `?period=2026-10`; of a long sheet as many as a page carries, `?from=` a row on. POST: what they
    would change; with `then` they are saved or submitted.

    What is saved is what stands in the inputs. What is submitted was looked at as it stands there: typed over since, it is shown again.
    """
    member = request.membership
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    given = request.GET.get("period", "")
    month = months.month_of(given) if given else asked_month(contract)
    if month is None:
        raise Http404("No such month.")
    if request.method != "POST":
        return _enter(request, contract, entry_sheet(contract, month, member))
    sheet = entry_sheet(contract, month, member, request.POST)
    if opened := request.POST.get("aside", ""):
        return _enter(request, contract, sheet, opened=opened)
    if sheet.nameless() or not sheet.filled:
        return _enter(request, contract, sheet, 422)
    try:
        rows = check_rows(sheet.raw_rows(), stored_expectations(contract, member))
    except BadFigures as bad:
        sheet.blame(bad.problems)
        return _enter(request, contract, sheet, 422)
    return _save(request, contract, rows, sheet)


def _save(request: MemberRequest, contract: Contract, rows: list[FigureRow], sheet: EntrySheet) -> HttpResponse:
    form = SaveForm(request.POST)
    form.is_valid()
    given, digest = form.cleaned_data, _digest(rows)
    then, reason = given.get("then"), given.get("reason", "")
    shown: dict[str, Any] = {"sheet": sheet, "initial": {"checked": digest}, "reason": reason}
    if then not in ("save", "submit"):
        return show(request, contract, rows, **shown)
    if then == "submit" and given.get("checked") != digest:
        return show(request, contract, rows, 409, unseen=True, **shown)
    if then == "submit" and not given.get("declared"):
        return show(request, contract, rows, 422, refused=UNDECLARED, **shown)
    try:
        done = import_figures(
            by=request.membership,
            contract=contract,
            rows=rows,
            reason=reason,
            submit=then == "submit",
            declared=then == "submit",
            seen=given.get("seen") or None,
        )
    except Refused as refused:
        return show(request, contract, rows, refused.status, **shown | refusal(refused, reason))
    return saved(request, contract, done, then == "submit")


def _digest(rows: list[FigureRow]) -> str:
    """Of what was typed, so that a later form can be told to be the one that was looked at."""
    return sha256(repr(rows).encode()).hexdigest()


def _taken(request: MemberRequest, sheet: EntrySheet) -> set[tuple[int, int]]:
    """The slots that somebody types into although a key reports them: that of `?take=`, or those that were typed into."""
    lines = sheet.filled if request.method == "POST" else sheet.lines
    keys = {(line.level.pk, line.period.pk) for line in lines}
    return (
        keys if request.method == "POST" else {key for key in keys if "{}-{}".format(*key) == request.GET.get("take")}
    )


def _enter(
    request: MemberRequest, contract: Contract, sheet: EntrySheet, status: int = 200, *, opened: str = ""
) -> HttpResponse:
    day = contract.day(timezone.now())
    today, starts_on = day.replace(day=1), contract.starts_on.replace(day=1)
    correcting = "correct" in request.GET
    monthly = None
    if sheet.lines:
        taken = _taken(request, sheet)
        monthly = month_sheet(contract, sheet, as_of=day, correcting=correcting, taken=taken, opened=opened)
    first = whole(request.GET.get("from", ""), 4) or 0
    # What was typed is stored nowhere, and what a key reported is typed over where one is sent to it: both are answered all at once.
    whole_sheet = request.method == "POST" or "take" in request.GET
    context = {
        "contract": contract,
        "sheet": sheet,
        "monthly": monthly,
        "shown": monthly and (monthly.part(most=2 * len(sheet.lines)) if whole_sheet else monthly.part(first)),
        "follows": target_id(request) == MORE,
        "may_ask_relief": request.membership.may("relief.ask"),
        "may_ask_time": not sheet.kept and request.membership.may("extension.ask"),
        "saves": monthly is not None and monthly.saves,
        "here": f"{request.path}?period={sheet.month:%Y-%m}{'&correct=1' if correcting else ''}",
        "today": day,
        "period": months.stepper(sheet.month, first=starts_on, last=min(today, contract.ends_on.replace(day=1))),
        "former": months.after(sheet.month, -1),
        "nothing": status == 422 and not sheet.filled,
    }
    return render_part(request, ENTRY, "rows" if context["follows"] else "entry", context, status)
