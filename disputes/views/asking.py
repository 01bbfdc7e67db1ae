"""Asking for relief, and disputing a result: the vendor's forms."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from contracts.models import Period
from disputes.actions import answer_by, ask_for_relief, disputable_until
from disputes.actions import dispute as dispute_result
from disputes.forms import AskForReliefForm, DisputeForm, numbers
from disputes.models import Dispute, ReliefRequest
from disputes.pages.hearing import measured_in
from disputes.rules import DisputeGround, ReliefGround
from evaluation.models import Result
from lib import clock
from lib.errors import Refused
from lib.htmx import render_part, render_refused
from lib.templatetags.dates import format_day
from lib.wakeup import wake_workers
from measurements.models import Figure
from measurements.rules import Status
from measurements.wording import describe_figure
from organisations.access import allows
from organisations.requests import MemberRequest
from slas.models import ServiceLevel

PAGE = "disputes/ask.html"


@require_http_methods(["GET", "POST"])
@allows("relief.ask")
def ask_relief(request: MemberRequest, organisation: str, service_level: int, period: int) -> HttpResponse:
    """Cases or minutes that should not count, for a service level and period."""
    level = get_object_or_404(ServiceLevel.objects.select_related("contract__vendor"), pk=service_level)
    found = get_object_or_404(Period, pk=period, contract=level.contract_id)
    figures = _figures(level.pk, found.pk)
    counted_in = measured_in(ReliefRequest(service_level=level))
    form = AskForReliefForm(*given_in(request), parts=[one.part for one in figures], counted_in=counted_in)
    context = {**_context(level, found, figures), "form": form, "relief": True}
    if request.method == "GET" or not form.is_valid():
        return render_part(request, PAGE, "ask", context, status=200 if request.method == "GET" else 422)
    given = form.cleaned_data
    try:
        made = ask_for_relief(
            by=request.membership,
            service_level=level,
            period=found,
            part=given.get("part", ""),
            amount=given["amount"],
            ground=ReliefGround(given["ground"]),
            explanation=given["explanation"],
            files=given["attachments"],
        )
    except Refused as refused:
        return render_refused(request, PAGE, "ask", context, refused)
    wake_workers(request.membership.organisation_id)
    return redirect("relief-request", organisation, made.pk)


@require_http_methods(["GET", "POST"])
@allows("dispute.ask")
def ask_dispute(request: MemberRequest, organisation: str, result: int) -> HttpResponse:
    """Contradict a result, with another figure where there is one."""
    found = get_object_or_404(
        Result.objects.select_related("contract__vendor", "service_level__contract", "period"), pk=result
    )
    level = found.service_level
    figures = _figures(level.pk, found.period_id)
    form = DisputeForm(*given_in(request), parts=[one.part for one in figures], measure=level.measure)
    until = disputable_until(found)
    there = Dispute.objects.open().filter(service_level=level, period=found.period_id).first()
    context = {**_context(level, found.period, figures), "form": form, "result": found, "until": until, "there": there}
    if found.contract.day(timezone.now()) > until:
        context["too_late"] = f"This result could be disputed until {format_day(until)}."
    if request.method == "GET" or not form.is_valid():
        return render_part(request, PAGE, "ask", context, status=200 if request.method == "GET" else 422)
    given = form.cleaned_data
    try:
        made = dispute_result(
            by=request.membership,
            result=found,
            ground=DisputeGround(given["ground"]),
            explanation=given["explanation"],
            files=given["attachments"],
            part=given.get("part", ""),
            numbers=numbers(form),
        )
    except Refused as refused:
        return render_refused(request, PAGE, "ask", context, refused)
    wake_workers(request.membership.organisation_id)
    return redirect("dispute", organisation, made.pk)


def given_in(request: MemberRequest) -> tuple[Any, Any]:
    """What was typed and attached; nothing where the form was only asked for."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _figures(level: int, period: int) -> list[Figure]:
    """What is accepted for a slot, part by part."""
    accepted = Figure.objects.filter(service_level=level, period=period, submission__status=Status.ACCEPTED)
    return list(accepted.order_by("part"))


def _context(level: ServiceLevel, period: Period, figures: list[Figure]) -> dict[str, Any]:
    reported = [(one.part, describe_figure(level.measure, one)) for one in figures]
    day = answer_by(level.contract, clock.database_now())
    return {"level": level, "contract": level.contract, "period": period, "reported": reported, "answer_by": day}
