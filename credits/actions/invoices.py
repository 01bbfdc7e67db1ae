"""Taking credits on an invoice."""

from decimal import Decimal

from django.db import transaction

from contracts.models import Contract
from credits.actions.claims import claimed_amounts
from credits.actions.holds import held_months
from credits.actions.posting import check_amount, lock_for_posting, money, post
from credits.models import LedgerEntry
from credits.rules import EntryKind, allocate_oldest_first
from lib.errors import Conflict, RuleBroken
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def record_invoice(*, by: Membership, contract: Contract, amount: Decimal, reference: str) -> list[LedgerEntry]:
    """Record that credits were taken on an invoice: from the oldest months first, one entry a month, all with its number.

    For credits that nobody has claimed: those the vendor deducts unasked. What is claimed goes on an invoice by `put_on_invoice`.
    `amount`: what the invoice takes off; negative where it pays back what earlier ones took too much. At most the contract's
    balance without what is on hold or claimed. RuleBroken for any other amount and without a reference, Conflict where the reference stands
    in the ledger already.
    """
    require(by, "credit.invoice")
    reference = reference.strip()
    if not 0 < len(reference) <= 80:
        raise RuleBroken("reference", "Give the number of the invoice, with at most 80 characters.")
    check_amount(contract, amount)
    contract = lock_for_posting(contract)
    ledger = contract.ledger.all()
    if ledger.filter(kind=EntryKind.INVOICE, reference=reference).exists():
        raise Conflict("invoice", f"Invoice {reference} is in the ledger already.")
    held, waiting = held_months(contract), claimed_amounts(contract)
    balances = [(month, balance - waiting.get(month, Decimal(0))) for month, balance in ledger.balances()]
    free = [(month, balance) for month, balance in balances if month not in held or balance < 0]
    balance = sum((part for _, part in free), Decimal(0))
    if not amount or (amount > 0) != (balance > 0) or abs(amount) > abs(balance):
        waits = sum((part for month, part in balances if month in held and part > 0), Decimal(0))
        stand = f"The credits stand at {money(contract, balance + waits)}"
        if waits:
            stand += f", of which {money(contract, waits)} are on hold while results are disputed"
            raise RuleBroken(
                "balance", f"{stand}; an invoice can take up to {money(contract, max(balance, Decimal(0)))}."
            )
        raise RuleBroken("balance", f"{stand}; an invoice can take up to that.")
    parts = [(month, -part) for month, part in allocate_oldest_first(amount, free)]
    return post(contract, parts, kind=EntryKind.INVOICE, reference=reference, proposed_by=by)
