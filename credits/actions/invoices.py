"""Taking credits on an invoice that nobody has claimed: what the vendor deducts unasked."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from contracts.models import Contract
from credits.actions.claims import claimed_amounts, new_claim
from credits.actions.holds import held_amounts
from credits.actions.posting import check_amount, lock_for_posting, money
from credits.models import CreditClaim
from credits.rules import ClaimStatus, EntryKind, allocate_oldest_first
from lib import clock
from lib.errors import Conflict, RuleBroken
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def record_invoice(
    *, by: Membership, contract: Contract, amount: Decimal, reference: str, on: date | None = None
) -> list[CreditClaim]:
    """Record that credits were taken on an invoice: from the oldest months first, a claim of each with the invoice's number. A colleague
    approves them, and with that they are on the invoice; until then nothing is booked.

    For credits that nobody has claimed, those too that could not be claimed any more. What is claimed goes on an invoice by
    `put_on_invoice`. `amount`: what the invoice takes off; negative where it pays back what earlier ones took too much; at most the
    contract's balance without what is on hold or claimed. `on`: the day of the invoice, else today. RuleBroken for any other amount,
    without a reference and for a day to come; Conflict where the reference is on record already.
    """
    require(by, "credit.invoice")
    reference = reference.strip()
    if not 0 < len(reference) <= 80:
        raise RuleBroken("reference", "Give the number of the invoice, with at most 80 characters.")
    check_amount(contract, amount)
    contract, now = lock_for_posting(contract), clock.database_now()
    on = on or contract.day(now)
    if on > contract.day(now):
        raise RuleBroken("on", "That day is still to come.")
    ledger, waiting = (
        contract.ledger.all(),
        contract.claims.filter(status__in=[ClaimStatus.CLAIMED, ClaimStatus.APPROVED]),
    )
    if (
        ledger.filter(kind=EntryKind.INVOICE, reference=reference).exists()
        or waiting.filter(invoice=reference).exists()
    ):
        raise Conflict("invoice", f"Invoice {reference} is on record already.")
    free, held = _free(contract)
    balance = sum((part for _, part in free), Decimal(0))
    if not amount or (amount > 0) != (balance > 0) or abs(amount) > abs(balance):
        stand = f"The credits stand at {money(contract, balance + held)}"
        if held:
            stand += f", of which {money(contract, held)} are on hold while results are disputed"
            raise RuleBroken(
                "balance", f"{stand}; an invoice can take up to {money(contract, max(balance, Decimal(0)))}."
            )
        raise RuleBroken("balance", f"{stand}; an invoice can take up to that.")
    return [
        new_claim(contract, month, part, by=by, now=now, invoice=reference, invoiced_on=on)
        for month, part in allocate_oldest_first(amount, free)
    ]


def _free(contract: Contract) -> tuple[list[tuple[date, Decimal]], Decimal]:
    """What of each month is neither on hold nor claimed, in order; and what is on hold in all. A month of which a claim waits for approval
    is left out: one is decided on at a time."""
    holds, claimed = held_amounts(contract), claimed_amounts(contract)
    undecided = set(contract.claims.filter(status=ClaimStatus.CLAIMED).values_list("month", flat=True))
    free, held = [], Decimal(0)
    for month, balance in contract.ledger.balances():
        left = balance - claimed.get(month, Decimal(0))
        part = Decimal(0)
        if month in holds and left > 0:
            amount = holds[month]
            part = left if amount is None else min(left, amount)
        held += part
        if month not in undecided:
            free.append((month, left - part))
    return free, held
