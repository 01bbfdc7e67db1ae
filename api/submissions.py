"""A vendor's month through the API: what is due, what figures would come to, evidence, handing over, more time."""

from datetime import date
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.attached import BINARY, FILE, AttachmentsIn, files_in
from api.endpoints import body, endpoint, page
from api.figures import raw_rows
from api.hearings import SeenIn
from api.serializers import ExactNumber, FiguresIn, RowOut, SubmissionOut
from contracts.actions.extensions import LONGEST_REASON, ask_for_extension, decide_on_extension
from contracts.models import Contract, Extension, Period
from evaluation.replay import preview
from files.serving import file_answer
from lib import months
from lib.wakeup import wake_workers
from measurements import actions
from measurements.actions.expected import slots_of
from measurements.figures_file import BadFigures, sort_rows
from measurements.figures_file.columns import NEEDED, NUMBERS
from measurements.models import Evidence, Figure, Submission
from measurements.plausibility import questions
from measurements.querysets import month_states, standing_levels
from measurements.rules import Status, StepKind
from organisations.requests import MemberRequest
from slas.models import ServiceLevel

MONTHS_BACK = 12
WAITING = ("late", "returned", "due")


class DueOut(serializers.Serializer):
    """A contract's month that waits for whoever reports."""

    contract = serializers.IntegerField()
    reference = serializers.CharField()
    month = serializers.DateField()
    state = serializers.CharField(help_text="Of the most urgent figure: late, returned, due; draft: of a running month")
    due_on = serializers.DateField(allow_null=True, help_text="Day of the contract")
    missing = serializers.IntegerField(help_text="Figures that were not submitted")
    drafted = serializers.IntegerField(help_text="Of these, those that a draft has")
    submission = serializers.IntegerField(allow_null=True, help_text="The draft, submitted or returned one")


class ExpectedOut(serializers.Serializer):
    """A figure that a month asks for."""

    service_level = serializers.CharField()
    name = serializers.CharField()
    period = serializers.DateField(help_text="First day")
    ends_on = serializers.DateField()
    due_on = serializers.DateField()
    numbers = serializers.ListField(child=serializers.CharField(), help_text="The columns that it takes")


class FigureOut(RowOut):
    service_level = serializers.CharField(source="service_level.code")
    period = serializers.DateField(source="period.starts_on")

    class Meta:
        model = Figure
        fields = ("service_level", "period", "part", *NUMBERS, "incident", "note", "fed_by", "fed_at")


class EvidenceOut(RowOut):
    service_level = serializers.CharField(source="service_level.code", allow_null=True, default=None)

    class Meta:
        model = Evidence
        fields = (*FILE, "service_level", "description", "replaces", "answer", "answered_by_name")


class ReturnedOut(serializers.Serializer):
    """Why a single figure was returned last."""

    service_level = serializers.CharField()
    period = serializers.DateField()
    reason = serializers.CharField()


class SubmissionWithFigures(SubmissionOut):
    figures = FigureOut(many=True)
    replaces = serializers.IntegerField(
        allow_null=True, help_text="Of a correction: the revision whose place it takes or took"
    )
    declaration = serializers.CharField(allow_blank=True, help_text="What was declared when it was submitted last")
    checksum = serializers.CharField(allow_blank=True, help_text="SHA-256 of the figures when they were submitted last")
    returned = ReturnedOut(many=True)

    class Meta:
        model = Submission
        fields = (
            *SubmissionOut.Meta.fields,
            "contract",
            "replaces",
            "declaration",
            "checksum",
            "returned",
            "figures",
        )


class ForeseenOut(serializers.Serializer):
    """What a figure would be judged as."""

    service_level = serializers.CharField()
    period = serializers.DateField()
    outcome = serializers.CharField()
    value = ExactNumber(allow_null=True)
    points = ExactNumber(allow_null=True)


