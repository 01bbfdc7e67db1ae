"""Claiming credits: one person claims, another approves; then they go on an invoice, and arrive or are written off."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from contracts.models import Contract
from credits.actions.posting import lock_for_posting, money, post
from credits.actions.proposals import put_up
from credits.models import CreditClaim, WaiverProposal
from credits.querysets.cash import Item, item_of_month, items, items_of_claims
from credits.rules import CLAIM_TRANSITIONS, CashState, ClaimStatus, EntryKind
from lib import clock
from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.templatetags.dates import format_day
from lib.transitions import move, must_be_as_seen
from organisations.actions import is_own, require
from organisations.models import Membership


class Chosen(NamedTuple):
    """A month's credit that somebody chose on a page or in a call, with the amount that they saw."""

    contract: Contract
    month: date
    amount: Decimal


@transaction.atomic
def claim_credits(*, by: Membership, chosen: Iterable[Chosen], now: datetime | None = None) -> list[CreditClaim]:
    """Claim what nobody has claimed of some months, all or none. A colleague approves.

    RuleBroken for nothing, for a month that is on hold or whose time has passed; Conflict where what is left of a month is another amount
    than was seen, or a claim for it waits already.
    """
    require(by, "credit.claim")
    wanted = sorted(chosen, key=lambda one: (one.contract.pk, one.month))
    if not wanted:
        raise RuleBroken("nothing", "Choose the months whose credits you claim.")
    now = now or clock.database_now()
    for contract in sorted({one.contract.pk for one in wanted}):
        Contract.objects.select_for_update(no_key=True).get(pk=contract)
    return [_claim(by, one, now) for one in wanted]


def _claim(by: Membership, one: Chosen, now: datetime) -> CreditClaim:
    contract, month = one.contract, one.month
    left = item_of_month(contract.pk, month, now)
    if left is None or left.amount != one.amount:
        stand = money(contract, left.amount if left else Decimal(0))
        raise Conflict("amount", f"Of {month:%B %Y} {stand} are not claimed by now. Look at it again, then claim.")
    if left.state == CashState.ON_HOLD:
        raise RuleBroken("held", f"The credit of {month:%B %Y} is on hold while a result is disputed.")
    if left.state == CashState.LAPSED and left.claim_by:
        raise RuleBroken("lapsed", f"The credit of {month:%B %Y} had to be claimed by {format_day(left.claim_by)}.")
    return new_claim(contract, month, one.amount, by=by, now=now, claim_by=left.claim_by)


def new_claim(
    contract: Contract, month: date, amount: Decimal, *, by: Membership, now: datetime, **columns: Any
) -> CreditClaim:
    """The row of a claim, under the next reference of its month. Conflict where one for the month waits for approval already."""
    count = contract.claims.filter(month=month).count()
    reference = f"{contract.reference}/{month:%Y-%m}" + (f"/{count + 1}" if count else "")
    try:
        with transaction.atomic():
            made: CreditClaim = CreditClaim.objects.create(
                vendor_id=contract.vendor_id,
                contract=contract,
                month=month,
                reference=reference,
                amount=amount,
                claimed_by=by,
                claimed_by_name=by.name,
                claimed_at=now,
                **columns,
            )
            return made
    except IntegrityError as twice:
        if "claim_one_waits" not in str(twice):
            raise
        raise Conflict(
            "claimed", f"A claim for {month:%B %Y} waits for approval already. Decide on that one first."
        ) from twice


@transaction.atomic
def approve_claim(
    *, by: Membership, claim: CreditClaim, seen: int | None = None, amount: Decimal | None = None
) -> CreditClaim:
    """Approve what a colleague claims; the vendor is told. `amount`: what was seen as due. What an invoice took off already, as its number
    on the claim says, is on the invoice with that.

    NotAllowed for one's own, RuleBroken while the month is on hold, Conflict where another amount is due by now.
    """
    require(by, "credit.approve_claim")
    if is_own(by, claim.claimed_by_id):
        raise NotAllowed("own_claim", "Nobody approves their own claim. Ask a colleague to decide.")
    must_be_as_seen(claim, seen)
    due = _due(claim, amount)
    move(claim, ClaimStatus.APPROVED, CLAIM_TRANSITIONS, shared=True, **_decided(by))
    if claim.invoice:
        _invoiced(claim, due, by, proposed_by_id=claim.claimed_by_id, approved_by=by)
    return claim


