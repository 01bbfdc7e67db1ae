"""One submission: what was reported, what came of it, and the decision.

What is decided is done by `measurements/actions/submissions.py` and `review.py`, and judged by the workers (`config/tasks.py`).
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_safe

from breaches.rules.consequences import FOLLOWS
from disputes.pages.marks import NO_MARK, marks
from files.rules import FileState
from lib.charts import bars
from lib.errors import Refused
from lib.htmx import done, render_part, seen_version, toast
from lib.posts import posted_from
from lib.tables import Export
from lib.templatetags.dates import format_day
from lib.wakeup import wake_workers
from measurements import actions
from measurements.models import Evidence, Submission
from measurements.rules import LIVE, OPEN, Status
from measurements.wording import STATES, describe_steps
from organisations.access import allows
from organisations.actions import is_own
from organisations.models import Membership
from organisations.requests import MemberRequest
from reporting import exports
from reporting.forms import EvidenceForm, ReturnForm, SubmitForm
from reporting.pages.handing_over import decide_by_of, describe_time_left, receipt_of, stages
from reporting.pages.submission_sheet import Sheet, Trigger, sheet_of
from reporting.querysets import MonthReport, first_sent_at, month_report, submission_with_contract

PAGE = "reporting/submission.html"
CLOSED = "reporting/closed.html"
RETURN = "reporting/return.html"
CHANGED = "submission-changed"
ASKS_FOR = timedelta(minutes=10)


def find(pk: int) -> Submission:
    """The submission with its contract and vendor, and of whom the person is who submitted it; 404 where it is not in scope."""
    found = submission_with_contract(pk)
    if found is None:
        raise Http404("No such submission.")
    return found


@require_safe
@allows("submission.view")
def submission(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponseBase:
    row = find(submission_id)
    export = figures_export(request, row)
    if export and not row.is_closed_to(request.membership):
        sheet = sheet_of(row, month_report(row), as_of=row.contract.day(timezone.now()))
        lines = [(group, one, row.status in LIVE) for group in sheet.groups for one in group.rows]
        return export.answer(lambda: lines, len(lines))
    return show(request, row)


def figures_export(request: MemberRequest, row: Submission) -> Export:
    return Export.asked(f"figures-{row.contract.reference}-{row.month:%Y-%m}", exports.FIGURES, request.GET, {})


def show(request: MemberRequest, row: Submission, status: int = 200, **more: Any) -> HttpResponse:
    """The page, or its part, after whatever happened to it."""
    member = request.membership
    look, shape, word = STATES[row.status]
    found = month_report(row)
    context = {
        "submission": row,
        "export": figures_export(request, row),
        "contract": row.contract,
        "state": {"look": look, "shape": shape, "word": word},
        "history": describe_steps(found.steps),
        **more,
    }
    if row.is_closed_to(member):
        return render_part(request, CLOSED, "submission", context, status)
    return render_part(
        request, PAGE, "submission", _told(row, found, member, more.get("typed") or {}) | context, status
    )


def _told(row: Submission, found: MonthReport, member: Membership, typed: Mapping[str, str]) -> dict[str, Any]:
    """What stands on the page for somebody who may see the figures."""
    now = timezone.now()
    today = row.contract.day(now)
    sheet = sheet_of(row, found, as_of=today)
    asked = marks(row.contract_id, [row.month])
    for one in sheet.rows:
        one.mark = asked.get((one.level.pk, one.period.starts_on), NO_MARK)
        one.typed = typed.get(one.key, "")
    open_for_vendor = row.status in OPEN
    decides = row.status == Status.SUBMITTED and member.may("submission.decide")
    own = decides and not row.by_vendor and is_own(member, row.submitted_by_id)
    due_on = row.day_of_return or (sheet.due_on if row.revision == 1 else None)
    decide_by = decide_by_of(row, sheet, member.house.accept_after)
    receipt = receipt_of(row, found, sheet.due_on)
    runs_until = _runs_until(row, sheet, today)
    return {
        "receipt": receipt,
        "stages": stages(row, receipt, member.organisation.name, decide_by, found.published_at) if receipt else [],
        "time_left": describe_time_left(now, due_on, row.contract.timezone) if due_on and open_for_vendor else "",
        "runs_until": runs_until,
        "runs_until_said": format_day(runs_until) if runs_until else "",
        "shows_receipt": receipt is not None,
        "adds": row.revision > 1 and not row.reason and row.status != Status.ACCEPTED,
        "triggers": _triggers(sheet, member),
        "sheet_url": f"{reverse('figures-enter', args=[member.organisation.slug, row.contract_id])}?period={row.month:%Y-%m}",
        "today": today,
        "sheet": sheet,
        "may_ask_relief": row.status != Status.SUPERSEDED and member.may("relief.ask"),
        "may_ask_time": row.revision == 1 and member.may("extension.ask"),
        "time_url": reverse("extension-ask", args=[member.organisation.slug, row.contract_id]),
        "decide_by": decide_by,
        "gone_rules": sorted(_gone(sheet)),
        "disputed": any(one.mark.dispute for one in sheet.rows),
        "sheet_waits": row.status == Status.ACCEPTED and not sheet.judged,
        # Work that takes longer than that has other reasons than the queue; a page left open need not ask for ever.
        "sheet_polls": row.decided_at is not None and now - row.decided_at < ASKS_FOR,
        "due_on": due_on,
        "overdue": open_for_vendor and due_on is not None and today > due_on,
        "was_late": row.revision == 1 and sheet.due_on is not None and _came_late(row, found, sheet.due_on),
        "share": bars(100 * sheet.done / len(sheet.rows)) if sheet.rows else "0",
        "revisions": found.revisions,
        "live": row.status in LIVE,
        "may_change": open_for_vendor,
        "may_attach": open_for_vendor and member.may("submission.submit"),
        "accept_after": row.contract.accept_after or member.house.accept_after,
        "may_submit": open_for_vendor and runs_until is None and member.may("submission.submit"),
        "may_decide": decides and not own,
        "may_withdraw": row.status == Status.SUBMITTED
        and member.may("submission.submit")
        and row.submitted_by_id is not None
        and vars(row)["reporters_vendor"] == member.vendor_id,
        "own": own,
        "may_import": row.status not in (Status.SUPERSEDED, Status.SUBMITTED) and member.may("figures.import"),
        # Made where they are shown.
        "form": SimpleLazyObject(lambda: _submit_form(row, member)),
        "evidence_form": SimpleLazyObject(lambda: _evidence_form(row, sheet, found)),
    }


def _evidence_form(row: Submission, sheet: Sheet, found: MonthReport) -> EvidenceForm:
    """Ids of its own after each file, or the one that was chosen last would still stand in the field."""
    there = [one.evidence for one in sheet.evidence if not one.replaced and one.evidence.state == FileState.STORED]
    there += found.earlier_evidence
    prefix = f"evidence-{len(sheet.evidence)}-%s"
    levels = row.contract.service_levels.all()
    return EvidenceForm(row, levels, evidence_of_month(row), known=sheet.levels, named=there, auto_id=prefix)


def evidence_of_month(row: Submission) -> QuerySet[Evidence]:
    """Of its revision and of those before it."""
    of = Evidence.objects.shown().select_related("submission")
    return of.filter(
        submission__contract=row.contract_id, submission__month=row.month, submission__revision__lte=row.revision
    )


def _submit_form(row: Submission, member: Membership, given: QueryDict | None = None) -> SubmitForm:
    side = row.contract.vendor if member.vendor_id else member.organisation
    corrects = bool(row.reason) and row.revision > 1
    return SubmitForm(given, by=member.name, side=side.name, corrects=corrects, initial={"note": row.reason})


def _runs_until(row: Submission, sheet: Sheet, today: date) -> date | None:
    """The last day of the latest period in it, while that runs and the contract does not let it be submitted before."""
    last = max((one.period.ends_on for one in sheet.rows if one.figures), default=None)
    return None if last is None or row.contract.submit_early or today > last else last


def _triggers(sheet: Sheet, member: Membership) -> list[tuple[Trigger, str]]:
    """The rules that would hold, and what follows; of the client's own rights its vendors hear nothing."""
    rules = sheet.prospect.rules if sheet.prospect else ()
    named = [(one, FOLLOWS[one.then]) for one in rules]
    return [(one, then.name) for one, then in named if member.vendor_id is None or then.said_to_vendor]


