"""Submissions by month, and figures that come in by file or are typed by hand."""

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts.models import Contract
from lib.bell import ring
from lib.charts import bars
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from measurements import figures_file, months
from measurements.actions import import_figures, stored_expectations
from measurements.entry import EntrySheet, entry_sheet
from measurements.figures_file import BadFigures, FigureProblem, FigureRow
from measurements.forms import FiguresFileForm, FiguresForm
from measurements.models import Submission
from measurements.preview import Preview, as_csv, preview, template
from measurements.querysets import month_state
from measurements.rules import LIVE, Status
from measurements.wording import STATES as LOOKS
from organisations.access import allows
from organisations.models import Membership

LIST = "measurements/submissions.html"
IMPORT = "measurements/figures.html"
ENTRY = "measurements/entry.html"
URGENCY = ("late", "returned", "submitted", "due", "draft", "not_due", "accepted")
MOST_SHOWN = 300  # rows of a preview; the counts are of all
MOST_CARRIED = 4_000_000  # bytes of figures that a form may carry from the preview to the import


# The list --------------------------------------------------------------------------------------------------------


@require_safe
@allows("submission.view")
def submissions(request: HttpRequest, organisation: str) -> HttpResponse:
    """All contracts with what they have reported for a month; with ?contract= the months of one contract."""
    today = timezone.localdate()
    chosen = request.GET.get("contract", "")
    contracts = list(Contract.objects.select_related("vendor").order_by("vendor__name", "reference"))
    contract = next((one for one in contracts if str(one.pk) == chosen), None)
    if contract is not None:
        return _of_contract(request, contract)
    this_month = today.replace(day=1)
    first = min((one.starts_on.replace(day=1) for one in contracts), default=this_month)
    month = months.month_of(request.GET.get("period", "")) or months.after(this_month, -1)
    month = min(max(month, first), this_month)
    rows = _rows(contracts, month, request.membership)  # type: ignore[attr-defined]
    state = request.GET.get("state", "")
    state = state if state in URGENCY else ""
    counts = {name: sum(1 for row in rows if row["name"] == name) for name in URGENCY}
    kept = {"state": state} if state else {}
    context = {
        "month": month,
        "period": months.stepper(month, first=first, last=this_month, kept=kept),
        "rows": [row for row in rows if not state or row["name"] == state],
        "all": len(rows),
        "under_way": _under_way(month),
        "state": state,
        "state_word": LOOKS[state][2].lower() if state else "",
        "handed_over": sum(1 for row in rows if row["state"].counts["submitted"] or row["state"].counts["accepted"]),
        "late": counts["late"],
        "chips": [(name, LOOKS[name][2], counts[name]) for name in URGENCY if counts[name] or name == state],
        "may_import": request.membership.may("figures.import"),  # type: ignore[attr-defined]
        "may_decide": request.membership.may("submission.decide"),  # type: ignore[attr-defined]
    }
    return render_part(request, LIST, "submissions", context)


def _rows(contracts: list[Contract], month: Any, member: Membership) -> list[dict[str, Any]]:
    """Contracts with a period that ends in the month, the most urgent first."""
    states = month_state(contracts, month, timezone.localdate())
    ids = [pk for one in states.values() for pk in (one.live_id, one.accepted_id) if pk]
    there = Submission.objects.in_bulk(ids)
    rows = []
    for contract in contracts:
        state = states[contract.pk]
        if not state.expected:
            continue
        live = there.get(state.live_id or 0)
        closed = live is not None and live.is_closed_to(member)
        done = state.counts["submitted"] + state.counts["accepted"] + state.counts["returned"]
        done += 0 if closed else state.drafted
        row: dict[str, Any] = {
            "contract": contract,
            "state": state,
            "there": done,
            "width": bars(100 * done / state.expected),
        }
        row["submission_id"] = state.live_id or state.accepted_id
        # Accepted figures stand, but their correction is what is to be done.
        row["name"] = live.status if live and state.state == "accepted" else state.state
        row["look"], row["shape"], row["word"] = LOOKS[row["name"]]
        row["draft"] = state.live_status == "draft"
        sent = there.get(state.accepted_id or state.live_id or 0)
        row["by"] = sent.submitted_by_name if sent else ""
        rows.append(row)
    return sorted(rows, key=lambda row: URGENCY.index(row["name"]))


