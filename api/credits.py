"""Credits through the API, from what can be claimed to what was recovered. Keys claim and record; people approve."""

from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint, page
from api.serializers import RowOut
from contracts.models import Contract
from credits import actions
from credits.models import CreditClaim, WaiverProposal
from credits.querysets.cash import items
from credits.rules import CASH_OPEN, CashState, ClaimStatus
from lib.months import month_of
from lib.texts import LONGEST_TEXT
from lib.wakeup import wake_workers
from lib.whole_numbers import whole

AMOUNT = r"\A-?[0-9]{1,12}(\.[0-9]{1,4})?\Z"


class CreditOut(serializers.Serializer):
    """A part of a month's credit. `claim` and `version` are of the claim that it is in; null where nobody has claimed it."""

    contract = serializers.CharField(source="contract_reference")
    contract_id = serializers.IntegerField()
    vendor = serializers.CharField(source="vendor_code")
    month = serializers.DateField()
    state = serializers.ChoiceField(CashState.choices)
    amount = serializers.DecimalField(20, 4)
    currency = serializers.CharField()
    claim_by = serializers.DateField(allow_null=True, help_text="The last day to claim it; null: it does not lapse")
    claim = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    reference = serializers.CharField()
    invoice = serializers.CharField()


class ClaimOut(RowOut):
    contract = serializers.CharField(source="contract.reference")

    class Meta:
        model = CreditClaim
        fields = (
            "id",
            "reference",
            "contract",
            "month",
            "amount",
            "taken",
            "status",
            "claim_by",
            "claimed_by_name",
            "claimed_at",
            "decided_by_name",
            "decided_at",
            "decline_reason",
            "invoice",
            "invoiced_on",
            "recovered_on",
            "payment",
            "version",
        )


class ClaimIn(serializers.Serializer):
    contract = serializers.IntegerField()
    month = serializers.CharField(max_length=7, help_text="2024-04")
    amount = serializers.RegexField(AMOUNT, help_text="What is not claimed of the month, as it was read")


class ApproveIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the claim as it was read")
    amount = serializers.RegexField(AMOUNT, help_text="What is due of it, as it was read")


class ReasonIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the claim as it was read")
    reason = serializers.CharField(max_length=LONGEST_TEXT)


class SeenClaimIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the claim as it was read")


class InvoiceIn(ApproveIn):
    invoice = serializers.CharField(max_length=80)
    on = serializers.DateField(help_text="The day of the invoice")


class RecoveredIn(SeenClaimIn):
    on = serializers.DateField(help_text="The day on which it arrived")
    payment = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class WriteOffOut(RowOut):
    claim = serializers.IntegerField(source="claim_id")

    class Meta:
        model = WaiverProposal
        fields = ("id", "claim", "month", "amount", "reason", "status", "decline_reason", "version")


class WriteOffDecisionIn(serializers.Serializer):
    decision = serializers.ChoiceField(["approve", "decline"])
    version = serializers.IntegerField(help_text="Of the proposal as it was read")
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")


@endpoint("GET", "ledger.view", answers=CreditOut(many=True), query=("state", "contract"))
def credits(request: Request, organisation: str) -> Response:
    """Where every open credit stands, what lapses first on top. ?state=claimable, ?contract=7."""
    state, number = request.query_params.get("state", ""), request.query_params.get("contract", "")
    if state and state not in CashState.values:
        raise ValidationError({"state": f"One of {', '.join(CashState.values)}."})
    contracts = None
    if number:
        if (pk := whole(number)) is None:
            raise ValidationError({"contract": "The id of a contract."})
        contracts = [get_object_or_404(Contract, pk=pk).pk]
    return page(request, items(contracts, timezone.now(), [state] if state else CASH_OPEN), CreditOut)


@endpoint("GET", "ledger.view", answers=ClaimOut(many=True), query=("status",))
def claims(request: Request, organisation: str) -> Response:
    """Claims, the latest first; ?status=approved for those that go on the next invoice."""
    rows = CreditClaim.objects.select_related("contract").order_by("-claimed_at", "-pk")
    if status := request.query_params.get("status"):
        if status not in ClaimStatus.values:
            raise ValidationError({"status": f"One of {', '.join(ClaimStatus.values)}."})
        rows = rows.filter(status=status)
    return page(request, rows, ClaimOut)


