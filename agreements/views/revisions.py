"""Revisions in the browser: the list, starting one, its terms as a file, its reason, and taking it back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from agreements import exports
from agreements.actions import (
    bring_into_force,
    bring_up_to_date,
    examine_draft,
    is_live,
    reopen,
    save_draft,
    send,
    set_new_day,
    start_revision,
    submit,
    take_over,
    withdraw,
)
from agreements.forms.documents import DocumentsForm
from agreements.forms.revisions import DocumentForm, NewDayForm, ReasonForm, StartForm
from agreements.models import Revision, RevisionEdition
from agreements.pages.revision import LOOKS, NEXT, Row, changed_fields, history, row, wizard
from agreements.rules import GIVEN_UP, ON_THE_WAY, STEPS, TAKEN_UP, Status, day_come
from contracts.mine import owner_filter
from contracts.models import Contract
from contracts.rules import FileRefused
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.tables import CHUNK, Export
from lib.wakeup import wake_workers
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest

SHOWN = 30
ENDED = (Status.DECLINED, Status.WITHDRAWN, Status.LAPSED, Status.SUPERSEDED)
# What a chip shows: what waits for the vendor's answer and what came back of it stand together.
GROUPS = {status: (status,) for status in STEPS} | {Status.WITH_VENDOR: (Status.WITH_VENDOR, Status.COUNTERED)}


@require_safe
@allows("revision.view")
def revisions(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?step=with_vendor&contract=7&owner=all`. Six statements; vendors' people see what was sent to them."""
    member, step, of = request.membership, request.GET.get("step", ""), request.GET.get("contract", "")
    owner = owner_filter(request.GET.get("owner", ""), member, timezone.now())
    found = owner.of(Revision.objects.all(), "contract_id")
    contract = None
    if (asked := whole(of, 9)) is not None:
        contract = get_object_or_404(Contract, pk=asked)
        found = Revision.objects.filter(contract=contract)
    counts = dict(found.order_by().values_list("status").annotate(count=Count("pk")))
    shown = found.filter(status__in=GROUPS[Status(step)]) if step in GROUPS else found
    others = {name: value for name, value in (("contract", of), ("step", step)) if value}
    kept = {**others, **owner.kept}
    listed = _listed(shown, member)
    export = Export.asked("revisions", exports.REVISIONS, request.GET, kept)
    if export:
        return export.answer(lambda: (_row(one, member) for one in listed.iterator(CHUNK)), shown.count())
    page = Paginator(listed, SHOWN).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "export": export,
        "rows": [_row(one, member) for one in page.object_list],
        "steps": [
            (one, Status(one).label, sum(counts.get(status, 0) for status in GROUPS[one]), one == step) for one in STEPS
        ],
        "step": step if step in GROUPS else "",
        "kept": urlencode({name: value for name, value in kept.items() if name != "step"}),
        "contract": contract,
        "owner": owner,
        "owners": owner.choices(others),
        "open": sum(count for status, count in counts.items() if status not in (*ENDED, Status.IN_FORCE)),
        "may_approve": member.may("revision.approve"),
        "query": "".join(f"{urlencode({name: value})}&" for name, value in kept.items()),
    }
    return render_part(request, "agreements/revisions.html", "revisions", context)


def _row(revision: Revision, member: Membership) -> Row:
    return row(revision, None if member.is_vendor else revision.draft, list(revision.editions.all()))


