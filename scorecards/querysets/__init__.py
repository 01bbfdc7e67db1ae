"""Finding what was published."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery


class PublicationQuerySet(models.QuerySet[Any]):
    def of(self, contract: Any, month: date) -> "PublicationQuerySet":
        """The editions of a contract's month, the latest first, with what the vendor said."""
        return self.filter(contract=contract, month=month).order_by("-edition").prefetch_related("acceptances")

    def in_force(self, contracts: Collection[int], first: date, last: date) -> "PublicationQuerySet":
        """Of each month of some contracts the edition that counts, without its snapshot. One statement."""
        found = self.filter(contract_id__in=contracts, month__range=(first, last)).defer("snapshot", "word")
        return found.order_by("contract_id", "month", "-edition").distinct("contract_id", "month")

    def of_row(self) -> "PublicationQuerySet":
        """For a subquery: the editions of the month that the outer row, with a contract and a month, is about."""
        return self.filter(contract=OuterRef("contract_id"), month=OuterRef("month"))

    def edition_of_row(self) -> Subquery:
        """The number of the edition that counts, of that month; null where none is published."""
        return Subquery(self.of_row().order_by("-edition").values("edition")[:1])
