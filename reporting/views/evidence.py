"""Evidence of a submission: attached, removed, downloaded."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from files.serving import file_answer
from lib.errors import Refused, RuleBroken
from lib.posts import posted_from
from measurements import actions
from measurements.models import Evidence, Submission
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.forms import EvidenceForm
from reporting.views.submission import acted, decide, evidence_of_month, find, refuse, show


def find_evidence(pk: int) -> Evidence:
    """404 where it is not in scope, or its file is not there yet."""
    return get_object_or_404(Evidence.objects.shown().select_related("submission"), pk=pk)


def submission_of(request: HttpRequest, organisation: str, evidence_id: int) -> str:
    """The page that evidence is removed on."""
    return reverse("submission", args=[organisation, find_evidence(evidence_id).submission_id])


@posted_from("submission")
@allows("submission.submit")
def attach(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    member = request.membership
    row = find(submission_id)
    form = EvidenceForm(row, row.contract.service_levels.all(), evidence_of_month(row), request.POST, request.FILES)
    if not form.is_valid():
        return show(request, row, 422, evidence_form=form)
    given = form.cleaned_data
    try:
        actions.attach(by=member, submission=row, files=given.pop("attachments"), **given)
    except RuleBroken as refused:  # it is about the file: said where another one is chosen
        form.add_error("attachments", refused.sentence)
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


@posted_from(submission_of)
@allows("submission.submit")
def answer(request: MemberRequest, organisation: str, evidence_id: int) -> HttpResponse:
    """Why evidence is right that was evidence elsewhere."""
    member, said = request.membership, request.POST.get("answer", "")[:500]
    evidence = find_evidence(evidence_id)

    def act(one: Submission) -> Submission:
        actions.answer_about(by=member, evidence=evidence, answer=said)
        return one

    return decide(request, find(evidence.submission_id), act, "Answer kept")


@require_safe
@allows("submission.view")
def download(request: MemberRequest, organisation: str, evidence_id: int) -> HttpResponseBase:
    """To be saved; with `?show` a picture or a PDF to be looked at."""
    evidence = find_evidence(evidence_id)
    if evidence.submission.is_closed_to(request.membership):
        raise Http404("Not submitted yet.")
    return file_answer(evidence, shown="show" in request.GET)
