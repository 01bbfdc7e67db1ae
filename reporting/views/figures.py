"""Figures that come in by file: looked at first, saved after."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from contracts.models import Contract
from lib import months
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from lib.tables import KINDS
from lib.wakeup import wake_workers
from measurements.actions import Staged, stage, staged, take
from measurements.figures_file import BadFigures, FigureProblem, FigureRow, raw_rows
from measurements.models import ImportBatch, Submission
from measurements.querysets import month_states
from measurements.rules import Status, declaration
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.forms import FiguresFileForm, SaveForm
from reporting.preview import Preview, preview, template
from reporting.template_workbook import template_workbook

IMPORT = "reporting/figures.html"
MOST_SHOWN = 300  # rows of a preview; the counts are of all
UNDECLARED = "Tick the declaration; figures are submitted with it."
NO_ROWS = "there are no figures in it; add a line for each figure below the header"


@require_safe
@allows("figures.import")
def figures_template(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """A workbook to fill in for ?month=2026-10, the one that is asked for where none is said; ?as=csv a CSV, with a byte order mark."""
    contract = get_object_or_404(Contract, pk=contract_id)
    given = request.GET.get("month", "")
    month = months.month_of(given) if given else asked_month(contract)
    if month is None:
        raise Http404("No such month.")
    member = request.membership
    form = "csv" if request.GET.get("as") == "csv" else "xlsx"
    if form == "csv":
        content = ("\ufeff" + template(contract, month, member)).encode()
    else:
        content = template_workbook(contract, month, member)
    response = HttpResponse(content, content_type=KINDS[form])
    name = "".join(letter if letter.isalnum() else "-" for letter in contract.reference.lower())
    response["Content-Disposition"] = f'attachment; filename="{name}-{month:%Y-%m}.{form}"'
    return response


def asked_month(contract: Contract) -> date:
    """The month whose figures are asked for: the last one that is over; the running one where nothing of that is left to report."""
    now = timezone.now()
    running = contract.day(now).replace(day=1)
    over = months.after(running, -1)
    states = month_states([contract], [over, running], now)
    if states[contract.pk, over].state not in ("", "submitted", "accepted"):
        return over
    return running if states[contract.pk, running].expected else over


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """GET: choose a file. POST: stage its rows and show every one; nothing is saved."""
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    if request.method != "POST":
        return _choose(request, contract, FiguresFileForm())
    form = FiguresFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, contract, form, 422)
    file = form.cleaned_data["file"]
    member = request.membership
    try:
        given = raw_rows(file.read(), file.name)
        if not given.rows and not given.problems:
            raise BadFigures([FigureProblem(None, "", NO_ROWS)])
        batch = stage(by=member, contract=contract, filename=file.name, file=given)
        found = staged(batch)
        if not found.rows:
            raise BadFigures(found.problems)
    except BadFigures as bad:
        return _choose(request, contract, FiguresFileForm(), 422, problems=bad.problems, filename=file.name[:200])
    answer = _look(request, batch, found)
    answer["HX-Push-Url"] = reverse("figures-batch", args=[organisation, contract.pk, batch.pk])
    return answer


def _choose(request: MemberRequest, contract: Contract, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    context = {"contract": contract, "form": form, "month": asked_month(contract), **more}
    return render_part(request, IMPORT, "figures", context, status)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures_batch(request: MemberRequest, organisation: str, contract_id: int, import_batch_id: int) -> HttpResponse:
    """GET: the rows of a file beside what is stored. POST: save them, as a draft or submitted; checked again."""
    member = request.membership
    found = ImportBatch.objects.select_related("contract__vendor")
    batch = get_object_or_404(found, pk=import_batch_id, contract=contract_id, by=member)
    if request.method != "POST":
        return _look(request, batch, staged(batch))
    form = SaveForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    submit = given.get("then") == "submit"
    reason = given.get("reason", "")
    if submit and not given.get("declared"):
        return _look(request, batch, staged(batch), 422, refused=UNDECLARED, reason=reason)
    try:
        done = take(
            by=member,
            batch=batch,
            only_good="good" in request.POST,
            reason=reason,
            submit=submit,
            declared=submit,
            seen=given.get("seen", ""),
        )
    except Refused as refused:
        return _look(request, batch, staged(batch), refused.status, **refusal(refused, reason))
    return saved(request, batch.contract, done, submit)


def _look(request: MemberRequest, batch: ImportBatch, found: Staged, status: int = 200, **more: Any) -> HttpResponse:
    context = {"filename": batch.filename, "batch": batch, "problems": found.problems, "read": found.read, **more}
    return show(request, batch.contract, found.rows, status, **context)


# Shared with what is typed ------------------------------------------------------------------------------------------


def show(
    request: MemberRequest, contract: Contract, rows: list[FigureRow], status: int = 200, **more: Any
) -> HttpResponse:
    """Rows that were checked beside what is there."""
    found = preview(contract, rows, request.membership)
    save = SaveForm(initial={"seen": found.fingerprint, "reason": more.pop("reason", ""), **more.pop("initial", {})})
    lines = sorted(found.lines, key=lambda line: line.outcome == "Same")
    context = {"contract": contract, "preview": found, "save": save, "counts": _counts(found), **more}
    member = request.membership
    context["declaration"] = declaration(member.name, (member.vendor or member.organisation).name)
    context |= {"lines": lines[:MOST_SHOWN], "more": max(0, len(lines) - MOST_SHOWN)}
    return render_part(request, IMPORT, "figures", context, status)


def refusal(refused: Refused, reason: str) -> dict[str, Any]:
    """What the page says of a refusal, and the reason as it was typed."""
    overtaken = isinstance(refused, Conflict)
    return {"refused": refused.sentence, "refused_code": refused.code, "reason": reason, "overtaken": overtaken}


def saved(request: MemberRequest, contract: Contract, done: list[Submission], submit: bool) -> HttpResponse:
    """To the submission, or to the contract's where there are several."""
    member = request.membership
    wake_workers(member.organisation_id)
    messages.success(request, _said(done, submit))
    slug = member.organisation.slug
    if len(done) == 1:
        return redirect("submission", slug, done[0].pk)
    return redirect(f"{reverse('submissions', args=[slug])}?contract={contract.pk}")


def _said(done: list[Submission], submit: bool) -> str:
    done = [one for one in done if one.status != Status.ACCEPTED]  # those say what they said before
    if not done:
        return "These figures were stored already. Nothing was changed."
    which = f"{done[0].month:%B %Y}" if len(done) == 1 else f"{len(done)} months"
    return f"Figures of {which} {'submitted' if submit else 'saved as a draft'}"


def _counts(found: Preview) -> dict[str, int]:
    outcomes = ("New", "Changed", "Same", "Removed")
    return {outcome.lower(): found.count(outcome) for outcome in outcomes} | {"all": len(found.lines)}