def _under_way(month: date) -> list[tuple[Any, ...]]:
    """What is a draft, returned or waiting in other months, with its look, the most urgent first. One statement."""
    found = Submission.objects.filter(status__in=LIVE).exclude(month=month).select_related("contract__vendor")
    return [(one, *LOOKS[one.status]) for one in sorted(found, key=lambda one: (URGENCY.index(one.status), one.month))]


def _of_contract(request: HttpRequest, contract: Contract) -> HttpResponse:
    """The revisions of one contract, newest first."""
    found = Submission.objects.filter(contract=contract).order_by("-month", "-revision")
    member: Any = request.membership  # type: ignore[attr-defined]
    rows = [(one, *LOOKS[one.status], "" if one.is_closed_to(member) else one.reason) for one in found]
    context = {
        "contract": contract,
        "revisions": rows,
        "may_import": member.may("figures.import"),
    }
    return render_part(request, "measurements/contract_submissions.html", "submissions", context)


# Figures by file ---------------------------------------------------------------------------------------------------


@require_safe
@allows("figures.import")
def figures_template(request: HttpRequest, organisation: str, contract_id: int) -> HttpResponse:
    """A CSV to fill in for ?month=2026-10, the one that is asked for where none is said. With a byte order mark, for Excel."""
    contract = get_object_or_404(Contract, pk=contract_id)
    given = request.GET.get("month", "")
    month = months.month_of(given) if given else _asked_month(contract)
    if month is None:
        raise Http404("No such month.")
    response = HttpResponse("\ufeff" + template(contract, month), content_type="text/csv; charset=utf-8")
    name = "".join(letter if letter.isalnum() else "-" for letter in contract.reference.lower())
    response["Content-Disposition"] = f'attachment; filename="{name}-{month:%Y-%m}.csv"'
    return response


def _asked_month(contract: Contract) -> date:
    """The month whose figures are asked for: the last one that is over; the running one where nothing of that is left to report."""
    today = timezone.localdate(timezone=ZoneInfo(contract.timezone))
    running = today.replace(day=1)
    over = months.after(running, -1)
    if month_state([contract], over, today)[contract.pk].state not in ("", "submitted", "accepted"):
        return over
    return running if month_state([contract], running, today)[contract.pk].expected else over


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
        rows = _read(contract, file.read(), name)
    except BadFigures as bad:
        return _wrong(request, contract, name, bad.problems)
    return _show(request, contract, rows, name)


def _choose(request: HttpRequest, contract: Contract, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    context = {"contract": contract, "form": form, "month": _asked_month(contract), **more}
    return render_part(request, IMPORT, "figures", context, status)


def _wrong(request: HttpRequest, contract: Contract, name: str, problems: list[FigureProblem]) -> HttpResponse:
    """What is wrong with a file, and the form for another one."""
    return _choose(request, contract, FiguresFileForm(), 422, problems=problems, filename=name)


def _read(contract: Contract, source: bytes, name: str) -> list[FigureRow]:
    """The rows of a file; BadFigures also where there are none."""
    rows = figures_file.read(source, name, stored_expectations(contract))
    if not rows:
        none = "there are no figures in it; add a line for each figure below the header"
        raise BadFigures([FigureProblem(None, "", none)])
    return rows


def _show(
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
        rows = _read(contract, source, "")  # whatever the file was: its rows are carried as CSV
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
        return _show(request, contract, rows, name, refused.status, **said)
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


# Figures by hand ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures_enter(request: HttpRequest, organisation: str, contract_id: int) -> HttpResponse:
    """GET: a month's figures to fill in, `?period=2026-10`. POST: what they would change, as for a file; nothing is saved."""
    member: Any = request.membership  # type: ignore[attr-defined]
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    given = request.GET.get("period", "")
    month = months.month_of(given) if given else _asked_month(contract)
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
    return _show(request, contract, rows, "", sheet=sheet)


def _enter(request: HttpRequest, contract: Contract, sheet: EntrySheet, status: int = 200) -> HttpResponse:
    today = timezone.localdate(timezone=ZoneInfo(contract.timezone)).replace(day=1)
    first = contract.starts_on.replace(day=1)
    context = {
        "contract": contract,
        "sheet": sheet,
        "period": months.stepper(sheet.month, first=first, last=min(today, contract.ends_on.replace(day=1))),
        "former": months.after(sheet.month, -1),
        "nothing": status == 422 and not sheet.filled,
    }
    return render_part(request, ENTRY, "entry", context, status)