@transaction.atomic
def decline_claim(*, by: Membership, claim: CreditClaim, reason: str, seen: int | None = None) -> CreditClaim:
    """Turn a colleague's claim down, with the reason. What it was of can be claimed again while there is time."""
    require(by, "credit.approve_claim")
    if is_own(by, claim.claimed_by_id):
        raise NotAllowed("own_claim", "This is your own claim: withdraw it, or ask a colleague to decide.")
    must_be_as_seen(claim, seen)
    if not reason.strip():
        raise RuleBroken("reason", f"Say why the claim is declined; {claim.claimed_by_name} will read it.")
    return move(claim, ClaimStatus.DECLINED, CLAIM_TRANSITIONS, decline_reason=reason.strip(), **_decided(by))


@transaction.atomic
def withdraw_claim(
    *, by: Membership, claim: CreditClaim, seen: int | None = None, now: datetime | None = None
) -> CreditClaim:
    """Take back a claim of one's own before it is decided on, while there is time to claim again; or an approved one of which a restatement
    has left nothing.

    To let a credit go otherwise takes two people: RuleBroken.
    """
    require(by, "credit.claim")
    must_be_as_seen(claim, seen)
    now = now or clock.database_now()
    contract = lock_for_posting(claim.contract)
    item = items_of_claims([claim.pk], [contract.pk], now).get(claim.pk)
    if item is not None and item.amount:
        if claim.status == ClaimStatus.APPROVED:
            raise RuleBroken("approved", "It is approved. To let it go, propose to write it off; a colleague decides.")
        if not is_own(by, claim.claimed_by_id):
            raise NotAllowed("own_claim", f"{claim.claimed_by_name} can withdraw it; you can decline it.")
        if claim.claim_by and claim.claim_by < contract.day(now):
            raise RuleBroken(
                "lapsed", "It could not be claimed again, the time has passed. A colleague can decline it."
            )
    return move(claim, ClaimStatus.WITHDRAWN, CLAIM_TRANSITIONS, **_decided(by))


@transaction.atomic
def put_on_invoice(
    *,
    by: Membership,
    claim: CreditClaim,
    invoice: str,
    on: date,
    seen: int | None = None,
    amount: Decimal | None = None,
) -> CreditClaim:
    """Record that an approved claim was deducted on an invoice; the ledger gets its entry, of what is due by now.

    `on`: the day of the invoice. RuleBroken without a number, for a day to come, and while the month is on hold.
    """
    require(by, "credit.invoice")
    invoice = invoice.strip()
    if not 0 < len(invoice) <= 80:
        raise RuleBroken("invoice", "Give the number of the invoice, with at most 80 characters.")
    _not_to_come(claim.contract, "on", on)
    must_be_as_seen(claim, seen)
    due = _due(claim, amount)
    claim.invoice, claim.invoiced_on = invoice, on
    _invoiced(claim, due, by, proposed_by=by)
    return claim


def _invoiced(claim: CreditClaim, due: Decimal, by: Membership, **people: Any) -> None:
    """It is on the invoice whose number and day it says: the ledger gets its entry, by `people`."""
    changes = {"taken": due, "invoice": claim.invoice, "invoiced_on": claim.invoiced_on}
    move(claim, ClaimStatus.INVOICED, CLAIM_TRANSITIONS, **changes, invoiced_by=by, invoiced_by_name=by.name)
    contract = lock_for_posting(claim.contract)
    post(contract, [(claim.month, -due)], kind=EntryKind.INVOICE, reference=claim.invoice, **people)


