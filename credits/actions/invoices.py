"""Taking credits on an invoice."""

from decimal import Decimal

from django.db import transaction

from contracts.models import Contract
from credits.actions.posting import check_amount, lock_for_posting, money, post
from credits.models import LedgerEntry
from credits.rules import EntryKind, allocate_oldest_first
from lib.errors import Conflict, RuleBroken
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def record_invoice(*, by: Membership, contract: Contract, amount: Decimal, reference: str) -> list[LedgerEntry]:
    """Record that credits were taken on an invoice: from the oldest months first, one entry a month, all with its number.

    `amount`: what the invoice takes off; negative where it pays back what earlier ones took too much. At most the contract's
    balance. RuleBroken for any other amount and without a reference, Conflict where the reference stands in the ledger already.
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
    balance = ledger.balance()
    if not amount or (amount > 0) != (balance > 0) or abs(amount) > abs(balance):
        raise RuleBroken("balance", f"The credits stand at {money(contract, balance)}; an invoice can take up to that.")
    parts = [(month, -part) for month, part in allocate_oldest_first(amount, ledger.balances())]
    return post(contract, parts, kind=EntryKind.INVOICE, reference=reference, proposed_by=by)
