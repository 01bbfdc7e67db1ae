"""A month as a whole: every expected figure over all contracts, and who was reminded of some."""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import StringAgg
from django.db import connection

from notifications.models import Event

SLOTS = (Path(__file__).parent.parent / "sql" / "month_slots.sql").read_text()
TALLY = f"""
WITH {SLOTS}
SELECT s.state, s.acts, s.due_on, count(*), min(s.since) FROM standing AS s GROUP BY s.state, s.acts, s.due_on
"""  # noqa: S608  # its parts are constants
PAGE = f"""
WITH {SLOTS}
SELECT s.contract_id, c.reference, v.name, s.level_id, s.code, s.name, s.period_id, CASE WHEN s.cycle = 'month' THEN '' ELSE s.label END,
    s.due_on, s.state, s.acts, s.since, s.today
FROM standing AS s
JOIN contracts_contract AS c ON c.id = s.contract_id
JOIN organisations_vendor AS v ON v.id = s.vendor_id
WHERE (%(state)s = '' OR s.state = %(state)s) AND (%(acts)s = '' OR s.acts = %(acts)s)
    AND (%(due)s::date IS NULL OR s.due_on = %(due)s)
ORDER BY min(s.urgency) OVER (PARTITION BY s.contract_id), lower(v.name), c.reference, s.contract_id,
    s.urgency, s.position, s.code, s.starts_on
LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608  # its parts are constants


class Figure(NamedTuple):
    """An expected figure of the month."""

    contract_id: int
    reference: str
    vendor: str
    level_id: int
    code: str
    name: str
    period_id: int
    slot: str  # its period, where that is no month
    due_on: date
    state: str
    acts: str
    since: date | None
    today: date

    @property
    def key(self) -> str:
        return f"{self.contract_id}-{self.level_id}-{self.period_id}"


class Count(NamedTuple):
    """So many figures of one state that one side acts on and that are due on one day."""

    state: str
    acts: str
    due_on: date
    number: int
    since: date | None


def tally(month: date, now: datetime, contracts: list[int] | None) -> list[Count]:
    """How many figures are in which state, who acts next, on which day they are due, and since when the oldest. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(TALLY, {"month": month, "now": now, "contracts": contracts})
        return [Count(*row) for row in cursor.fetchall()]


def figures(
    month: date,
    now: datetime,
    contracts: list[int] | None,
    *,
    state: str = "",
    acts: str = "",
    due: date | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Figure]:
    """Some of them, what is missing first and by contract. One statement."""
    values: dict[str, Any] = {
        "month": month,
        "now": now,
        "contracts": contracts,
        "state": state,
        "acts": acts,
        "due": due,
    }
    with connection.cursor() as cursor:
        cursor.execute(PAGE, values | {"limit": limit, "offset": offset})
        return [Figure(*row) for row in cursor.fetchall()]


def reminders(contracts: Collection[int], month: date) -> list[Any]:
    """Reminders of the month's figures, the latest first, with the names of whom they went to (`told`). One statement."""
    found = Event.objects.filter(kind="reminder", path__endswith=f"/{month:%Y-%m}/").order_by("-created_at")
    found = found.annotate(told=StringAgg("notifications__member__name", ", ", order_by="notifications__member__name"))
    return list(found.filter(path__in=[f"contracts/{pk}/{month:%Y-%m}/" for pk in contracts])[:100])
