"""Finding relief requests and disputes."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models

from organisations import kept_plans

OPEN_OF_MONTHS = " UNION ALL ".join(
    f"""SELECT h.service_level_id, p.starts_on, '{what}', h.id FROM {table} AS h JOIN contracts_period AS p ON p.id = h.period_id
    WHERE h.contract_id = %(contract)s AND h.month = ANY (%(months)s::date[]) AND h.status = 'open'"""  # noqa: S608
    for what, table in (("dispute", "disputes_dispute"), ("relief", "disputes_reliefrequest"))
)


class HearingQuerySet(models.QuerySet[Any]):
    def open(self) -> "HearingQuerySet":
        """Those that wait for the client's answer."""
        return self.filter(status="open")

    def with_names(self) -> "HearingQuerySet":
        """With all that a row of a list says, in one statement."""
        return self.select_related("vendor", "contract", "service_level", "period")


def open_of_months(contract: int, months: Collection[date]) -> list[tuple[int, date, str, int]]:
    """The disputes and relief requests of a contract's months that wait: service level, first day, which of the two, id. One statement."""
    return kept_plans.rows(OPEN_OF_MONTHS, {"contract": contract, "months": list(months)})