class ProspectOut(serializers.Serializer):
    """What a month would come to if its figures were accepted as they are. Nothing is written."""

    results = ForeseenOut(many=True)
    points = ExactNumber(allow_null=True)
    credit = ExactNumber(allow_null=True)
    score = ExactNumber(allow_null=True)
    questions = serializers.ListField(
        child=serializers.CharField(), help_text="What the client may ask; a note answers it"
    )


class ProblemOut(serializers.Serializer):
    line = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class CheckedOut(serializers.Serializer):
    """How rows of figures read: how many could be taken, and what is wrong with the others."""

    good = serializers.IntegerField()
    problems = ProblemOut(many=True)


class SubmitIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the submission as it was read")
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    declared = serializers.BooleanField(
        default=False, help_text="That the figures are complete and come from one's records; it stands on the receipt"
    )


class EvidenceIn(AttachmentsIn):
    service_level = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    description = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    replaces = serializers.IntegerField(required=False, help_text="The older file of the month, which stays beside it")


class ExtensionOut(RowOut):
    contract = serializers.CharField(source="contract.reference")

    class Meta:
        model = Extension
        fields = (
            "id",
            "contract",
            "month",
            "until",
            "status",
            "reason",
            "asked_by_name",
            "asked_at",
            "answer",
            "decided_by_name",
            "decided_at",
            "version",
        )


class ExtensionIn(serializers.Serializer):
    month = serializers.CharField(max_length=7, help_text="2024-04")
    until = serializers.DateField()
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ExtensionDecisionIn(serializers.Serializer):
    grant = serializers.BooleanField()
    answer = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(help_text="Of the request as it was read")


def month_in(text: str | None) -> Any:
    first = months.month_of(text or "")
    if first is None:
        raise ValidationError({"month": "Write a month as 2025-01."})
    return first


def find_submission(request: MemberRequest | Any, pk: int) -> Submission:
    """Http404 where it is not in scope, or its vendor still prepares it."""
    found: Submission = get_object_or_404(Submission.objects.select_related("contract"), pk=pk)
    if found.is_closed_to(request.membership):
        raise Http404("Not submitted yet.")
    return found


@endpoint("GET", "submission.view", answers=DueOut(many=True))
def due(request: Request, organisation: str) -> Response:
    """The months of the last year that wait for whoever reports, the earliest due first; the running month as soon as it was begun."""
    now = timezone.now()
    contracts = {one.pk: one for one in Contract.objects.all()}
    running = max((one.day(now) for one in contracts.values()), default=now.date()).replace(day=1)
    wanted = [months.after(running, -back) for back in range(MONTHS_BACK, -1, -1)]
    rows = [
        {
            "contract": pk,
            "reference": contracts[pk].reference,
            "month": month,
            "state": "draft" if state.state == "not_due" else state.state,
            "due_on": state.due_on,
            "missing": sum(state.counts[name] for name in (*WAITING, "not_due")),
            "drafted": state.drafted,
            "submission": state.live_id,
        }
        for (pk, month), state in month_states(contracts.values(), wanted, now).items()
        if state.state in WAITING or (state.state == "not_due" and state.live_status == Status.DRAFT)
    ]
    rows.sort(key=lambda row: (str(row["due_on"] or "9999"), row["reference"], row["month"]))
    return page(request, rows, DueOut)  # type: ignore[arg-type]  # a list is paged as well


@endpoint("GET", "submission.view", answers=ExpectedOut(many=True), query=("month",))
def expected(request: Request, organisation: str, contract_id: int) -> Response:
    """The figures that a month asks for, with the columns of each."""
    contract = get_object_or_404(Contract, pk=contract_id)
    slots = slots_of(contract).ending_in(month_in(request.query_params.get("month")))
    rows = [
        {
            "service_level": level.code,
            "name": level.name,
            "period": period.starts_on,
            "ends_on": period.ends_on,
            "due_on": period.due_on,
            "numbers": NEEDED[level.measure["kind"]],
        }
        for level, period in slots
    ]
    return page(request, rows, ExpectedOut)  # type: ignore[arg-type]


