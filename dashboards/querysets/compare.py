"""What service levels of several vendors came to that measure the same thing from the catalogue."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from lib.months import after
from organisations.scope import current_organisation_id

# Metrics that at least one service level of a contract in force in the month measures, the widest comparison first.
METRICS = """
SELECT l.metric, count(*), count(DISTINCT l.vendor_id)
FROM slas_servicelevel AS l
JOIN contracts_contract AS c ON c.organisation_id = l.organisation_id AND c.id = l.contract_id
WHERE l.organisation_id = %(organisation)s AND l.metric <> '' AND c.starts_on < %(next)s AND c.ends_on >= %(month)s
    AND (%(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s))
GROUP BY l.metric ORDER BY 3 DESC, 2 DESC, 1
"""
ROWS = (Path(__file__).parent.parent / "sql" / "compared.sql").read_text()
MOST = 60  # rows of one metric that a page compares


class MetricCount(NamedTuple):
    code: str
    levels: int
    vendors: int


class Compared(NamedTuple):
    """A service level in the month. `numerator` and `denominator` as judged, after exclusions; null where it is no ratio."""

    level_id: int
    contract_id: int
    reference: str
    vendor: str
    vendor_code: str
    code: str
    name: str
    unit: str | None
    result_id: int
    outcome: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    bands: Any  # as the terms have them, best first
    better: str
    kind: str
    history: list[Decimal | None]


def metric_counts(month: date, contracts: list[int] | None) -> list[MetricCount]:
    """One statement."""
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "month": month,
        "next": after(month),
        "contracts": contracts,
    }
    with connection.cursor() as cursor:
        cursor.execute(METRICS, values)
        return [MetricCount(*row) for row in cursor.fetchall()]


def compared(metric: str, months: list[date], contracts: list[int] | None) -> list[Compared]:
    """The service levels that measure it, in the last of the months. One statement."""
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "metric": metric,
        "month": months[-1],
        "months": months,
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS, values | {"contracts": contracts})
        rows = [Compared(*row) for row in cursor.fetchall()[:MOST]]
    return [row._replace(bands=json.loads(row.bands)) for row in rows]