def _listed(found: Any, member: Membership) -> Any:
    """Without the files, which may be long."""
    editions = RevisionEdition.objects.defer("document", "base").order_by("number")
    found = found.select_related("contract__vendor").order_by("-created_at", "-pk")
    if not member.is_vendor:
        found = found.select_related("draft").defer("draft__document", "draft__base")
    return found.prefetch_related(Prefetch("editions", editions))


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def revise(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """Begin a revision of a contract; whoever has a draft of it already is named."""
    contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)
    there = Revision.objects.filter(contract=contract, status=Status.DRAFT).select_related("draft").first()
    form = StartForm(request.POST or None)
    context: dict[str, Any] = {"contract": contract, "there": there, "form": form}
    if request.method != "POST":
        return render_part(request, "agreements/revise.html", "revise", context)
    if not form.is_valid():
        return render_part(request, "agreements/revise.html", "revise", context, 422)
    given = form.cleaned_data
    try:
        made = start_revision(by=request.membership, contract=contract, title=given["title"], beside=given["beside"])
    except Refused as refused:
        return render_part(
            request, "agreements/revise.html", "revise", context | {"refused": refused.sentence}, refused.status
        )
    return redirect("revision", organisation, made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.view")
def revision(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """Its terms: of a draft to be written, else as they were submitted. The vendor's people are led to what they are asked."""
    member = request.membership
    if member.is_vendor:
        return redirect("revision-consent", organisation, find(revision_id, member).pk)
    found = find(revision_id, member)
    if request.method != "POST":
        return _terms(request, found, _file_form(found))
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _terms(request, found, form, 422)
    source = form.cleaned_data["source"]
    try:
        save_draft(by=member, revision=found, version=seen_version(request) or 0, document=source)
    except Refused as refused:
        typed = DocumentForm(initial={"source": source})
        return _terms(request, found, typed, refused.status, refused=refused.sentence, conflict=refused.status == 409)
    messages.success(request, "Draft saved")
    return redirect("revision", organisation, found.pk)


def _terms(request: MemberRequest, found: Revision, form: DocumentForm, status: int = 200, **more: Any) -> HttpResponse:
    is_draft = found.status == Status.DRAFT
    source = found.draft if is_draft else found.current_edition or found.draft
    problems: Any = []
    new_end = None if is_draft else getattr(source, "new_end", None)
    if is_draft:
        try:
            new_end = examine_draft(found.contract, source.base, source.document, timezone.now()).new_end
        except FileRefused as refused:
            problems = refused.problems
    context = {
        **head(found, "revision", request.membership),
        "source": source,
        "is_draft": is_draft,
        "may_write": is_draft and request.membership.may("revision.draft"),
        "changes": [] if problems else changed_fields(source.base, source.document),
        "problems": problems,
        "new_end": new_end,
        "moved_on": is_draft and source.base_version != found.contract.version,
        "form": form,
        "history": history(found.steps.all()),
        **more,
    }
    return render_part(request, "agreements/revision.html", "revision", context, status)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.view")
def reason(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """Why it is proposed. `submit` hands it over to whoever approves it."""
    member = request.membership
    found = find(revision_id, member)
    if member.is_vendor:
        return redirect("revision-consent", organisation, found.pk)
    if request.method != "POST":
        return show_reason(request, found)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _reason(request, found, form, 422)
    given = form.cleaned_data
    try:
        saved = save_draft(
            by=member,
            revision=found,
            version=seen_version(request) or 0,
            title=given["title"],
            reason=given["reason"],
        )
        if "force" in request.POST:
            bring_into_force(by=member, revision=found, version=saved.version)
        elif "submit" in request.POST:
            submit(by=member, revision=found, version=saved.version, date_back=given["date_back"])
    except FileRefused as refused:
        return _reason(request, find(revision_id, member), form, 422, problems=refused.problems)
    except Refused as refused:
        again = find(revision_id, member)
        return _reason(
            request, again, form, refused.status, refused=refused.sentence, conflict=refused.code == "version"
        )
    if "force" in request.POST:
        wake_workers(member.organisation_id)
        messages.success(request, f"{found.contract.reference} is in force")
        return redirect("contract", organisation, found.contract_id)
    if "submit" not in request.POST:
        messages.success(request, "Draft saved")
        return redirect("revision-reason", organisation, found.pk)
    wake_workers(member.organisation_id)
    messages.success(request, "Submitted")
    return redirect("revision-approval", organisation, found.pk)


def show_reason(request: MemberRequest, found: Revision, status: int = 200, **more: Any) -> HttpResponse:
    """The page with what is saved; `more` may bring another of its forms back as it was filled in."""
    first = {"title": found.draft.title, "reason": found.draft.reason}
    return _reason(request, found, ReasonForm(initial=first), status, **more)


def _reason(request: MemberRequest, found: Revision, form: ReasonForm, status: int = 200, **more: Any) -> HttpResponse:
    is_draft, member = found.status == Status.DRAFT, request.membership
    source = found.draft if is_draft else found.current_edition or found.draft
    context = {
        **head(found, "revision-reason", member),
        "form": form,
        "source": source,
        "files": found.files.shown(),
        "documents": DocumentsForm(),
        "is_draft": is_draft,
        "may_write": is_draft and member.may("revision.draft"),
        "may_force": is_draft and member.may("contract.import") and not is_live(found.contract),
        "may_date_back": member.may("revision.date_back"),
        "begun": day_come(source.effective_on, found.contract.day(timezone.now())),
        **more,
    }
    return render_part(request, "agreements/reason.html", "reason", context, status)


def _file_form(found: Revision) -> DocumentForm:
    return DocumentForm(initial={"source": found.draft.document})


ACTS: dict[str, tuple[Callable[..., Revision], str]] = {
    "withdraw": (withdraw, "Withdrawn"),
    "reopen": (reopen, "Back in the draft"),
    "take": (lambda **given: reopen(**given, take_theirs=True), "The vendor’s terms are in the draft"),
    "take_over": (take_over, "The draft is yours to finish"),
    "new_day": (set_new_day, "It begins on the new day: look at it, then submit it again"),
    "rebase": (bring_up_to_date, "Brought up to date: look at it again"),
    "send": (send, "Sent to the vendor"),
}


@posted_from("revision")
@allows("revision.draft")
def act(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """Withdraw it with a reason, take it up again, or send what is approved; `do` says which."""
    member = request.membership
    found = find(revision_id, member)
    done = request.POST.get("do", "")
    if done not in ACTS:
        return redirect("revision", organisation, found.pk)
    action, said = ACTS[done]
    given: dict[str, Any] = {"reason": request.POST.get("reason", "")} if done == "withdraw" else {}
    if done == "new_day":
        form = NewDayForm(request.POST)
        if not form.is_valid():
            return _terms(request, found, _file_form(found), 422, refused="Choose the new first day.")
        given = {"day": form.cleaned_data["day"]}
    try:
        action(by=member, revision=found, seen=seen_version(request), **given)
    except FileRefused as refused:
        again = find(revision_id, member)
        return _terms(request, again, _file_form(again), 422, refused=refused.sentence)
    except Refused as refused:
        again = find(revision_id, member)
        return _terms(request, again, _file_form(again), refused.status, refused=refused.sentence)
    wake_workers(member.organisation_id)
    messages.success(request, said)
    return redirect("revision", organisation, found.pk)


def find(pk: int, member: Membership) -> Revision:
    """The vendor's people do not see drafts: for them they are not joined."""
    found = Revision.objects.select_related("contract__vendor")
    revision: Revision = get_object_or_404(found if member.is_vendor else found.select_related("draft"), pk=pk)
    return revision


def _needs_day(found: Revision, member: Membership) -> bool:
    """Whether its day came before everybody had agreed, or is about to: it does not take effect late."""
    if (
        member.is_vendor
        or not member.may("revision.draft")
        or found.status not in (Status.DRAFT, Status.LAPSED, *ON_THE_WAY)
    ):
        return False
    day = found.draft.effective_on
    return found.status == Status.LAPSED or day_come(day, found.contract.day(timezone.now())) is not None


def head(found: Revision, here: str, member: Membership) -> dict[str, Any]:
    """What the head of each of its pages says."""
    return {
        "revision": found,
        "contract": found.contract,
        "look": LOOKS[Status(found.status)],
        "next": NEXT.get(Status(found.status), ""),
        "wizard": wizard(found, here),
        "may_draft": member.may("revision.draft"),
        "may_reopen": found.status in TAKEN_UP,
        "new_day": NewDayForm() if _needs_day(found, member) else None,
        "may_withdraw": found.status in GIVEN_UP,
        "is_countered": found.status == Status.COUNTERED,
        "is_approved": found.status == Status.APPROVED,
    }
