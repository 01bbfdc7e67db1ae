"""Answering: decisions on relief, rulings on disputes, messages, and taking back what was asked."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from disputes.actions import decide_on_relief, rule, say_in_hearing, withdraw_dispute, withdraw_relief
from disputes.forms import SayForm, numbers
from disputes.models import Dispute, ReliefRequest
from disputes.pages.hearing import Either, kind_of
from disputes.rules import DisputeStatus
from disputes.views.hearings import (
    decide_form,
    dispute_context,
    find_dispute,
    find_relief,
    relief_context,
    rule_form,
)
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest


@posted_from("dispute")
@allows("dispute.decide")
def rule_on(request: MemberRequest, organisation: str, dispute: int) -> HttpResponse:
    """The ruling. 422 with what was typed; 409 where somebody else ruled, or it was withdrawn, meanwhile."""
    found = find_dispute(dispute)
    form = rule_form(found, request.POST)

    def act() -> Any:
        ruling = form.cleaned_data["ruling"]
        given = {} if ruling == DisputeStatus.REJECTED else numbers(form)
        rule(
            by=request.membership,
            dispute=found,
            ruling=DisputeStatus(ruling),
            reason=form.cleaned_data["reason"],
            numbers=given,
            seen=seen_version(request),
        )

    return _answered(request, found, form, act)


@posted_from("relief-request")
@allows("relief.decide")
def decide_on(request: MemberRequest, organisation: str, relief_request: int) -> HttpResponse:
    """All, some or none. 422 with what was typed; 409 where it was decided or withdrawn meanwhile."""
    found = find_relief(relief_request)
    form = decide_form(found, request.POST)

    def act() -> Any:
        decide_on_relief(
            by=request.membership,
            relief_request=found,
            granted=form.amount(found.amount),
            reason=form.cleaned_data["reason"],
            seen=seen_version(request),
        )

    return _answered(request, found, form, act)


def _answered(request: MemberRequest, found: Either, form: Any, act: Callable[[], Any]) -> HttpResponse:
    status = 422
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            refused.add_to(form)
            status = refused.status
        else:
            wake_workers(request.membership.organisation_id)
            return _to(request, found)
    return _again(request, found, status, form=form)


def _again(request: MemberRequest, found: Either, status: int, **typed: Any) -> HttpResponse:
    """The page as it stands now, with what was typed."""
    if isinstance(found, Dispute):
        context = dispute_context(request, find_dispute(found.pk))
    else:
        context = relief_context(request, find_relief(found.pk))
    return render_part(request, "disputes/hearing.html", "hearing", context | typed, status=status)


@posted_from("dispute")
@allows("hearing.discuss")
def say_about_dispute(request: MemberRequest, organisation: str, dispute: int) -> HttpResponse:
    return _said(request, find_dispute(dispute))


@posted_from("relief-request")
@allows("hearing.discuss")
def say_about_relief(request: MemberRequest, organisation: str, relief_request: int) -> HttpResponse:
    return _said(request, find_relief(relief_request))


def _said(request: MemberRequest, found: Either) -> HttpResponse:
    """A message to both sides."""
    form = SayForm(request.POST, request.FILES)
    if not form.is_valid():
        return _again(request, found, 422, say=form)
    try:
        given = {"text": form.cleaned_data["text"], "files": form.cleaned_data["attachments"]}
        say_in_hearing(by=request.membership, hearing=found, **given)
    except Refused as refused:
        refused.add_to(form)
        return _again(request, found, refused.status, say=form)
    wake_workers(request.membership.organisation_id)
    return _to(request, found, "#thread")


@posted_from("dispute")
@allows("dispute.ask")
def withdraw_the_dispute(request: MemberRequest, organisation: str, dispute: int) -> HttpResponse:
    found = find_dispute(dispute)
    withdraw_dispute(by=request.membership, dispute=found, seen=seen_version(request))
    wake_workers(request.membership.organisation_id)
    return _to(request, found)


@posted_from("relief-request")
@allows("relief.ask")
def withdraw_the_request(request: MemberRequest, organisation: str, relief_request: int) -> HttpResponse:
    found: ReliefRequest = find_relief(relief_request)
    withdraw_relief(by=request.membership, relief_request=found, seen=seen_version(request))
    wake_workers(request.membership.organisation_id)
    return _to(request, found)


def _to(request: MemberRequest, found: Either, anchor: str = "") -> HttpResponse:
    slug = request.membership.organisation.slug
    return redirect(f"{reverse(kind_of(found), args=[slug, found.pk])}{anchor}")
