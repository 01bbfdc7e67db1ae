"""The credit page of a contract: the ledger, waivers, invoices."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
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
def ledger(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponseBase:
    contract = find(contract_id)
    of_entries, of_months = asked(request, contract)
    if not (of_entries or of_months):
        return show(request, contract)
    books, every = ledger_of(contract, for_vendor=request.membership.is_vendor), request.GET.get("show") == "all"
    if of_months:
        months = [one for one in books.months if every or one.notable]
        return of_months.answer(lambda: months, len(months))
    entries = [one for one in reversed(books.entries) if every or one.notable]
    return of_entries.answer(lambda: entries, len(entries))


def asked(request: MemberRequest, contract: Contract) -> tuple[Export, Export]:
    """Of the entries, and of the months; `?show=all` lists months without a credit, too."""
    state, given = {"show": "all" if request.GET.get("show") == "all" else ""}, request.GET
    return (
        Export.asked("ledger", exports.columns(contract.minor_unit), given, state),
        Export.asked("months", exports.month_columns(contract.minor_unit), given, state, "months"),
    )


def show(request: MemberRequest, contract: Contract, status: int = 200, **more: Any) -> HttpResponse:
    """The page, or its part; `more` may bring a form back as it was filled in."""
    member = request.membership
    books = ledger_of(contract, for_vendor=member.is_vendor)
    every = request.GET.get("show") == "all"
    decides = member.may("credit.approve_waiver")
    of_entries, of_months = asked(request, contract)
    context = {
        "contract": contract,
        "currency": contract.currency,
        "books": books,
        "export": of_entries,
        "months_export": of_months,
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
    entries, of_months = "#entries-h", "#months-h"
    said = [
        ("Balance", sums.balance, "Owed by the vendor, not invoiced yet", entries),
        ("Credited", sums.credit, "Since the contract began, earned back deducted", of_months),
        ("Waived", sums.waived, "By the client, so far", entries),
        ("Deducted on invoices", sums.invoiced, "So far", entries),
        ("Cut by caps", sums.capped_amount, "Not charged because of the cap", of_months),
    ]
    return [
        {"label": label, "value": written(value, currency), "sub": sub, "url": url} for label, value, sub, url in said
    ]


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
