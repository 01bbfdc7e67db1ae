"""The rest of a month through the API: corrected, cleared, its receipt; accepted and returned by the client's people, who are no keys."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.attached import BINARY
from api.endpoints import body, endpoint
from api.hearings import SeenIn
from api.serializers import SubmissionOut
from api.submissions import EvidenceOut, SubmissionWithFigures, find_submission, month_in, with_figures
from contracts.models import Contract, Period
from lib.wakeup import wake_workers
from measurements import actions
from measurements.models import Evidence, Submission
from organisations.requests import MemberRequest
from reporting.pages.receipt_document import receipt_file
from slas.models import ServiceLevel

LONGEST_REASON = 2000


class CorrectionIn(serializers.Serializer):
    month = serializers.CharField(max_length=7, help_text="2024-04")
    reason = serializers.CharField(max_length=LONGEST_REASON)


class EvidenceAnswerIn(serializers.Serializer):
    answer = serializers.CharField(max_length=500)


class SlotIn(serializers.Serializer):
    """A figure of a submission: all of its parts."""

    service_level = serializers.CharField(max_length=40)
    period = serializers.DateField(help_text="First day of the period")


class ReturnedIn(SlotIn):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ReturnIn(SeenIn):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ReviewIn(SeenIn):
    accepted = SlotIn(many=True, required=False, default=list)
    returned = ReturnedIn(many=True, required=False, default=list)


def _answer(request: Request, found: Submission, status: int = 200) -> Response:
    wake_workers(request.membership.organisation_id)
    return Response(SubmissionWithFigures(with_figures(found)).data, status=status)


@endpoint("POST", "submission.submit", takes=CorrectionIn, answers={201: SubmissionWithFigures})
def correct(request: Request, organisation: str, contract_id: int) -> Response:
    """A new draft that holds a month's accepted figures, to be changed by rows of figures and submitted."""
    found, given = get_object_or_404(Contract, pk=contract_id), body(CorrectionIn, request)
    made = actions.start_correction(
        by=request.membership, contract=found, month=month_in(given["month"]), reason=given["reason"]
    )
    return _answer(request, made, 201)


@endpoint("POST", "figures.import", takes=SlotIn, answers=SubmissionWithFigures)
def clear(request: Request, organisation: str, contract_id: int) -> Response:
    """Take the figures of one service level and period out of a draft, as if they had not been reported."""
    found, given = get_object_or_404(Contract, pk=contract_id), body(SlotIn, request)
    level = get_object_or_404(found.service_levels, code=given["service_level"])
    period = get_object_or_404(found.periods, cycle=level.cycle, starts_on=given["period"])
    left = actions.clear_figures(
        by=request.membership, contract=found, month=period.month, slot=(level.pk, period.pk), seen=None
    )
    return _answer(request, left)


@endpoint("GET", "submission.view", answers=BINARY)
def receipt(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponseBase:
    """The receipt of figures that were submitted, as PDF."""
    member, found = request.membership, find_submission(request, submission_id)
    made = receipt_file(found, client=member.organisation.name, accept_after=member.house.accept_after)
    if made is None:
        raise Http404("There is no receipt of these figures.")
    answer = HttpResponse(made.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer


@endpoint("POST", "submission.submit", takes=EvidenceAnswerIn, answers=EvidenceOut)
def answer_about(request: Request, organisation: str, evidence_id: int) -> Response:
    """Why a file is right evidence although it was evidence elsewhere."""
    found = get_object_or_404(Evidence.objects.shown().select_related("submission", "service_level"), pk=evidence_id)
    find_submission(request, found.submission_id)
    actions.answer_about(by=request.membership, evidence=found, answer=body(EvidenceAnswerIn, request)["answer"])
    return Response(EvidenceOut(found).data)


@endpoint("POST", "submission.decide", takes=SeenIn, answers=SubmissionOut)
def accept(request: Request, organisation: str, submission_id: int) -> Response:
    """Accept all of it."""
    found = find_submission(request, submission_id)
    actions.accept(by=request.membership, submission=found, seen=body(SeenIn, request)["version"])
    wake_workers(request.membership.organisation_id)
    return Response(SubmissionOut(found).data)


@endpoint("POST", "submission.decide", takes=ReturnIn, answers=SubmissionOut)
def return_(request: Request, organisation: str, submission_id: int) -> Response:
    """Return all of it with the reason."""
    found, given = find_submission(request, submission_id), body(ReturnIn, request)
    actions.return_(by=request.membership, submission=found, reason=given["reason"], seen=given["version"])
    wake_workers(request.membership.organisation_id)
    return Response(SubmissionOut(found).data)


@endpoint("POST", "submission.decide", takes=ReviewIn, answers=SubmissionWithFigures)
def review(request: Request, organisation: str, submission_id: int) -> Response:
    """Accept some figures and return others, each with its reason; what is neither waits on. Where some are returned, each of the others is
    accepted."""
    found, given = find_submission(request, submission_id), body(ReviewIn, request)
    slots = _slots(found, [*given["accepted"], *given["returned"]])
    accepted = slots[: len(given["accepted"])]
    returned = dict(zip(slots[len(accepted) :], (one["reason"] for one in given["returned"]), strict=True))
    done = actions.review(
        by=request.membership, submission=found, accepted=accepted, returned=returned, seen=given["version"]
    )
    return _answer(request, done)


def _slots(of: Submission, given: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Service level and period of each; ValidationError where the contract has no such figure in the month. Two statements."""
    levels = {level.code: level for level in ServiceLevel.objects.filter(contract=of.contract_id)}
    periods = Period.objects.filter(contract=of.contract_id, month=of.month)
    known = {(period.cycle, period.starts_on): period.pk for period in periods}
    found = []
    for one in given:
        level = levels.get(one["service_level"])
        period = known.get((level.cycle, one["period"])) if level else None
        if level is None or period is None:
            what = f"{one['service_level']}, {one['period']}"
            raise ValidationError({"service_level": f"{what}: this month has no such figure."})
        found.append((level.pk, period))
    return found
