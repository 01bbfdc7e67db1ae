"""Letting a credit go: one person proposes, another decides."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from contracts.models import Contract
from credits.actions.claims import write_off
from credits.actions.posting import check_amount, lock_for_posting, money, post
from credits.actions.proposals import put_up
from credits.models import WaiverProposal
from credits.querysets.cash import item_of_month
from credits.rules import WAIVER_TRANSITIONS, EntryKind, WaiverStatus
from lib import clock
from lib.errors import NotAllowed, RuleBroken
from lib.transitions import move, must_be_as_seen
from organisations.actions import is_own, require, settings_in_scope
from organisations.models import Membership


@transaction.atomic
def propose_waiver(
    *, by: Membership, contract: Contract, month: date, amount: Decimal, reason: str
) -> WaiverProposal | None:
    """Propose not to take (a part of) the credit of a month. `month` is its first day, `amount` in the contract's currency.

    None: it was waived at once, because what has been waived of the month by one person alone stays below the amount from which the
    organisation wants two. RuleBroken for an amount that is not positive, finer than the currency or more than the month's balance, and
    without a reason; Conflict where a proposal about this month waits already.
    """
    require(by, "credit.waive")
    check_amount(contract, amount)
    if amount <= 0:
        raise RuleBroken("amount", "The amount to waive must be more than 0.")
    if not reason.strip():
        raise RuleBroken("reason", "Say why the credit is waived.")
    contract = lock_for_posting(contract)
    _must_be_there(contract, month, amount)
    if by_one_alone(contract, month) + amount < (settings_in_scope().two_people_from or 0):
        post(contract, [(month, -amount)], kind=EntryKind.WAIVER, reason=reason.strip(), proposed_by=by)
        return None
    return put_up(contract, month, amount, reason, by)


@transaction.atomic
def approve_waiver(*, by: Membership, proposal: WaiverProposal, seen: int | None = None) -> WaiverProposal:
    """Approve what somebody else proposed, and post it; a claim is written off with it.

    NotAllowed for one's own; RuleBroken where the balance is lower by now, Conflict where the claim has arrived meanwhile.
    """
    require(by, "credit.approve_waiver")
    if is_own(by, proposal.proposed_by_id):
        raise NotAllowed("own_proposal", "Nobody approves their own proposal. Ask a colleague to decide.")
    must_be_as_seen(proposal, seen)
    contract = lock_for_posting(proposal.contract)
    move(proposal, WaiverStatus.APPROVED, WAIVER_TRANSITIONS, decided_by=by, decided_at=clock.database_now())
    if proposal.claim:
        write_off(proposal.claim, proposal, contract, by)
        return proposal
    _must_be_there(contract, proposal.month, proposal.amount)
    people = {"proposed_by_id": proposal.proposed_by_id, "approved_by": by}
    post(contract, [(proposal.month, -proposal.amount)], kind=EntryKind.WAIVER, reason=proposal.reason, **people)
    return proposal


@transaction.atomic
def decline_waiver(
    *, by: Membership, proposal: WaiverProposal, reason: str = "", seen: int | None = None
) -> WaiverProposal:
    """Turn a proposal down, with the reason; whoever proposed it withdraws it, and needs none. Nothing is posted.

    RuleBroken for a colleague's proposal without a reason.
    """
    require(by, "credit.approve_waiver")
    must_be_as_seen(proposal, seen)
    decided = {"decided_by": by, "decided_at": clock.database_now()}
    if is_own(by, proposal.proposed_by_id):
        return move(proposal, WaiverStatus.WITHDRAWN, WAIVER_TRANSITIONS, **decided)
    if not reason.strip():
        raise RuleBroken("reason", f"Say why the waiver is declined; {proposal.proposed_by.name} will read it.")
    return move(proposal, WaiverStatus.DECLINED, WAIVER_TRANSITIONS, decline_reason=reason.strip(), **decided)


def by_one_alone(contract: Contract, month: date) -> Decimal:
    """How much of a month's credit was waived without a second person: parts of an amount count together."""
    alone = contract.ledger.filter(month=month, kind=EntryKind.WAIVER, approved_by=None)
    return -(alone.aggregate(total=Sum("amount"))["total"] or Decimal(0))


def _must_be_there(contract: Contract, month: date, amount: Decimal) -> None:
    left = item_of_month(contract.pk, month, clock.database_now())
    balance = max(left.amount, Decimal(0)) if left else Decimal(0)
    if amount > balance:
        raise RuleBroken(
            "balance",
            f"The credit of {month:%B %Y} that is not claimed stands at {money(contract, balance)}; no more than that can be waived.",
        )
