"""Answering breaches through the API: their threads with files, and the vendor's side of corrective plans."""

from typing import Any

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.attached import BINARY, AttachmentsIn, FileOut, files_in
from api.endpoints import body, endpoint, page
from api.serializers import RowOut
from breaches import actions
from breaches.models import Breach, CorrectivePlan, PlanProposal, PlanStep, ThreadEntry, ThreadFile
from breaches.rules.plans import MOST_STEPS, Cause, NewStep
from files.serving import file_answer
from lib.texts import LONGEST_TEXT
from lib.wakeup import wake_workers


class ThreadEntryOut(RowOut):
    files = FileOut(many=True)

    class Meta:
        model = ThreadEntry
        fields = ("id", "kind", "text", "cause", "by_name", "from_vendor", "at", "files")


class SayIn(AttachmentsIn):
    text = serializers.CharField(max_length=LONGEST_TEXT)
    cause = serializers.ChoiceField(
        Cause.choices, required=False, allow_blank=True, default="", help_text="The root cause, as the vendor sees it"
    )


class StepOut(RowOut):
    class Meta:
        model = PlanStep
        fields = ("id", "position", "text", "owner", "due_on")


class ProposalOut(RowOut):
    steps = StepOut(many=True)

    class Meta:
        model = PlanProposal
        fields = ("revision", "cause", "cause_text", "by_name", "at", "steps")


class PlanOut(RowOut):
    breaches = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    contract = serializers.CharField(source="contract.reference")
    proposals = ProposalOut(many=True)

    class Meta:
        model = CorrectivePlan
        fields = (
            "id",
            "contract",
            "status",
            "request",
            "due_on",
            "asked_by_name",
            "decided_revision",
            "decision_reason",
            "verify_after",
            "breaches",
            "proposals",
        )


class StepIn(serializers.Serializer):
    text = serializers.CharField(max_length=300)
    owner = serializers.CharField(max_length=120)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


class ProposeIn(serializers.Serializer):
    cause = serializers.ChoiceField(Cause.choices)
    cause_text = serializers.CharField(max_length=LONGEST_TEXT)
    steps = StepIn(many=True, max_length=MOST_STEPS)
    seen = serializers.IntegerField(min_value=0, help_text="The latest edition as it was read; 0 where there is none")


class ReportIn(AttachmentsIn):
    done = serializers.BooleanField()


def _thread(request: Request, breach: Breach) -> Response:
    entries = breach.entries.prefetch_related(Prefetch("files", ThreadFile.objects.shown())).order_by("at", "pk")
    return page(request, entries, ThreadEntryOut)


@endpoint("GET", "breach.view", answers=ThreadEntryOut(many=True))
def thread(request: Request, organisation: str, breach: int) -> Response:
    """What both sides wrote about a breach, and what happened; internal notes are on its page alone."""
    return _thread(request, get_object_or_404(Breach, pk=breach))


@endpoint("POST", "breach.discuss", takes=SayIn, answers=ThreadEntryOut(many=True), files=True)
def say(request: Request, organisation: str, breach: int) -> Response:
    """A message that both sides read, with files as multipart/form-data; a vendor may name the root cause."""
    found, given = get_object_or_404(Breach, pk=breach), body(SayIn, request)
    actions.say(by=request.membership, breach=found, files=files_in(given), **given)
    wake_workers(request.membership.organisation_id)
    return _thread(request, found)


@endpoint("GET", "breach.view", answers=BINARY)
def thread_file(request: Request, organisation: str, thread_file: int) -> HttpResponseBase:
    """A file of a thread, as it was attached."""
    return file_answer(get_object_or_404(ThreadFile.objects.shown(), pk=thread_file))


def _plans() -> Any:
    return CorrectivePlan.objects.select_related("contract").prefetch_related("breaches", "proposals__steps")


@endpoint("GET", "breach.view", answers=PlanOut(many=True), query=("status",))
def plans(request: Request, organisation: str) -> Response:
    """Corrective plans with their editions, the latest asked for first."""
    status = request.query_params.get("status")
    rows = _plans().order_by("-asked_at", "-pk")
    return page(request, rows.filter(status=status) if status else rows, PlanOut)


@endpoint("POST", "plan.propose", takes=ProposeIn, answers={201: PlanOut})
def propose(request: Request, organisation: str, corrective_plan: int) -> Response:
    """Send the plan that is asked for, or its next edition."""
    found, given = get_object_or_404(CorrectivePlan, pk=corrective_plan), body(ProposeIn, request)
    steps = [NewStep(**one) for one in given.pop("steps")]
    actions.propose_plan(by=request.membership, plan=found, steps=steps, **given)
    wake_workers(request.membership.organisation_id)
    return Response(PlanOut(_plans().get(pk=found.pk)).data, status=201)


@endpoint("POST", "plan.report", takes=ReportIn, answers=PlanOut, files=True)
def report_step(request: Request, organisation: str, plan_step: int) -> Response:
    """A step of the accepted plan is done, with what shows it, or is not after all."""
    found = get_object_or_404(PlanStep.objects.select_related("proposal__plan"), pk=plan_step)
    given = body(ReportIn, request)
    actions.report_step(by=request.membership, step=found, done=given["done"], files=files_in(given))
    wake_workers(request.membership.organisation_id)
    return Response(PlanOut(_plans().get(pk=found.proposal.plan_id)).data)