@endpoint("POST", "figures.import", takes=FiguresIn, answers=CheckedOut)
def check_figures(request: Request, organisation: str, contract_id: int) -> Response:
    """How rows of figures would read, each by itself. Nothing is saved."""
    contract = get_object_or_404(Contract, pk=contract_id)
    try:
        rows, wrong = sort_rows(
            raw_rows(body(FiguresIn, request)["figures"]), actions.stored_expectations(contract, request.membership)
        )
    except BadFigures as bad:
        rows, wrong = [], list(bad.problems)
    problems = [{"line": one.line, "column": one.column, "message": one.message} for one in wrong]
    return Response(CheckedOut({"good": len(rows), "problems": problems}).data)


@endpoint("GET", "submission.view", answers=SubmissionWithFigures)
def submission(request: Request, organisation: str, submission_id: int) -> Response:
    """One revision of a month, with its figures, what was declared, and why figures of it were returned."""
    return Response(SubmissionWithFigures(with_figures(find_submission(request, submission_id))).data)


def with_figures(found: Submission) -> Submission:
    """A submission as `SubmissionWithFigures` shows it. Six statements at most, whatever it holds."""
    figures = Figure.objects.select_related("service_level", "period").order_by("pk")
    prefetch_related_objects([found], Prefetch("figures", figures))
    last = {step.kind: step for step in found.steps.order_by("at", "pk")}
    sent, back = last.get(StepKind.SUBMITTED), last.get(StepKind.RETURNED)
    earlier = Submission.objects.filter(
        contract=found.contract_id, month=found.month, revision__lt=found.revision, decided_at__isnull=False
    ).filter(status__in=(Status.ACCEPTED, Status.SUPERSEDED))
    vars(found)["replaces"] = earlier.order_by("-revision").values_list("pk", flat=True).first()
    vars(found)["declaration"] = sent.declaration if sent else ""
    vars(found)["checksum"] = sent.checksum if sent else ""
    levels, periods = _named(back.figures if back else [])
    vars(found)["returned"] = [
        {"service_level": levels[level], "period": periods[period], "reason": reason}
        for level, period, reason in (back.figures if back else [])
    ]
    return found


def _named(slots: list[list[Any]]) -> tuple[dict[int, str], dict[int, date]]:
    """The codes and first days of returned figures."""
    levels = ServiceLevel.objects.filter(pk__in=[level for level, *_ in slots]).values_list("pk", "code")
    periods = Period.objects.filter(pk__in=[period for _, period, _ in slots]).values_list("pk", "starts_on")
    return dict(levels), dict(periods)


@endpoint("GET", "submission.view", answers=ProspectOut)
def submission_preview(request: Request, organisation: str, submission_id: int) -> Response:
    """What the month would come to if these figures were accepted as they are. Nothing is written."""
    found = find_submission(request, submission_id)
    projection = preview(found, as_of=found.contract.day(timezone.now()))
    codes = dict(ServiceLevel.objects.filter(contract=found.contract_id).values_list("pk", "code"))
    results = [
        {**row, "service_level": codes[row["service_level_id"]], "period": row["starts_on"]}
        for row in projection.results
        if row["month"] == found.month and row["service_level_id"] in codes
    ]
    money = next((one for one in projection.months if one["month"] == found.month), {})
    card = next((one for one in projection.scores if one["month"] == found.month), {})
    asked = [one.sentence for one in questions(found, standing_levels(found.contract_id))]
    said = {"points": money.get("points"), "credit": money.get("credit"), "score": card.get("score")}
    return Response(ProspectOut({"results": results, "questions": asked, **said}).data)


@endpoint("POST", "submission.submit", takes=SubmitIn, answers=SubmissionOut)
def submit(request: Request, organisation: str, submission_id: int) -> Response:
    """Hand the figures over as they are. A vendor's are refused (422, `unanswered`) while no note answers what is asked about them."""
    found, given = find_submission(request, submission_id), body(SubmitIn, request)
    actions.submit(
        by=request.membership, submission=found, note=given["note"], declared=given["declared"], seen=given["version"]
    )
    wake_workers(request.membership.organisation_id)
    return Response(SubmissionOut(found).data)


