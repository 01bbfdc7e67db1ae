"""Relief requests and disputes through the API: asked by the vendor, decided by the client's people, who are no keys."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.attached import BINARY, AttachmentsIn, FileOut, files_in
from api.endpoints import body, endpoint, page
from api.serializers import NUMBER, RowOut
from contracts.models import Contract
from disputes import actions
from disputes.models import Dispute, HearingEntry, HearingFile, ReliefRequest
from disputes.rules import DisputeGround, DisputeStatus, ReliefGround
from evaluation.models import Result
from files.serving import file_answer
from lib.texts import LONGEST_TEXT
from lib.wakeup import wake_workers
from measurements.figures_file.columns import NUMBERS

ASKED = ("id", "contract", "service_level", "period", "month", "part", "status", "ground", "explanation")
ANSWERED = ("asked_by_name", "asked_at", "answer_by", "escalated_at", "reason", "ruled_by_name", "ruled_at", "version")


class HearingOut(RowOut):
    contract = serializers.CharField(source="contract.reference")
    service_level = serializers.CharField(source="service_level.code")
    period = serializers.DateField(source="period.starts_on")


class ReliefOut(HearingOut):
    class Meta:
        model = ReliefRequest
        fields = (*ASKED, "amount", "granted", *ANSWERED)


class DisputeOut(HearingOut):
    class Meta:
        model = Dispute
        fields = (*ASKED, "numerator", "denominator", "value", "downtime", "maintenance", *ANSWERED)


class LineOut(RowOut):
    files = FileOut(many=True)

    class Meta:
        model = HearingEntry
        fields = ("id", "kind", "text", "by_name", "from_vendor", "at", "files")


class ReliefIn(AttachmentsIn):
    service_level = serializers.CharField(max_length=40, help_text="The code of a service level")
    period = serializers.DateField(help_text="First day of the period")
    part = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    amount = serializers.RegexField(NUMBER, help_text="Cases, or minutes of an availability, that should not count")
    ground = serializers.ChoiceField(ReliefGround.choices)
    explanation = serializers.CharField(max_length=LONGEST_TEXT)


class DecisionIn(serializers.Serializer):
    granted = serializers.RegexField(NUMBER, help_text="How many do not count: all, some, or 0")
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(help_text="Of the request as it was read")


class FigureNumbers(serializers.Serializer):
    """The numbers of a figure: all that its measure has, or none."""

    numerator = serializers.RegexField(NUMBER, required=False)
    denominator = serializers.RegexField(NUMBER, required=False)
    value = serializers.RegexField(NUMBER, required=False)
    downtime = serializers.RegexField(NUMBER, required=False)
    maintenance = serializers.RegexField(NUMBER, required=False)


class DisputeIn(FigureNumbers, AttachmentsIn):
    part = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    ground = serializers.ChoiceField(DisputeGround.choices)
    explanation = serializers.CharField(max_length=LONGEST_TEXT)


class RulingIn(FigureNumbers):
    ruling = serializers.ChoiceField([(one.value, one.label) for one in actions.RULINGS])
    reason = serializers.CharField(max_length=LONGEST_TEXT)
    version = serializers.IntegerField(help_text="Of the dispute as it was read")


class SeenIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="As it was read")


class MessageIn(AttachmentsIn):
    text = serializers.CharField(max_length=LONGEST_TEXT)


def _numbers(given: dict[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(given.pop(name)) for name in NUMBERS if name in given}


def _listed(request: Request, model: Any, out: type[HearingOut]) -> Response:
    rows = model.objects.with_names().order_by("-asked_at", "-pk")
    if status := request.query_params.get("status"):
        rows = rows.filter(status=status)
    return page(request, rows, out)


def _answer(request: Request, out: type[HearingOut], row: Any, status: int = 200) -> Response:
    wake_workers(request.membership.organisation_id)
    return Response(out(type(row).objects.with_names().get(pk=row.pk)).data, status=status)


@endpoint("GET", "hearing.view", answers=ReliefOut(many=True), query=("status",))
def relief_requests(request: Request, organisation: str) -> Response:
    """Requests for relief, the latest first; ?status=open for those that wait."""
    return _listed(request, ReliefRequest, ReliefOut)


@endpoint("POST", "relief.ask", takes=ReliefIn, answers={201: ReliefOut}, files=True)
def ask_for_relief(request: Request, organisation: str, contract_id: int) -> Response:
    """Ask that cases or minutes do not count."""
    found = get_object_or_404(Contract, pk=contract_id)
    given = body(ReliefIn, request)
    level = get_object_or_404(found.service_levels.select_related("contract"), code=given.pop("service_level"))
    period = get_object_or_404(found.periods, cycle=level.cycle, starts_on=given.pop("period"))
    given["amount"] = Decimal(given["amount"])
    made = actions.ask_for_relief(
        by=request.membership, service_level=level, period=period, files=files_in(given), **given
    )
    return _answer(request, ReliefOut, made, status=201)


@endpoint("POST", "relief.decide", takes=DecisionIn, answers=ReliefOut)
def decide_on_relief(request: Request, organisation: str, relief_request: int) -> Response:
    """Grant all, some or nothing of it."""
    found = get_object_or_404(ReliefRequest.objects.with_names(), pk=relief_request)
    given = body(DecisionIn, request)
    actions.decide_on_relief(
        by=request.membership,
        relief_request=found,
        granted=Decimal(given["granted"]),
        reason=given["reason"],
        seen=given["version"],
    )
    return _answer(request, ReliefOut, found)


@endpoint("POST", "relief.ask", takes=SeenIn, answers=ReliefOut)
def withdraw_relief(request: Request, organisation: str, relief_request: int) -> Response:
    """Take a request back that waits."""
    found = get_object_or_404(ReliefRequest, pk=relief_request)
    actions.withdraw_relief(by=request.membership, relief_request=found, seen=body(SeenIn, request)["version"])
    return _answer(request, ReliefOut, found)


@endpoint("POST", "hearing.discuss", takes=MessageIn, answers=ReliefOut, files=True)
def say_about_relief(request: Request, organisation: str, relief_request: int) -> Response:
    """A message that both sides read."""
    found = get_object_or_404(ReliefRequest, pk=relief_request)
    given = body(MessageIn, request)
    actions.say_in_hearing(by=request.membership, hearing=found, files=files_in(given), **given)
    return _answer(request, ReliefOut, found)


@endpoint("GET", "hearing.view", answers=LineOut(many=True))
def relief_thread(request: Request, organisation: str, relief_request: int) -> Response:
    """What both sides wrote about a request for relief, with their files."""
    return _thread(request, get_object_or_404(ReliefRequest, pk=relief_request))


@endpoint("GET", "hearing.view", answers=LineOut(many=True))
def dispute_thread(request: Request, organisation: str, dispute: int) -> Response:
    """What both sides wrote about a dispute, with their files."""
    return _thread(request, get_object_or_404(Dispute, pk=dispute))


def _thread(request: Request, hearing: Any) -> Response:
    lines = hearing.entries.prefetch_related(Prefetch("files", HearingFile.objects.shown())).order_by("at", "pk")
    return page(request, lines, LineOut)


@endpoint("GET", "hearing.view", answers=BINARY)
def hearing_file(request: Request, organisation: str, hearing_file: int) -> HttpResponseBase:
    """A file of a dispute or a request for relief, as it was attached."""
    return file_answer(get_object_or_404(HearingFile.objects.shown(), pk=hearing_file))


@endpoint("GET", "hearing.view", answers=DisputeOut(many=True), query=("status",))
def disputes(request: Request, organisation: str) -> Response:
    """Disputes of results, the latest first; ?status=open for those that wait."""
    return _listed(request, Dispute, DisputeOut)


@endpoint("POST", "dispute.ask", takes=DisputeIn, answers={201: DisputeOut}, files=True)
def dispute_result(request: Request, organisation: str, result: int) -> Response:
    """Contradict a result, with the figure that should count where there is one."""
    found = get_object_or_404(Result.objects.select_related("contract", "service_level__contract", "period"), pk=result)
    given = body(DisputeIn, request)
    numbers, files = _numbers(given), files_in(given)
    made = actions.dispute(by=request.membership, result=found, numbers=numbers, files=files, **given)
    return _answer(request, DisputeOut, made, status=201)


@endpoint("POST", "dispute.decide", takes=RulingIn, answers=DisputeOut)
def rule_on_dispute(request: Request, organisation: str, dispute: int) -> Response:
    """Uphold a dispute, in whole or in part, or reject it."""
    found = get_object_or_404(Dispute.objects.with_names(), pk=dispute)
    given = body(RulingIn, request)
    actions.rule(
        by=request.membership,
        dispute=found,
        numbers=_numbers(given),
        ruling=DisputeStatus(given["ruling"]),
        reason=given["reason"],
        seen=given["version"],
    )
    return _answer(request, DisputeOut, found)


@endpoint("POST", "dispute.ask", takes=SeenIn, answers=DisputeOut)
def withdraw_dispute(request: Request, organisation: str, dispute: int) -> Response:
    """Take a dispute back that waits."""
    found = get_object_or_404(Dispute, pk=dispute)
    actions.withdraw_dispute(by=request.membership, dispute=found, seen=body(SeenIn, request)["version"])
    return _answer(request, DisputeOut, found)


@endpoint("POST", "hearing.discuss", takes=MessageIn, answers=DisputeOut, files=True)
def say_about_dispute(request: Request, organisation: str, dispute: int) -> Response:
    """A message that both sides read."""
    found = get_object_or_404(Dispute, pk=dispute)
    given = body(MessageIn, request)
    actions.say_in_hearing(by=request.membership, hearing=found, files=files_in(given), **given)
    return _answer(request, DisputeOut, found)
