"""Corrective plans: asking for one, writing it, deciding on it, reporting its steps."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from breaches.actions import ask_for_plan, decide_on_plan, propose_plan, report_step
from breaches.actions.plans import plan_day
from breaches.forms import AskForPlanForm, CauseForm, DecideForm, StepFormSet, label_of, step_forms
from breaches.models import Breach, CorrectivePlan, PlanStep
from breaches.rules import Status
from breaches.rules.plans import WANTED, Cause
from breaches.views.breaches import find_breach, said_of
from breaches.wording import format_period
from lib.errors import Refused
from lib.htmx import render_part, render_refused, seen_version
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest

ASKABLE = (Status.OPEN, Status.ACKNOWLEDGED)


@require_http_methods(["GET", "POST"])
@allows("plan.ask")
def ask(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """Ask the vendor for a plan; other breaches of the contract that have none can be taken along."""
    found = find_breach(breach)
    others = list(
        Breach.objects.filter(contract=found.contract, status__in=ASKABLE).exclude(pk=found.pk).with_names()[:50]
    )
    choices = [(str(one.pk), label_of(one, _when(one))) for one in others]
    today = found.contract.day(timezone.now())
    first = {
        "due_on": plan_day(found.contract, timezone.now()),
        "request": WANTED,
        "others": request.GET.getlist("also"),
    }
    form = AskForPlanForm(request.POST or None, others=choices, initial=first)
    context = {**said_of(found), "form": form, "askable": found.status in ASKABLE, "today": today}
    if request.method == "GET":
        return render_part(request, "breaches/ask.html", "ask", context)
    if form.is_valid():
        wanted = set(form.cleaned_data.get("others", ()))
        breaches = [found, *(one for one in others if str(one.pk) in wanted)]
        try:
            ask_for_plan(
                by=request.membership,
                breaches=breaches,
                due_on=form.cleaned_data["due_on"],
                request=form.cleaned_data["request"],
                seen=seen_version(request),
            )
        except Refused as refused:
            return render_refused(request, "breaches/ask.html", "ask", context, refused)
        return _to_breach(request, found)
    return render_part(request, "breaches/ask.html", "ask", context, status=422)


@require_http_methods(["GET", "POST"])
@allows("plan.propose")
def propose(request: MemberRequest, organisation: str, corrective_plan: int) -> HttpResponse:
    """The vendor's plan. `add` asks for a further row and keeps what was typed."""
    found = _find(corrective_plan)
    first = found.breaches.with_names().first()
    before = found.proposals.order_by("-revision").prefetch_related("steps").first()
    initial = {"cause": before.cause, "cause_text": before.cause_text} if before else {}
    rows = (
        [{"text": one.text, "owner": one.owner, "due_on": one.due_on} for one in before.steps.all()] if before else []
    )
    seen = before.revision if before else 0
    titles = [(one, label_of(one, _when(one))) for one in found.breaches.with_names()]
    context: dict[str, Any] = {"plan": found, **_headed(first), "titles": titles, "seen": seen}
    if request.method == "GET":
        forms = {"form": CauseForm(initial=initial), "steps": step_forms(initial=rows)}
        return render_part(request, "breaches/propose.html", "propose", context | forms)
    form, steps = CauseForm(request.POST, request.FILES), step_forms(request.POST)
    if "add" in request.POST:
        return render_part(request, "breaches/propose.html", "propose", context | _one_more(request, form))
    context |= {"form": form, "steps": steps}
    if not (form.is_valid() and steps.is_valid()):
        return render_part(request, "breaches/propose.html", "propose", context, status=422)
    try:
        propose_plan(
            by=request.membership,
            plan=found,
            cause=Cause(form.cleaned_data["cause"]),
            cause_text=form.cleaned_data["cause_text"],
            steps=steps.steps(),
            seen=seen_edition(request),
            files=form.cleaned_data["attachments"],
        )
    except Refused as refused:
        return render_refused(request, "breaches/propose.html", "propose", context, refused)
    return _to_breach(request, first)


def _one_more(request: MemberRequest, form: CauseForm) -> dict[str, Any]:
    """What was typed, unchecked, with a further empty row."""
    bound: StepFormSet = step_forms(request.POST)
    rows = [
        {name: one[name].value() for name in ("text", "owner", "due_on")}
        for one in bound.forms
        if any(one[name].value() for name in ("text", "owner", "due_on"))
    ]
    typed = {name: request.POST.get(name, "") for name in form.fields}
    return {"form": CauseForm(initial=typed), "steps": step_forms(initial=rows, empty=3)}


@require_http_methods(["GET", "POST"])
@allows("plan.decide")
def decide(request: MemberRequest, organisation: str, corrective_plan: int) -> HttpResponse:
    """Accept the edition that lies here, or send it back. 409 where the vendor sent another one meanwhile."""
    found = _find(corrective_plan)
    first = found.breaches.with_names().first()
    latest = found.proposals.order_by("-revision").first()
    form = DecideForm(request.POST or None)
    context = {
        "plan": found,
        **_headed(first),
        "proposal": latest,
        "steps": list(latest.steps.all()) if latest else [],
        "titles": [(one, label_of(one, _when(one))) for one in found.breaches.with_names()],
        "waits": latest is not None and latest.revision > found.decided_revision,
        "form": form,
    }
    if request.method == "GET":
        return render_part(request, "breaches/decide.html", "decide", context)
    if not form.is_valid():
        return render_part(request, "breaches/decide.html", "decide", context, status=422)
    try:
        decide_on_plan(
            by=request.membership,
            plan=found,
            accept=form.cleaned_data["decision"] == DecideForm.ACCEPT,
            reason=form.cleaned_data["reason"],
            seen=seen_edition(request),
            version=seen_version(request),
        )
    except Refused as refused:
        return render_refused(request, "breaches/decide.html", "decide", context, refused)
    wake_workers(request.membership.organisation_id)
    return _to_breach(request, first)


@posted_from("breaches")
@allows("plan.report")
def report(request: MemberRequest, organisation: str, plan_step: int) -> HttpResponse:
    """`done=1` or `done=0`: a step of the accepted plan is done, or is not after all."""
    found = get_object_or_404(PlanStep.objects.select_related("proposal__plan"), pk=plan_step)
    report_step(
        by=request.membership,
        step=found,
        done=request.POST.get("done") == "1",
        files=request.FILES.getlist("attachments"),
    )
    wake_workers(request.membership.organisation_id)
    return _to_breach(request, found.proposal.plan.breaches.with_names().first())


def seen_edition(request: MemberRequest) -> int:
    """The edition that the form was made from; one that there is not where the form does not say."""
    seen = seen_version(request, "seen")
    return -1 if seen is None else seen


def _find(pk: int) -> CorrectivePlan:
    return get_object_or_404(CorrectivePlan.objects.select_related("contract__vendor"), pk=pk)


def _headed(breach: Breach | None) -> dict[str, Any]:
    """What the head of a page below a breach says."""
    return {"breach": breach, "when": _when(breach) if breach else ""}


def _when(breach: Breach) -> str:
    return format_period(breach.period.cycle, breach.period.starts_on, breach.period.ends_on)


def _to_breach(request: MemberRequest, breach: Breach | None) -> HttpResponse:
    slug = request.membership.organisation.slug
    return redirect("breach", slug, breach.pk) if breach else redirect("breaches", slug)