def _gone(sheet: Sheet) -> set[str]:
    """The rules that hold now and would not after a correction; the database shows vendors those alone that they hear of."""
    would = sheet.prospect
    return set() if would is None or would.stood is None else set(would.stood.rules - {one.rule for one in would.rules})


def _came_late(row: Submission, found: MonthReport, due_on: date) -> bool:
    """Whether figures came after their due day. The first time they were submitted decides, also where they were returned later."""
    if row.submitted_at is None or row.contract.day(row.submitted_at) <= due_on:
        return False
    first = first_sent_at(row, found.steps)
    return first is not None and row.contract.day(first) > due_on


def decide(
    request: MemberRequest, row: Submission, act: Callable[[Submission], Submission], said: str, **more: Any
) -> HttpResponse:
    """Do it and show what has become of the submission; a refusal is said on the page."""
    try:
        row = act(row)
    except Refused as refused:
        return refuse(request, row, refused, **more)
    return acted(request, row, said)


def refuse(request: MemberRequest, row: Submission, refused: Refused, **more: Any) -> HttpResponse:
    """The submission as it is now, and why nothing was done."""
    row = find(row.pk)
    return show(request, row, refused.status, refused=_why(refused, row), **more)


def acted(request: MemberRequest, row: Submission, said: str) -> HttpResponse:
    """What has become of the submission, and what was done, said in a toast or a message."""
    wake_workers(row.organisation_id)
    row = find(row.pk)  # with the version that the next button is to carry
    if request.htmx:
        return toast(show(request, row), said)
    messages.success(request, said)
    return redirect("submission", request.membership.organisation.slug, row.pk)


