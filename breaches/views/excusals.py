"""Excusing and waiving breaches in the browser: one page, for whoever proposes and for whoever decides."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from breaches.actions import agree_to_excusal, decline_excusal, excuse
from breaches.actions.excusals import credit_of, let_go_alone
from breaches.forms import AnswerForm, ExcuseForm
from breaches.models import Breach, Excusal
from breaches.rules import LIVE
from breaches.rules.excusals import Ending, ExcusalStatus, needs_two
from breaches.views.breaches import find_breach, said_of
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.actions import is_own, settings_in_scope
from organisations.requests import MemberRequest

PAGE, PART = "breaches/excuse.html", "excuse"


@require_http_methods(["GET", "POST"])
@allows("breach.excuse")
def excusal(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """Excuse the breach or waive it; where a proposal waits, decide on it."""
    found = find_breach(breach)
    waits = found.excusals.filter(status=ExcusalStatus.PROPOSED).select_related("breach").first()
    return _decide(request, found, waits) if waits else _propose(request, found)


def _propose(request: MemberRequest, found: Breach) -> HttpResponse:
    form = ExcuseForm(request.POST or None)
    amount = credit_of(found)
    two = needs_two(amount, let_go_alone(found), settings_in_scope().two_people_from)
    context = {**said_of(found), "form": form, "possible": found.status in LIVE, "amount": amount, "two": two}
    if request.method == "GET":
        return render_part(request, PAGE, PART, context)
    status = 422
    if form.is_valid():
        try:
            excuse(
                by=request.membership,
                breach=found,
                ending=Ending(form.cleaned_data["ending"]),
                reason=form.cleaned_data["reason"],
                seen=seen_version(request),
            )
        except Refused as refused:
            refused.add_to(form)
            status = refused.status
        else:
            return _done(request, found)
    return render_part(request, PAGE, PART, context, status=status)


def _decide(request: MemberRequest, found: Breach, waits: Excusal) -> HttpResponse:
    member = request.membership
    own = is_own(member, waits.proposed_by_id)
    form = AnswerForm(request.POST or None, own=own)
    context: dict[str, Any] = {**said_of(found), "form": form, "possible": True, "excusal": waits, "own": own}
    context |= {"amount": waits.amount}
    if request.method == "GET":
        return render_part(request, PAGE, PART, context)
    status = 422
    if form.is_valid():
        seen = seen_version(request)
        try:
            if form.agrees:
                agree_to_excusal(by=member, excusal=waits, seen=seen)
            else:
                decline_excusal(by=member, excusal=waits, reason=form.cleaned_data.get("reason", ""), seen=seen)
        except Refused as refused:
            refused.add_to(form)
            status = refused.status
        else:
            return _done(request, found)
    return render_part(request, PAGE, PART, context, status=status)


def _done(request: MemberRequest, found: Breach) -> HttpResponse:
    wake_workers(request.membership.organisation_id)
    return redirect("breach", request.membership.organisation.slug, found.pk)
