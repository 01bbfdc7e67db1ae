"""Adding up the ledger."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from credits.rules import EARNED, EntryKind

ZERO = Decimal(0)


def total(field: str, kinds: Iterable[EntryKind] | None = None, where: Q | None = None) -> Coalesce:
    """The sum of a money field over the entries, or over those of certain kinds, or where something holds; 0 where there is none."""
    chosen = (where or Q()) if kinds is None else (where or Q()) & Q(kind__in=list(kinds))
    return Coalesce(
        Sum(field, filter=chosen or None), ZERO, output_field=models.DecimalField(max_digits=20, decimal_places=4)
    )


class LedgerQuerySet(models.QuerySet[Any]):
    def balance(self) -> Decimal:
        """What the vendor owes by these entries: their sum."""
        return Decimal(self.aggregate(balance=total("amount"))["balance"])

    def by_month(self) -> "models.QuerySet[Any, dict[str, Any]]":
        """One row a contract and month, in order: balance; credit (accrued, earned back and adjusted), capped_amount, waived, invoiced."""
        return (
            self.order_by()
            .values("contract_id", "month")
            .annotate(
                balance=total("amount"),
                credit=total("amount", EARNED),
                capped_amount=total("capped_amount"),
                waived=-total("amount", [EntryKind.WAIVER, EntryKind.WAIVER_BACK]),
                invoiced=-total("amount", [EntryKind.INVOICE]),
            )
            .order_by("contract_id", "month")
        )

    def balances(self) -> list[tuple[date, Decimal]]:
        """(month, balance) in order of month, of the one contract whose entries these are."""
        return [(row["month"], row["balance"]) for row in self.by_month()]
