"""The credit page of a contract: the ledger, waivers, invoices."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from contracts.models import Contract
from credits import exports
from credits.actions import approve_waiver, decline_waiver, propose_waiver, record_invoice
from credits.forms import InvoiceForm, WaiverForm
from credits.models import WaiverProposal
from credits.statement import Ledger, ledger_of
from lib.errors import Refused
from lib.htmx import render_part, seen_version, toast
from lib.posts import posted_from
from lib.tables import Export
from lib.templatetags.dates import month_name
from lib.templatetags.money import format_amount as written
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.actions import is_own, own_members, settings_in_scope
from organisations.requests import MemberRequest

PAGE = "credits/ledger.html"
FASTER = "Somebody was faster: this was decided meanwhile. The books below say how."


def find(pk: int) -> Contract:
    return get_object_or_404(Contract.objects.select_related("vendor"), pk=pk)


@require_safe
@allows("ledger.view")
def ledger(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    contract = find(contract_id)
    export = asked(request, contract)
    if not export:
        return show(request, contract)
    entries = [
        one
        for one in reversed(ledger_of(contract, for_vendor=request.membership.is_vendor).entries)
        if one.notable or export.state
    ]
    return export.answer(lambda: entries, len(entries))


def asked(request: MemberRequest, contract: Contract) -> Export:
    """`?show=all` lists months without a credit, too."""
    state = {"show": "all" if request.GET.get("show") == "all" else ""}
    return Export.asked("ledger", exports.columns(contract.minor_unit), request.GET, state)


def show(request: MemberRequest, contract: Contract, status: int = 200, **more: Any) -> HttpResponse:
    """The page, or its part; `more` may bring a form back as it was filled in."""
    member = request.membership
    books = ledger_of(contract, for_vendor=member.is_vendor)
    every = request.GET.get("show") == "all"
    decides = member.may("credit.approve_waiver")
    context = {
        "contract": contract,
        "currency": contract.currency,
        "books": books,
        "export": asked(request, contract),
        "every": every,
        "entries": [one for one in reversed(books.entries) if every or one.notable],
        "months": [one for one in books.months if every or one.notable],
        "stats": _stats(books),
        "may_waive": member.may("credit.waive") and bool(books.waivable),
        "may_decide": decides,
        "own": own_members(member) if decides and books.open_proposals else (),
        "may_invoice": member.may("credit.invoice") and books.sums.balance != 0,
        "alone_below": settings_in_scope().two_people_from if member.may("credit.waive") else None,
        "waiver": WaiverForm(months=[one.month for one in books.waivable]),
        "invoice": InvoiceForm(),
        **more,
    }
    return render_part(request, PAGE, "credits", context, status)


def _stats(books: Ledger) -> list[dict[str, Any]]:
    currency, sums = books.contract.currency, books.sums
    said = [
        ("Balance", sums.balance, "Owed by the vendor, not invoiced yet"),
        ("Credited", sums.credit, "Since the contract began, earned back deducted"),
        ("Waived", sums.waived, "By the client, so far"),
        ("Deducted on invoices", sums.invoiced, "So far"),
        ("Cut by caps", sums.capped_amount, "Not charged because of the cap"),
    ]
    return [{"label": label, "value": written(value, currency), "sub": sub} for label, value, sub in said]


def _act(
    request: MemberRequest,
    contract: Contract,
    act: Callable[[], Any],
    said: str | Callable[[Any], str],
    **more: Any,
) -> HttpResponse:
    """Do it and show the books; a refusal is said on the page, with the form as it was filled in. `said`: by what was done, where it
    depends on that."""
    try:
        done = act()
    except Refused as refused:
        sentence = FASTER if refused.code == "status" else refused.sentence
        return show(request, contract, refused.status, refused=sentence, **more)
    wake_workers(contract.organisation_id)
    text = said if isinstance(said, str) else said(done)
    if request.htmx:
        return toast(show(request, contract), text)
    messages.success(request, text)
    return redirect("ledger", request.membership.organisation.slug, contract.pk)


@posted_from("ledger")
@allows("credit.waive")
def propose(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    member = request.membership
    contract = find(contract_id)
    form = WaiverForm(request.POST, months=[row["month"] for row in contract.ledger.by_month() if row["balance"] > 0])
    if not form.is_valid():
        return show(request, contract, 422, waiver=form)
    given = form.cleaned_data
    month = date.fromisoformat(given["month"])
    return _act(
        request,
        contract,
        lambda: propose_waiver(
            by=member, contract=contract, month=month, amount=given["amount"], reason=given["reason"]
        ),
        lambda proposal: (
            f"Waiver for {month_name(month)} proposed. A colleague decides."
            if proposal
            else f"{written(given['amount'], contract.currency)} waived for {month_name(month)}"
        ),
        waiver=form,
    )


@posted_from("ledger")
@allows("credit.approve_waiver")
def decide(request: MemberRequest, organisation: str, contract_id: int, waiver_proposal_id: int) -> HttpResponse:
    """decision=approve posts the waiver; decision=decline with a reason turns it down, or withdraws one's own."""
    member = request.membership
    contract = find(contract_id)
    proposal = get_object_or_404(
        WaiverProposal.objects.select_related("contract"), pk=waiver_proposal_id, contract=contract
    )
    approves, seen = request.POST.get("decision") == "approve", seen_version(request)
    word = "approved" if approves else "withdrawn" if is_own(member, proposal.proposed_by_id) else "declined"
    said = f"Waiver for {month_name(proposal.month)} {word}"
    if approves:
        return _act(request, contract, lambda: approve_waiver(by=member, proposal=proposal, seen=seen), said)
    reason = request.POST.get("reason", "")
    return _act(request, contract, lambda: decline_waiver(by=member, proposal=proposal, reason=reason, seen=seen), said)


@posted_from("ledger")
@allows("credit.invoice")
def record(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    member = request.membership
    contract, form = find(contract_id), InvoiceForm(request.POST)
    if not form.is_valid():
        return show(request, contract, 422, invoice=form)
    given = form.cleaned_data
    return _act(
        request,
        contract,
        lambda: record_invoice(by=member, contract=contract, **given),
        f"Invoice {given['reference']} recorded. A colleague approves it.",
        invoice=form,
    )
