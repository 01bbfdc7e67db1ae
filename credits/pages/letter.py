"""A claim as a letter to the vendor: the months whose credits are claimed together, with their references and the sum."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from contracts.wording import describe_credits
from credits.models import CreditClaim
from credits.querysets.cash import Item
from credits.rules import ClaimStatus
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.money import format_amount

NOT_CLAIMED = (ClaimStatus.DECLINED, ClaimStatus.WITHDRAWN)


def claimed_together(claim: CreditClaim) -> list[CreditClaim]:
    """The claims of its contract that were made with it, as the reader may see them, by month; without those that came to nothing. One
    statement."""
    found = CreditClaim.objects.filter(contract=claim.contract_id, claimed_at=claim.claimed_at)
    return list(found.exclude(status__in=NOT_CLAIMED).order_by("month", "pk"))


def claim_letter(
    claim: CreditClaim, claims: Sequence[CreditClaim], due: dict[int, Item], client: str
) -> dict[str, Any]:
    """The data of `templates/documents/claim_letter.typ`. `due`: what of each claim is due by now. Needs the contract with its vendor."""
    contract, vendor = claim.contract, claim.contract.vendor.name
    amounts = {one.pk: due[one.pk].amount if one.pk in due else one.amount for one in claims}
    total = format_amount(sum(amounts.values(), Decimal(0)), contract.currency)
    credits = contract.in_force(claim.month).credits
    waits = any(one.status == ClaimStatus.CLAIMED for one in claims)
    return {
        "title": f"Claim of service credits, {contract.reference}",
        "author": client,
        "kicker": f"{client} to {vendor}",
        "lead": f"{total} for {', '.join(month_name(one.month) for one in claims)}." + (" Not approved yet." if waits else ""),
        "foot": f"Claim of service credits, {contract.reference}",
        "facts": [
            ["From", client],
            ["To", vendor],
            ["Contract", f"{contract.reference} {contract.title}"],
            ["Claimed on", format_day(contract.day(claim.claimed_at))],
            ["Claimed by", claim.claimed_by_name],
            *([["Approved by", claim.decided_by_name]] if claim.decided_by_name and not waits else []),
            ["To be claimed within", _within(contract.claim_within)],
        ],
        "columns": [
            {"label": "Month"},
            {"label": "Reference", "width": "1fr"},
            {"label": "To be claimed by"},
            {"label": "Stands"},
            {"label": "Credit", "align": "right"},
        ],
        "rows": [
            [
                month_name(one.month),
                one.reference,
                format_day(one.claim_by) if one.claim_by else "–",
                _stands(one),
                format_amount(amounts[one.pk], contract.currency),
            ]
            for one in claims
        ],
        "total": ["Sum", "", "", "", {"text": total, "strong": True}],
        "clauses": [list(pair) for pair in describe_credits(credits, contract.currency)] if credits else [],
        "words": {
            "claimed": "What is claimed",
            "clauses": "Under the contract",
            "closing": "Please deduct the sum from your next invoice, and name the references on it.",
        },
    }  # fmt: skip


def made_at(claims: Sequence[CreditClaim]) -> datetime:
    """When the last thing happened that the letter says, so that the same state makes the same bytes."""
    return max(one.decided_at or one.claimed_at for one in claims)


def _within(days: int | None) -> str:
    return "no time is agreed" if days is None else f"{days} days after the month’s end"


def _stands(claim: CreditClaim) -> str:
    status = str(claim.get_status_display())
    return f"{status} {claim.invoice}" if claim.invoice and claim.status == ClaimStatus.INVOICED else status