@endpoint("POST", "submission.submit", takes=SeenIn, answers=SubmissionOut)
def withdraw(request: Request, organisation: str, submission_id: int) -> Response:
    """Take submitted figures back, as long as nobody decided on them."""
    found = find_submission(request, submission_id)
    actions.withdraw(by=request.membership, submission=found, seen=body(SeenIn, request)["version"])
    wake_workers(request.membership.organisation_id)
    return Response(SubmissionOut(found).data)


@endpoint(("GET", "POST"), "submission.view", takes=EvidenceIn, answers=EvidenceOut(many=True), files=True)
def evidence(request: Request, organisation: str, submission_id: int) -> Response:
    """The evidence of a submission; **POST** attaches files to open figures, as multipart/form-data."""
    found = find_submission(request, submission_id)
    if request.method == "POST":
        given = body(EvidenceIn, request)
        files, code, older = files_in(given), given.pop("service_level"), given.pop("replaces", None)
        if not files:
            raise ValidationError({"attachments": "Send at least one file, as a part called attachments."})
        if code:
            given["service_level"] = get_object_or_404(found.contract.service_levels, code=code)
        if older is not None:
            given["replaces"] = get_object_or_404(Evidence.objects.shown(), pk=older)
        actions.attach(by=request.membership, submission=found, files=files, **given)
    rows = found.evidence.shown().select_related("service_level")
    return page(request, rows, EvidenceOut)


@endpoint("GET", "submission.view", answers=BINARY)
def evidence_file(request: Request, organisation: str, evidence_id: int) -> HttpResponseBase:
    """A file of evidence, as it was attached."""
    found = get_object_or_404(Evidence.objects.shown().select_related("submission"), pk=evidence_id)
    if found.submission.is_closed_to(request.membership):
        raise Http404("Not submitted yet.")
    return file_answer(found)


@endpoint("POST", "submission.submit", answers={204: None})
def remove_evidence(request: Request, organisation: str, evidence_id: int) -> Response:
    """Take evidence away again that was not submitted yet."""
    found = get_object_or_404(Evidence.objects.shown().select_related("submission"), pk=evidence_id)
    actions.remove(by=request.membership, evidence=found)
    return Response(status=204)


@endpoint("GET", "hearing.view", answers=ExtensionOut(many=True), query=("status",))
def extensions(request: Request, organisation: str) -> Response:
    """Requests for more time, the latest first; ?status=open for those that wait."""
    rows = Extension.objects.select_related("contract").order_by("-asked_at", "-pk")
    status = request.query_params.get("status")
    return page(request, rows.filter(status=status) if status else rows, ExtensionOut)


@endpoint("POST", "extension.ask", takes=ExtensionIn, answers={201: ExtensionOut})
def ask_for_time(request: Request, organisation: str, contract_id: int) -> Response:
    """Ask for a later due day of a month's figures."""
    contract = get_object_or_404(Contract, pk=contract_id)
    given = body(ExtensionIn, request)
    made = ask_for_extension(by=request.membership, contract=contract, **given | {"month": month_in(given["month"])})
    wake_workers(request.membership.organisation_id)
    return Response(ExtensionOut(made).data, status=201)


@endpoint("POST", "extension.decide", takes=ExtensionDecisionIn, answers=ExtensionOut)
def decide_on_time(request: Request, organisation: str, extension: int) -> Response:
    """Grant it, or refuse it with the reason."""
    found = get_object_or_404(Extension.objects.select_related("contract"), pk=extension)
    given = body(ExtensionDecisionIn, request)
    given["seen"] = given.pop("version")
    decide_on_extension(by=request.membership, extension=found, **given)
    wake_workers(request.membership.organisation_id)
    return Response(ExtensionOut(found).data)
