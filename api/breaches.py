"""Breaches through the API: acknowledged, their threads with files, and corrective plans from the asking to the verified end."""

from typing import Any

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.attached import BINARY, AttachmentsIn, FileOut, files_in
from api.endpoints import body, endpoint, page
from api.serializers import BreachOut, RowOut
from breaches import actions
from breaches.actions.verification import open_steps, progress_of
from breaches.models import Breach, CorrectivePlan, PlanProposal, PlanStep, ThreadEntry, ThreadFile
from breaches.rules import Status
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
            "decided_by_name",
            "verify_after",
            "counts_from",
            "version",
            "breaches",
            "proposals",
        )


class VerificationOut(serializers.Serializer):
    """How far a breach of an accepted plan is verified: `met` periods in a row of `verify_after`."""

    breach = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    met = serializers.IntegerField()
    failed_on = serializers.DateField(
        allow_null=True, help_text="First day of the period in which the level failed again"
    )


class PlanStateOut(PlanOut):
    verification = VerificationOut(many=True)
    steps_open = serializers.IntegerField(help_text="Dated steps of the accepted edition that are not done")

    class Meta:
        model = CorrectivePlan
        fields = (*PlanOut.Meta.fields, "verification", "steps_open")


class AcknowledgeIn(serializers.Serializer):
    note = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(help_text="Of the breach as it was read")


class AskIn(serializers.Serializer):
    due_on = serializers.DateField(help_text="A day of the contract's time zone by which the vendor sends the plan")
    request = serializers.CharField(max_length=LONGEST_TEXT)
    also = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list, help_text="Other breaches of the contract"
    )
    version = serializers.IntegerField(help_text="Of the breach as it was read")


class AcceptIn(serializers.Serializer):
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")
    seen = serializers.IntegerField(min_value=1, help_text="The edition that was read")
    version = serializers.IntegerField(help_text="Of the plan as it was read")


class SendBackIn(AcceptIn):
    reason = serializers.CharField(max_length=LONGEST_TEXT)


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


@endpoint("POST", "breach.acknowledge", takes=AcknowledgeIn, answers=BreachOut)
def acknowledge(request: Request, organisation: str, breach: int) -> Response:
    """Say that somebody deals with it."""
    found, given = get_object_or_404(Breach, pk=breach), body(AcknowledgeIn, request)
    actions.acknowledge(by=request.membership, breach=found, note=given["note"], seen=given["version"])
    wake_workers(request.membership.organisation_id)
    return Response(BreachOut(Breach.objects.select_related("contract", "service_level").get(pk=found.pk)).data)


@endpoint("POST", "plan.ask", takes=AskIn, answers={201: PlanOut})
def ask_for_plan(request: Request, organisation: str, breach: int) -> Response:
    """Ask the vendor for a corrective plan, for this breach and others of its contract. What nobody had acknowledged is, by it."""
    first, given = get_object_or_404(Breach.objects.with_names(), pk=breach), body(AskIn, request)
    wanted = set(given["also"]) - {first.pk}
    others = list(Breach.objects.with_names().filter(pk__in=wanted))
    if len(others) != len(wanted):
        raise serializers.ValidationError({"also": "One of these breaches is not here."})
    made = actions.ask_for_plan(
        by=request.membership,
        breaches=[first, *others],
        due_on=given["due_on"],
        request=given["request"],
        seen=given["version"],
    )
    return _plan(request, made, 201)


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


@endpoint("GET", "breach.view", answers=PlanStateOut)
def plan(request: Request, organisation: str, corrective_plan: int) -> Response:
    """One plan, and how far it is verified."""
    found = get_object_or_404(_plans(), pk=corrective_plan)
    breaches = list(found.breaches.select_related("plan").order_by("pk"))
    reached = progress_of(breaches)
    found.verification = [
        {"breach": one.pk, "status": one.status, "met": reached[one.pk].met, "failed_on": reached[one.pk].failed_on}
        for one in breaches
    ]
    found.steps_open = open_steps(found)
    return Response(PlanStateOut(found).data)


@endpoint("POST", "plan.decide", takes=AcceptIn, answers=PlanOut)
def accept_plan(request: Request, organisation: str, corrective_plan: int) -> Response:
    """Accept the edition that was read."""
    return _decide(request, corrective_plan, AcceptIn, accept=True)


@endpoint("POST", "plan.decide", takes=SendBackIn, answers=PlanOut)
def send_plan_back(request: Request, organisation: str, corrective_plan: int) -> Response:
    """Send the edition that was read back, with a reason."""
    return _decide(request, corrective_plan, SendBackIn, accept=False)


def _decide(request: Request, pk: int, takes: type[AcceptIn], *, accept: bool) -> Response:
    found = get_object_or_404(CorrectivePlan.objects.select_related("contract"), pk=pk)
    given = body(takes, request)
    actions.decide_on_plan(by=request.membership, plan=found, accept=accept, **given)
    return _plan(request, found)


def _plan(request: Request, found: CorrectivePlan, status: int = 200) -> Response:
    wake_workers(request.membership.organisation_id)
    return Response(PlanOut(_plans().get(pk=found.pk)).data, status=status)


@endpoint("POST", "plan.propose", takes=ProposeIn, answers={201: PlanOut})
def propose(request: Request, organisation: str, corrective_plan: int) -> Response:
    """Send the plan that is asked for, or its next edition."""
    found, given = get_object_or_404(CorrectivePlan, pk=corrective_plan), body(ProposeIn, request)
    steps = [NewStep(**one) for one in given.pop("steps")]
    actions.propose_plan(by=request.membership, plan=found, steps=steps, **given)
    return _plan(request, found, 201)


@endpoint("POST", "plan.report", takes=ReportIn, answers=PlanOut, files=True)
def report_step(request: Request, organisation: str, plan_step: int) -> Response:
    """A step of the accepted plan is done, with what shows it, or is not after all."""
    found = get_object_or_404(PlanStep.objects.select_related("proposal__plan"), pk=plan_step)
    given = body(ReportIn, request)
    actions.report_step(by=request.membership, step=found, done=given["done"], files=files_in(given))
    return _plan(request, found.proposal.plan)