def _why(refused: Refused, row: Submission) -> str:
    """What a refusal says; where somebody was faster, what has become of the submission, which is shown beside it."""
    if refused.code == "version":
        who = f"{row.saved_by_name} changed these figures" if row.saved_by_name else "These figures were changed"
        return f"{who} after you opened the page. Look at them as they are now, then decide."
    if refused.code != "status":
        return refused.sentence
    return f"Somebody was faster: these figures are {row.get_status_display().lower()} by now."


@posted_from("submission")
@allows("submission.submit")
def submit(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    member = request.membership
    row = find(submission_id)
    form = _submit_form(row, member, request.POST)
    if not form.is_valid():
        return show(request, row, 422, form=form)
    note, seen = form.cleaned_data["note"], seen_version(request)
    return decide(
        request,
        row,
        lambda one: actions.submit(by=member, submission=one, note=note, declared=True, seen=seen),
        f"Figures of {row.month:%B %Y} submitted: {row.reference}",
        form=form,
    )


@posted_from("submission")
@allows("submission.decide")
def accept(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    member = request.membership
    row = find(submission_id)
    said = f"Figures of {row.month:%B %Y} accepted. They are being judged."
    return decide(request, row, lambda one: actions.accept(by=member, submission=one, seen=seen_version(request)), said)


@posted_from("submission")
@allows("submission.decide")
def review(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    """Each figure by itself: `reason-<level>-<period>` returns one; the others that wait are accepted. With `then=clear` those are
    that raise no question, and the rest waits on."""
    member, row = request.membership, find(submission_id)
    if row.is_closed_to(member):
        return show(request, row)
    sheet = sheet_of(row, month_report(row), as_of=None)
    typed = {one.key: request.POST.get(f"reason-{one.key}", "").strip() for one in sheet.waiting}
    clear = request.POST.get("then") == "clear"
    returned = (
        {} if clear else {(one.level.pk, one.period.pk): typed[one.key] for one in sheet.waiting if typed[one.key]}
    )
    taken = sheet.clear if clear else sheet.waiting
    accepted = {(one.level.pk, one.period.pk) for one in taken} - returned.keys()
    seen = seen_version(request)
    words = [f"{len(accepted)} accepted"] if accepted else []
    words += [f"{len(returned)} returned"] if returned else []
    said = f"Figures of {row.month:%B %Y}: {', '.join(words)}"
    return decide(
        request,
        row,
        lambda one: actions.review(by=member, submission=one, accepted=accepted, returned=returned, seen=seen),
        said,
        typed=typed,
    )


@posted_from("submission")
@allows("submission.submit")
def withdraw(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    member = request.membership
    row = find(submission_id)
    said = f"Figures of {row.month:%B %Y} withdrawn. They are a draft again."
    return decide(
        request, row, lambda one: actions.withdraw(by=member, submission=one, seen=seen_version(request)), said
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allows("submission.decide")
def return_(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    """GET: the form, as a page or in the dialog. POST: back to the vendor with the reason."""
    member = request.membership
    row = find(submission_id)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _return_form(request, row, form)
    if not form.is_valid():
        return _return_form(request, row, form, 422)
    try:
        row = actions.return_(by=member, submission=row, reason=form.cleaned_data["reason"], seen=seen_version(request))
    except Refused as refused:
        row = find(row.pk)
        return _return_form(request, row, form, refused.status, refused=_why(refused, row))
    wake_workers(row.organisation_id)
    said = f"Figures of {row.month:%B %Y} returned to {row.contract.vendor.name}"
    if request.htmx:
        return done(said, CHANGED)
    messages.success(request, said)
    return redirect("submission", member.organisation.slug, row.pk)


def _return_form(
    request: MemberRequest, row: Submission, form: ReturnForm, status: int = 200, **more: Any
) -> HttpResponse:
    slug = request.membership.organisation.slug
    context = {"submission": row, "contract": row.contract, "form": form, **more}
    context["back"] = reverse("submission", args=[slug, row.pk])
    return render_part(request, RETURN, {"modal": "return"}, context, status)
