"""The client's side decides: what waits, and one revision with what it changes and what it would have meant."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements.actions import approvals as approvals_of
from agreements.actions import approve, comment, send_back
from agreements.forms.revisions import CommentForm, DecideForm
from agreements.models import BulkRevision, BulkRevisionContract, Revision, RevisionEdition
from agreements.pages.impact import impact_page
from agreements.pages.revision import changed_fields, history
from agreements.pages.term import term_of
from agreements.rules import BulkStatus, Status, day_come
from agreements.views.revisions import find, head
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "agreements/approval.html"


@require_safe
@allows("revision.approve")
def approvals(request: MemberRequest, organisation: str) -> HttpResponse:
    """What waits for the reader, the oldest first; what they wrote themselves stands apart, with who decides. Of a bulk revision it is
    one line: it is decided on as one."""
    member = request.membership
    waiting = RevisionEdition.objects.filter(revision__status=Status.SUBMITTED, number=F("revision__edition"))
    together = BulkRevisionContract.objects.filter(
        bulk_revision__status=BulkStatus.SUBMITTED, edition=OuterRef("number")
    )
    waiting = waiting.exclude(Exists(together.filter(revision=OuterRef("revision"))))
    bulks = BulkRevision.objects.filter(status=BulkStatus.SUBMITTED).annotate(
        contracts=Count("parts", filter=Q(parts__revision__status=Status.SUBMITTED))
    )
    waiting = waiting.select_related("revision__contract__vendor").defer("document", "base").order_by("at", "pk")
    mine: list[RevisionEdition] = []
    others: list[RevisionEdition] = []
    for edition in waiting:
        (mine if member.user_id in edition.writers else others).append(edition)
    context: dict[str, Any] = {"others": others, "mine": mine, "bulks": [], "my_bulks": []}
    for bulk in bulks.order_by("submitted_at", "pk"):
        context["my_bulks" if member.user_id in bulk.writers else "bulks"].append(bulk)
    context["waiting"] = len(others) + len(context["bulks"])
    return render_part(request, "agreements/approvals.html", "approvals", context)


@require_safe
@allows("revision.view")
def approval(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """What was submitted, with its impact as it was seen then, and the decision where it waits for the reader."""
    found = find(revision_id, request.membership)
    if request.membership.is_vendor:
        return redirect("revision-consent", organisation, found.pk)
    return _approval(request, found, DecideForm(), CommentForm())


@posted_from("revision-approval")
@allows("revision.approve")
def decide(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """Approve it or send it back. 409 where something has changed since it was looked at."""
    member = request.membership
    found, form = find(revision_id, member), DecideForm(request.POST)
    if not form.is_valid():
        return _approval(request, found, form, CommentForm(), 422)
    given: dict[str, Any] = {"by": member, "revision": found, "edition": seen_version(request, "edition") or 0}
    given["seen"] = seen_version(request)
    try:
        if form.cleaned_data["decision"] == DecideForm.APPROVE:
            approve(**given)
        else:
            send_back(**given, reason=form.cleaned_data["reason"])
    except Refused as refused:
        again = find(revision_id, member)
        return _approval(request, again, form, CommentForm(), refused.status, refused=refused)
    wake_workers(member.organisation_id)
    messages.success(request, "Approved" if form.cleaned_data["decision"] == DecideForm.APPROVE else "Sent back")
    return redirect("revision-approval", organisation, found.pk)


@posted_from("revision-approval")
@allows("revision.note")
def say(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """A comment that the vendor never reads."""
    found, form = find(revision_id, request.membership), CommentForm(request.POST)
    if not form.is_valid():
        return _approval(request, found, DecideForm(), form, 422)
    comment(by=request.membership, revision=found, text=form.cleaned_data["text"])
    return redirect("revision-approval", organisation, found.pk)


def _approval(
    request: MemberRequest, found: Revision, form: DecideForm, words: CommentForm, status: int = 200, **more: Any
) -> HttpResponse:
    member, edition = request.membership, found.current_edition
    waits = found.status == Status.SUBMITTED and edition is not None
    own = edition is not None and member.user_id in edition.writers
    given = approvals_of(found) if edition is not None else []
    part = BulkRevisionContract.objects.filter(revision=found).select_related("bulk_revision").first()
    bulk = part.bulk_revision if part else None
    together = bulk if part and bulk and (part.edition, bulk.status) == (found.edition, BulkStatus.SUBMITTED) else None
    context = {
        **head(found, "revision-approval", member),
        "together": together,
        "bulk": bulk,
        "edition": edition,
        "changes": changed_fields(edition.base, edition.document) if edition else [],
        "approvals": given,
        "waits": waits,
        "own": own,
        "has_approved": any(one.person == member.user_id for one in given),
        "day_come": edition
        and not edition.dated_back
        and day_come(edition.effective_on, found.contract.day(timezone.now())),
        "may_decide": waits and not own and together is None and member.may("revision.approve"),
        "may_note": member.may("revision.note"),
        "form": form,
        "words": words,
        "history": history(found.steps.all()),
        **(impact_page(edition.impact) if edition and edition.impact else {}),
        **term_of(found, edition),
        "files": found.files.shown(),
        **more,
    }
    return render_part(request, PAGE, "approval", context, status)
