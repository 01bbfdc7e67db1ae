"""Letting go of a credit or of a claim is put up for a colleague to decide."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from contracts.models import Contract
from credits.models import CreditClaim, WaiverProposal
from lib import clock
from lib.errors import Conflict
from organisations.models import Membership


def put_up(
    contract: Contract, month: date, amount: Decimal, reason: str, by: Membership, claim: CreditClaim | None = None
) -> WaiverProposal:
    """A proposal about a month, or about a claim of it. Conflict where one about the month waits already."""
    try:
        with transaction.atomic():
            return WaiverProposal.objects.create(
                vendor_id=contract.vendor_id,
                contract=contract,
                claim=claim,
                month=month,
                amount=amount,
                reason=reason.strip(),
                proposed_by=by,
                proposed_at=clock.database_now(),
            )
    except IntegrityError as twice:
        if "waiver_one_proposed" not in str(twice):
            raise
        raise Conflict(
            "waiver", f"A waiver for {month:%B %Y} waits for a decision already. Decide on that one first."
        ) from twice