@endpoint("POST", "credit.claim", takes=ClaimIn, answers={201: ClaimOut})
def claim_credit(request: Request, organisation: str) -> Response:
    """Claim what nobody has claimed of a month. 409 where that is another amount than was read."""
    given = body(ClaimIn, request)
    contract, month = get_object_or_404(Contract, pk=given["contract"]), month_of(given["month"])
    if month is None:
        raise ValidationError({"month": "Write a month as 2025-01."})
    chosen = [actions.Chosen(contract, month, Decimal(given["amount"]))]
    [made] = actions.claim_credits(by=request.membership, chosen=chosen)
    return _answer(request, made, status=201)


@endpoint("POST", "credit.approve_claim", takes=ApproveIn, answers=ClaimOut)
def approve_claim(request: Request, organisation: str, credit_claim: int) -> Response:
    """Approve what a colleague claims; for people, not keys."""
    found, given = _claim(credit_claim), body(ApproveIn, request)
    amount = Decimal(given["amount"])
    actions.approve_claim(by=request.membership, claim=found, seen=given["version"], amount=amount)
    return _answer(request, found)


@endpoint("POST", "credit.approve_claim", takes=ReasonIn, answers=ClaimOut)
def decline_claim(request: Request, organisation: str, credit_claim: int) -> Response:
    """Turn a colleague's claim down, with the reason."""
    found, given = _claim(credit_claim), body(ReasonIn, request)
    actions.decline_claim(by=request.membership, claim=found, seen=given["version"], reason=given["reason"])
    return _answer(request, found)


@endpoint("POST", "credit.claim", takes=SeenClaimIn, answers=ClaimOut)
def withdraw_claim(request: Request, organisation: str, credit_claim: int) -> Response:
    """Take one's own claim back that waits."""
    found = _claim(credit_claim)
    actions.withdraw_claim(by=request.membership, claim=found, seen=body(SeenClaimIn, request)["version"])
    return _answer(request, found)


@endpoint("POST", "credit.invoice", takes=InvoiceIn, answers=ClaimOut)
def invoice_claim(request: Request, organisation: str, credit_claim: int) -> Response:
    """Record that an invoice takes an approved claim off."""
    found, given = _claim(credit_claim), body(InvoiceIn, request)
    seen, amount = given.pop("version"), Decimal(given.pop("amount"))
    actions.put_on_invoice(by=request.membership, claim=found, seen=seen, amount=amount, **given)
    return _answer(request, found)


@endpoint("POST", "credit.invoice", takes=RecoveredIn, answers=ClaimOut)
def recover_claim(request: Request, organisation: str, credit_claim: int) -> Response:
    """Record that the money of a claim on an invoice has arrived."""
    found, given = _claim(credit_claim), body(RecoveredIn, request)
    actions.mark_recovered(by=request.membership, claim=found, seen=given.pop("version"), **given)
    return _answer(request, found)


@endpoint("POST", "credit.waive", takes=ReasonIn, answers={201: WriteOffOut})
def write_off_claim(request: Request, organisation: str, credit_claim: int) -> Response:
    """Propose to write a claim off; a colleague decides."""
    found, given = _claim(credit_claim), body(ReasonIn, request)
    seen, reason = given["version"], given["reason"]
    made = actions.propose_write_off(by=request.membership, claim=found, seen=seen, reason=reason)
    wake_workers(request.membership.organisation_id)
    return Response(WriteOffOut(made).data, status=201)


@endpoint("POST", "credit.approve_waiver", takes=WriteOffDecisionIn, answers=WriteOffOut)
def decide_on_write_off(request: Request, organisation: str, waiver_proposal: int) -> Response:
    """Approve a colleague's proposal to write a claim off, or decline it with a reason; for people, not keys."""
    rows = WaiverProposal.objects.select_related("contract", "claim__contract").exclude(claim=None)
    found, given = get_object_or_404(rows, pk=waiver_proposal), body(WriteOffDecisionIn, request)
    by: Any = {"by": request.membership, "proposal": found, "seen": given["version"]}
    if given["decision"] == "approve":
        actions.approve_waiver(**by)
    else:
        actions.decline_waiver(**by, reason=given["reason"])
    wake_workers(request.membership.organisation_id)
    return Response(WriteOffOut(WaiverProposal.objects.get(pk=found.pk)).data)


def _claim(pk: int) -> CreditClaim:
    return get_object_or_404(CreditClaim.objects.select_related("contract"), pk=pk)


def _answer(request: Request, claim: CreditClaim, status: int = 200) -> Response:
    wake_workers(request.membership.organisation_id)
    return Response(ClaimOut(_claim(claim.pk)).data, status=status)
