"""Evidence of a submission: attached, removed, downloaded."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from lib.errors import Gone, Refused, RuleBroken
from lib.posts import posted_from
from lib.wakeup import VERIFY_EVIDENCE, call_at_once
from measurements import actions
from measurements.evidence_types import kind_of
from measurements.models import Evidence, Submission
from measurements.rules import EvidenceState
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.forms import EvidenceForm
from reporting.views.submission import acted, decide, find, refuse, show


def find_evidence(pk: int) -> Evidence:
    """404 where it is not in scope, or its file is not there yet."""
    return get_object_or_404(Evidence.objects.select_related("submission"), pk=pk, state=EvidenceState.STORED)


def submission_of(request: HttpRequest, organisation: str, evidence_id: int) -> str:
    """The page that evidence is removed on."""
    return reverse("submission", args=[organisation, find_evidence(evidence_id).submission_id])


@posted_from("submission")
@allows("submission.submit")
def attach(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    member = request.membership
    row = find(submission_id)
    form = EvidenceForm(row.contract.service_levels.all(), None, request.POST, request.FILES)
    if not form.is_valid():
        return show(request, row, 422, evidence_form=form)
    given = form.cleaned_data
    try:
        actions.attach(by=member, submission=row, name=given["file"].name, **given)
    except RuleBroken as refused:  # it is about the file: said where another one is chosen
        form.add_error("file", refused.sentence)
        return show(request, row, refused.status, evidence_form=form)
    except Refused as refused:
        return refuse(request, row, refused, evidence_form=form)
    return acted(request, row, "Evidence attached")


@posted_from(submission_of)
@allows("submission.submit")
def remove(request: MemberRequest, organisation: str, evidence_id: int) -> HttpResponse:
    member = request.membership
    evidence = find_evidence(evidence_id)

    def act(one: Submission) -> Submission:
        actions.remove(by=member, evidence=evidence)
        return one

    return decide(request, find(evidence.submission_id), act, "Evidence removed")


@require_safe
@allows("submission.view")
def download(request: MemberRequest, organisation: str, evidence_id: int) -> HttpResponseBase:
    """To be saved, never to be shown here: somebody else wrote it."""
    evidence = find_evidence(evidence_id)
    if evidence.submission.is_closed_to(request.membership):
        raise Http404("Not submitted yet.")
    kind = kind_of(evidence.name)
    try:
        file = actions.open_as_attached(evidence=evidence)
    except Gone:
        call_at_once(VERIFY_EVIDENCE, evidence.organisation_id, evidence.pk)  # this answer takes back what it writes
        raise
    response = FileResponse(
        file,
        as_attachment=True,
        filename=evidence.name,
        content_type=kind.content_type if kind else "application/octet-stream",
    )
    response["Content-Security-Policy"] = "sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
