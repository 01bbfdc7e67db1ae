"""One claim: what it is of, by which clause, what became of it, and what is done about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.wording import describe_credits
from credits.actions import (
    approve_claim,
    decline_claim,
    mark_recovered,
    propose_write_off,
    put_on_invoice,
    withdraw_claim,
)
from credits.forms import DeclineForm, OnInvoiceForm, RecoveredForm, WriteOffForm
from credits.models import CreditClaim
from credits.pages.cash import Row
from credits.querysets.cash import items_of_claims
from credits.rules import ClaimStatus, WaiverStatus
from credits.views.cash import amount_seen
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.actions import is_own
from organisations.requests import MemberRequest

TEMPLATE = "credits/claim.html"


def find(pk: int) -> CreditClaim:
    return get_object_or_404(CreditClaim.objects.select_related("contract__vendor"), pk=pk)


@require_safe
@allows("ledger.view")
def claim(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    return show(request, find(credit_claim_id))


def show(request: MemberRequest, claim: CreditClaim, status: int = 200, **more: Any) -> HttpResponse:
    """The page, or its part; `more` may bring a form back as it was filled in."""
    member, now = request.membership, timezone.now()
    item = items_of_claims([claim.pk], [claim.contract_id], now).get(claim.pk)
    today = {"on": claim.contract.day(now).isoformat()}
    proposal = None if member.is_vendor else claim.write_offs.filter(status=WaiverStatus.PROPOSED).first()
    credits = claim.contract.in_force(claim.month).credits
    claimed = claim.status == ClaimStatus.CLAIMED and not member.is_vendor
    own, can_write_off = claimed and is_own(member, claim.claimed_by_id), claim.amount > 0 and not proposal
    context = {
        "claim": claim,
        "contract": claim.contract,
        "item": item,
        "row": Row(item, False) if item else None,
        "due": item.amount if item else 0,
        "own": own,
        "proposal": proposal,
        "clauses": describe_credits(credits, claim.contract.currency) if credits else [],
        "may_decide": claim.status == ClaimStatus.CLAIMED and member.may("credit.approve_claim") and not own,
        "may_withdraw": member.may("credit.claim")
        and (
            (claim.status == ClaimStatus.CLAIMED and own)
            or (claim.status in (ClaimStatus.CLAIMED, ClaimStatus.APPROVED) and not (item and item.amount))
        ),
        "may_invoice": claim.status == ClaimStatus.APPROVED and member.may("credit.invoice"),
        "may_recover": claim.status == ClaimStatus.INVOICED and member.may("credit.invoice"),
        "may_write_off": claim.status in (ClaimStatus.APPROVED, ClaimStatus.INVOICED)
        and member.may("credit.waive")
        and can_write_off,
        "decline": DeclineForm(auto_id="decline-%s"),
        "invoice": OnInvoiceForm(initial=today, auto_id="invoice-%s"),
        "recovered": RecoveredForm(initial=today, auto_id="recovered-%s"),
        "write_off": WriteOffForm(auto_id="write-off-%s"),
        **more,
    }
    return render_part(request, TEMPLATE, "claim", context, status)


def _act(request: MemberRequest, claim: CreditClaim, act: Callable[[], Any], said: str, **form: Any) -> HttpResponse:
    """Do it and go to the claim's page; a refusal, and a form with errors, stand on it."""
    if any(not one.is_valid() for one in form.values()):
        return show(request, claim, 422, **form)
    try:
        act()
    except Refused as refused:
        return show(request, find(claim.pk), refused.status, refused=refused.sentence, **form)
    wake_workers(request.membership.organisation_id)
    messages.success(request, said)
    return redirect("claim", request.membership.organisation.slug, claim.pk)


@posted_from("claim")
@allows("credit.approve_claim")
def decide(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    """decision=approve, of the amount that was seen; decision=decline with a reason."""
    found, by = find(credit_claim_id), request.membership
    seen = seen_version(request)
    if request.POST.get("decision") == "approve":
        return _act(
            request,
            found,
            lambda: approve_claim(by=by, claim=found, seen=seen, amount=amount_seen(request.POST.get("amount", ""))),
            "Claim approved",
        )
    form = DeclineForm(request.POST, auto_id="decline-%s")
    return _act(
        request,
        found,
        lambda: decline_claim(by=by, claim=found, seen=seen, **form.cleaned_data),
        "Claim declined",
        decline=form,
    )


@posted_from("claim")
@allows("credit.claim")
def withdraw(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    found, seen = find(credit_claim_id), seen_version(request)
    return _act(
        request, found, lambda: withdraw_claim(by=request.membership, claim=found, seen=seen), "Claim withdrawn"
    )


@posted_from("claim")
@allows("credit.invoice")
def invoice(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    found, seen = find(credit_claim_id), seen_version(request)
    form = OnInvoiceForm(request.POST, auto_id="invoice-%s")
    return _act(
        request,
        found,
        lambda: put_on_invoice(
            by=request.membership,
            claim=found,
            seen=seen,
            amount=amount_seen(request.POST.get("amount", "")),
            **form.cleaned_data,
        ),
        "On the invoice",
        invoice=form,
    )


@posted_from("claim")
@allows("credit.invoice")
def recover(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    found, seen = find(credit_claim_id), seen_version(request)
    form = RecoveredForm(request.POST, auto_id="recovered-%s")
    return _act(
        request,
        found,
        lambda: mark_recovered(by=request.membership, claim=found, seen=seen, **form.cleaned_data),
        "Recovered",
        recovered=form,
    )


@posted_from("claim")
@allows("credit.waive")
def write_off(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    found, seen = find(credit_claim_id), seen_version(request)
    form = WriteOffForm(request.POST, auto_id="write-off-%s")
    return _act(
        request,
        found,
        lambda: propose_write_off(by=request.membership, claim=found, seen=seen, **form.cleaned_data),
        "Write-off proposed. A colleague decides.",
        write_off=form,
    )