@transaction.atomic
def mark_recovered(
    *, by: Membership, claim: CreditClaim, on: date, payment: str = "", seen: int | None = None
) -> CreditClaim:
    """Record that the money of a claim on an invoice has arrived. `on`: the day; `payment`: its number in accounts payable."""
    require(by, "credit.invoice")
    _not_to_come(claim.contract, "on", on)
    if len(payment) > 80:
        raise RuleBroken("payment", "Give the number of the payment with at most 80 characters.")
    must_be_as_seen(claim, seen)
    changes = {"recovered_on": on, "payment": payment.strip(), "recovered_by": by, "recovered_by_name": by.name}
    return move(claim, ClaimStatus.RECOVERED, CLAIM_TRANSITIONS, **changes)


@transaction.atomic
def propose_write_off(*, by: Membership, claim: CreditClaim, reason: str, seen: int | None = None) -> WaiverProposal:
    """Propose to let go of a claim that is approved or on an invoice and will not arrive. A colleague decides as on a waiver.

    RuleBroken without a reason, and for what is paid back to the vendor; Conflict where a proposal about the month waits already.
    """
    require(by, "credit.waive")
    must_be_as_seen(claim, seen)
    if not reason.strip():
        raise RuleBroken("reason", "Say why the credit is written off.")
    if ClaimStatus.WRITTEN_OFF not in CLAIM_TRANSITIONS.get(claim.status, ()):
        raise Conflict("status", f"This is {claim.get_status_display().lower()} by now and is not written off.")
    lock_for_posting(claim.contract)
    amount = claim.taken if claim.taken is not None else _due(claim, None)
    if amount < 0:
        raise RuleBroken("amount", "This is owed to the vendor; it is not ours to write off.")
    return put_up(claim.contract, claim.month, amount, reason, by, claim)


def claimed_amounts(contract: Contract) -> dict[date, Decimal]:
    """What of each month is claimed and not on an invoice yet, as far as it is due. One statement."""
    states = [CashState.CLAIMED, CashState.APPROVED]
    found: defaultdict[date, Decimal] = defaultdict(Decimal)
    for item in items([contract.pk], clock.database_now(), states):
        found[item.month] += item.amount
    return found


def write_off(claim: CreditClaim, proposal: WaiverProposal, contract: Contract, by: Membership) -> None:
    """Post what a colleague approved; to be called once the proposal is moved. What was on an invoice is taken off it."""
    people: dict[str, Any] = {"proposed_by_id": proposal.proposed_by_id, "approved_by": by}
    if claim.status == ClaimStatus.APPROVED:
        due = _due(claim, proposal.amount, while_held=True)
        move(claim, ClaimStatus.WRITTEN_OFF, CLAIM_TRANSITIONS, taken=due)
    else:
        due = claim.taken or Decimal(0)
        move(claim, ClaimStatus.WRITTEN_OFF, CLAIM_TRANSITIONS)
        post(contract, [(claim.month, due)], kind=EntryKind.INVOICE, reference=claim.invoice, **people)
    reason = f"Written off. {proposal.reason}"
    post(contract, [(claim.month, -due)], kind=EntryKind.WAIVER, reason=reason, reference=claim.reference, **people)


def _due(claim: CreditClaim, seen: Decimal | None, *, while_held: bool = False) -> Decimal:
    """What of a claim is due, with the contract's books locked. Conflict where that is nothing, or not what was seen."""
    contract = lock_for_posting(claim.contract)
    item: Item | None = items_of_claims([claim.pk], [contract.pk], clock.database_now()).get(claim.pk)
    due = item.amount if item else Decimal(0)
    if item and item.held and not while_held:
        raise RuleBroken("held", f"The credit of {claim.month:%B %Y} is on hold while a result is disputed.")
    if not due or (seen is not None and seen != due):
        raise Conflict("amount", f"{money(contract, due)} of this claim are due by now. Look at it again, then decide.")
    return due


def _decided(by: Membership) -> dict[str, Any]:
    return {"decided_by": by, "decided_by_name": by.name, "decided_at": clock.database_now()}


def _not_to_come(contract: Contract, field: str, day: date) -> None:
    if day > contract.day(clock.database_now()):
        raise RuleBroken(field, "That day is still to come.")
