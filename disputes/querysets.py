"""Finding relief requests and disputes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models


class HearingQuerySet(models.QuerySet[Any]):
    def open(self) -> "HearingQuerySet":
        """Those that wait for the client's answer."""
        return self.filter(status="open")

    def with_names(self) -> "HearingQuerySet":
        """With all that a row of a list says, in one statement."""
        return self.select_related("vendor", "contract", "service_level", "period")

    def slots(self, contract: int, months: Iterable[date]) -> dict[tuple[int, date], int]:
        """By service level and first day the open one of a contract's months: what pages above mark with. One statement."""
        rows = self.open().filter(contract=contract, month__in=list(months))
        return {
            (level, starts_on): pk
            for level, starts_on, pk in rows.values_list("service_level_id", "period__starts_on", "pk")
        }
