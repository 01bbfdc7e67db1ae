"""What a vendor is asked: what changes for it, why, what it would have meant, and its answer. The client reads the same page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.actions import consent as give_consent
from agreements.actions import counter_propose, decline
from agreements.forms.revisions import AnswerForm
from agreements.models import Revision, RevisionEdition
from agreements.pages.impact import impact_page
from agreements.pages.revision import changed_fields, history
from agreements.pages.term import term_of
from agreements.rules import Status, day_come
from agreements.views.revisions import find, head
from contracts.rules import FileRefused
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "agreements/consent.html"
SAID = {
    AnswerForm.ACCEPT: "Accepted",
    AnswerForm.COUNTER: "Your terms were sent",
    AnswerForm.DECLINE: "Declined",
}


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.view")
def consent(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """The edition that was sent last, or the vendor's own. 409 where another one lies here than was answered."""
    member = request.membership
    found = find(revision_id, member)
    edition = found.editions.filter(shared=True).order_by("-number").first()
    if request.method != "POST":
        first = {"source": edition.document} if edition else {}
        return _page(request, found, edition, AnswerForm(initial=first))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, edition, form, 422)
    answer, why = form.cleaned_data["answer"], form.cleaned_data["reason"]
    given: dict[str, Any] = {"by": member, "revision": found, "edition": seen_version(request, "edition") or 0}
    given["seen"] = seen_version(request)
    try:
        if answer == AnswerForm.ACCEPT:
            give_consent(**given)
        elif answer == AnswerForm.DECLINE:
            decline(**given, reason=why)
        else:
            counter_propose(**given, document=form.cleaned_data["source"], reason=why)
    except FileRefused as refused:
        return _page(request, find(revision_id, member), edition, form, 422, problems=refused.problems)
    except Refused as refused:
        again = find(revision_id, member)
        latest = again.editions.filter(shared=True).order_by("-number").first()
        return _page(request, again, latest, form, refused.status, refused=refused)
    wake_workers(member.organisation_id)
    messages.success(request, SAID[answer])
    return redirect("revision-consent", organisation, found.pk)


def _page(
    request: MemberRequest,
    found: Revision,
    edition: RevisionEdition | None,
    form: AnswerForm,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    member = request.membership
    asked = found.status == Status.WITH_VENDOR and edition is not None and edition.number == found.edition
    before = found.editions.filter(shared=True, number__lt=edition.number).last() if edition else None
    context = {
        **head(found, "revision-consent", member),
        "edition": edition,
        "side": "" if edition and edition.from_vendor else member.organisation.name,
        "before": before,
        "changes": changed_fields(edition.base, edition.document) if edition else [],
        "against": changed_fields(before.document, edition.document) if before and edition else [],
        "asked": asked,
        "late": edition
        and not edition.dated_back
        and day_come(edition.effective_on, found.contract.day(timezone.now())),
        "may_answer": asked and member.may("revision.consent"),
        "form": form,
        "history": history(found.steps.all()),
        **(impact_page(edition.impact, to_vendor=member.is_vendor) if edition and edition.impact else {}),
        **term_of(found, edition),
        "files": found.files.shown().filter(edition__lte=edition.number) if edition else [],
        **more,
    }
    return render_part(request, PAGE, "consent", context, status)
