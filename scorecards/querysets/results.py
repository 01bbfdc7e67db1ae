"""The service levels of contracts with all versions of their terms, and their results as far as scorecards show them."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from contracts.models import Contract
from slas.models import ServiceLevel, Terms

LAST_RESULTS = (Path(__file__).parent.parent / "sql" / "last_results.sql").read_text()


class Slot(NamedTuple):
    """A result as far as the page shows it, with its period: a scorecard has hundreds."""

    pk: int
    service_level_id: int
    terms_id: int
    starts_on: date
    month: date
    outcome: str
    value: Decimal | None
    consecutive_defaults: int
    revision: int
    numerator: Decimal | None
    denominator: Decimal | None
    cycle: str
    label: str
    ends_on: date
    due_on: date
    restated: bool  # there was another result before, and not only none


def levels(*contracts: Contract) -> list[tuple[ServiceLevel, list[Terms]]]:
    """In order, each with all versions of its terms. One statement, of however many contracts."""
    found = Terms.objects.filter(service_level__contract__in=contracts).select_related("service_level")
    rows: dict[int, tuple[ServiceLevel, list[Terms]]] = {}
    for terms in found.defer("document", "service_level__document").order_by("service_level__position", "version"):
        rows.setdefault(terms.service_level_id, (terms.service_level, []))[1].append(terms)
    return list(rows.values())


def results(*contracts: Contract, month: date, count: int) -> list[Slot]:
    """Of each service level the last `count` results up to a month, the oldest first, with their periods. One statement."""
    with connection.cursor() as cursor:
        wanted = [contract.pk for contract in contracts]
        cursor.execute(LAST_RESULTS, {"contracts": wanted, "month": month, "count": count})
        return [Slot(*row) for row in cursor.fetchall()]
