"""Figures that come in by file: looked at first, saved after."""

import json
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts.models import Contract
from lib import months
from lib.bell import ring
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from measurements import figures_file
from measurements.actions import import_figures, stored_expectations
from measurements.figures_file import BadFigures, FigureProblem, FigureRow
from measurements.models import Submission
from measurements.querysets import month_state
from measurements.rules import Status
from organisations.access import allows
from reporting.entry import entry_sheet
from reporting.forms import FiguresFileForm, FiguresForm
from reporting.preview import Preview, as_csv, preview, template

IMPORT = "reporting/figures.html"
MOST_SHOWN = 300  # rows of a preview; the counts are of all
MOST_CARRIED = 4_000_000  # bytes of figures that a form may carry from the preview to the import


@require_safe
@allows("figures.import")
def figures_template(request: HttpRequest, organisation: str, contract_id: int) -> HttpResponse:
    """A CSV to fill in for ?month=2026-10, the one that is asked for where none is said. With a byte order mark, for Excel."""
    contract = get_object_or_404(Contract, pk=contract_id)
    given = request.GET.get("month", "")
    month = months.month_of(given) if given else asked_month(contract)
    if month is None:
        raise Http404("No such month.")
    response = HttpResponse("\ufeff" + template(contract, month), content_type="text/csv; charset=utf-8")
    name = "".join(letter if letter.isalnum() else "-" for letter in contract.reference.lower())
    response["Content-Disposition"] = f'attachment; filename="{name}-{month:%Y-%m}.csv"'
    return response


def asked_month(contract: Contract) -> date:
    """The month whose figures are asked for: the last one that is over; the running one where nothing of that is left to report."""
    now = timezone.now()
    running = contract.day(now).replace(day=1)
    over = months.after(running, -1)
    if month_state([contract], over, now)[contract.pk].state not in ("", "submitted", "accepted"):
        return over
    return running if month_state([contract], running, now)[contract.pk].expected else over


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures(request: HttpRequest, organisation: str, contract_id: int) -> HttpResponse:
    """GET: choose a file. POST: read it and show every row; nothing is saved."""
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    if request.method != "POST":
        return _choose(request, contract, FiguresFileForm())
    form = FiguresFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, contract, form, 422)
    file = form.cleaned_data["file"]
    name = file.name[:200]
    try:
        rows = read(contract, file.read(), name)
    except BadFigures as bad:
        return _wrong(request, contract, name, bad.problems)
    return show(request, contract, rows, name)


def _choose(request: HttpRequest, contract: Contract, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    context = {"contract": contract, "form": form, "month": asked_month(contract), **more}
    return render_part(request, IMPORT, "figures", context, status)


def _wrong(request: HttpRequest, contract: Contract, name: str, problems: list[FigureProblem]) -> HttpResponse:
    """What is wrong with a file, and the form for another one."""
    return _choose(request, contract, FiguresFileForm(), 422, problems=problems, filename=name)


def read(contract: Contract, source: bytes, name: str) -> list[FigureRow]:
    """The rows of a file; BadFigures also where there are none."""
    rows = figures_file.read(source, name, stored_expectations(contract))
    if not rows:
        none = "there are no figures in it; add a line for each figure below the header"
        raise BadFigures([FigureProblem(None, "", none)])
    return rows


def show(
    request: HttpRequest, contract: Contract, rows: list[FigureRow], name: str, status: int = 200, **more: Any
) -> HttpResponse:
    """Rows that were checked beside what is there."""
    carried = json.dumps(as_csv(rows))
    if len(carried) > MOST_CARRIED:
        large = FigureProblem(None, "", "it is too large to be shown before it is saved; split it by month")
        return _wrong(request, contract, name, [large])
    found = preview(contract, rows, request.membership)  # type: ignore[attr-defined]
    save = FiguresForm(initial={"figures": carried, "filename": name, "seen": found.fingerprint})
    if reason := more.pop("reason", ""):
        save.initial["reason"] = reason
    if sheet := more.get("sheet"):
        save.initial["month"] = f"{sheet.month:%Y-%m}"
    lines = sorted(found.lines, key=lambda line: line.outcome == "Same")
    context = {"contract": contract, "preview": found, "save": save, "filename": name, "counts": _counts(found), **more}
    context |= {"lines": lines[:MOST_SHOWN], "more": max(0, len(lines) - MOST_SHOWN)}
    return render_part(request, IMPORT, "figures", context, status)


def _counts(found: Preview) -> dict[str, int]:
    outcomes = ("New", "Changed", "Same", "Removed")
    return {outcome.lower(): found.count(outcome) for outcome in outcomes} | {"all": len(found.lines)}


@require_POST
@allows("figures.import")
def figures_save(request: HttpRequest, organisation: str, contract_id: int) -> HttpResponse:
    """Save what was looked at, as a draft or submitted. Checked again: the contract and the months may have moved on."""
    member: Any = request.membership  # type: ignore[attr-defined]
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    form = FiguresForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    name, reason, submit = given.get("filename", ""), given.get("reason", ""), given.get("then") == "submit"
    try:
        source = str(json.loads(request.POST.get("figures", ""))).encode()
    except ValueError:
        return _wrong(
            request, contract, name, [FigureProblem(None, "", "the rows did not arrive; choose the file again")]
        )
    try:
        rows = read(contract, source, "")  # whatever the file was: its rows are carried as CSV
    except BadFigures as bad:
        return _wrong(request, contract, name, bad.problems)
    try:
        done = import_figures(
            by=member,
            contract=contract,
            rows=rows,
            filename=name,
            reason=reason,
            submit=submit,
            seen=given.get("seen", ""),
        )
    except Refused as refused:
        said = {"refused": refused.sentence, "refused_code": refused.code, "reason": reason}
        said["overtaken"] = isinstance(refused, Conflict)
        if by_hand := months.month_of(given.get("month", "")):
            said["sheet"] = entry_sheet(contract, by_hand, member, rows=rows)
        return show(request, contract, rows, name, refused.status, **said)
    ring(member.organisation_id)
    messages.success(request, _said(done, submit))
    return _on(request, contract, done)


def _said(done: list[Submission], submit: bool) -> str:
    done = [one for one in done if one.status != Status.ACCEPTED]  # those say what they said before
    if not done:
        return "These figures were stored already. Nothing was changed."
    which = f"{done[0].month:%B %Y}" if len(done) == 1 else f"{len(done)} months"
    return f"Figures of {which} {'submitted' if submit else 'saved as a draft'}"


def _on(request: HttpRequest, contract: Contract, done: list[Submission]) -> HttpResponse:
    """To the submission, or to the contract's where there are several."""
    slug = request.membership.organisation.slug  # type: ignore[attr-defined]
    if len(done) == 1:
        return redirect("submission", slug, done[0].pk)
    return redirect(f"{reverse('submissions', args=[slug])}?contract={contract.pk}")
