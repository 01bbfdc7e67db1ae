"""A month as a whole: every expected figure over all contracts, and who was reminded of some."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import StringAgg
from django.db import connection

from measurements.querysets import MONTH_STATES
from notifications.models import Event
from organisations import kept_plans

SQL = Path(__file__).parent.parent / "sql"
SLOTS = (SQL / "month_slots.sql").read_text()
COUNTS = "WITH " + MONTH_STATES + ",\n\n" + (SQL / "month_counts.sql").read_text()
# The most urgent first.
URGENCY = (
    "late",
    "due",
    "returned",
    "waiting",
    "disputed",
    "relief",
    "not_due",
    "accepted",
    "no_volume",
    "judged",
    "published",
)
FIELDS = {"state": "state", "acts": "acts", "due": "due_on"}  # what figures are chosen by
PAGE = f"""
WITH {SLOTS}
SELECT s.contract_id, c.reference, v.name, s.level_id, s.code, s.name, s.period_id, CASE WHEN s.cycle = 'month' THEN '' ELSE s.label END,
    s.due_on, s.state, s.acts, s.since, s.today, s.result_id
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
    result_id: int | None  # None: not judged

    @property
    def key(self) -> str:
        return f"{self.contract_id}-{self.level_id}-{self.period_id}"


class Count(NamedTuple):
    """So many figures of one state that one side acts on and that are due on one day, and since when the oldest is in it."""

    state: str
    acts: str
    due_on: date
    number: int
    since: date | None


def by_contract(month: date, now: datetime, contracts: list[int] | None) -> list[tuple[int, Count]]:
    """The counts of each contract, by vendor and reference. From what is counted already, so that no figure is looked at. One statement."""
    found = kept_plans.rows(COUNTS, {"months": [month], "now": now, "contracts": contracts})
    return [(pk, Count(*count)) for pk, *count in found]


def tally(counted: Iterable[tuple[int, Count]]) -> list[Count]:
    """The same of all contracts together."""
    found: dict[tuple[Any, ...], Count] = {}
    for _, one in counted:
        key = one[:3]
        before = found.get(key)
        if before is None:
            found[key] = one
        else:
            since = min(filter(None, (before.since, one.since)), default=None)
            found[key] = one._replace(number=before.number + one.number, since=since)
    return list(found.values())


def page_of(
    counted: Iterable[tuple[int, Count]], month: date, now: datetime, *, limit: int, offset: int, **chosen: Any
) -> list[Figure]:
    """Some of the figures that `figures` would find, by the contracts' counts: of these alone that they are of. One statement."""
    sizes: dict[int, int] = {}
    ranks: dict[int, int] = {}
    for pk, one in counted:
        if all(not value or getattr(one, FIELDS[name]) == value for name, value in chosen.items()):
            rank = URGENCY.index(one.state)
            sizes[pk] = sizes.get(pk, 0) + one.number
            ranks[pk] = min(rank, ranks.get(pk, rank))
    before, skipped, wanted = 0, 0, []
    for pk in sorted(sizes, key=lambda pk: ranks[pk]):  # which leaves those of a rank by vendor and reference
        if before + sizes[pk] <= offset:
            skipped = before + sizes[pk]
        elif before < offset + limit:
            wanted.append(pk)
        before += sizes[pk]
    if not wanted:
        return []
    # They are few, whichever they are, so that the session's plan fits them.
    values = _values(month, now, wanted, **chosen) | {"limit": limit, "offset": offset - skipped}
    return [Figure(*row) for row in kept_plans.rows(PAGE, values)]


def figures(
    month: date,
    now: datetime,
    contracts: list[int] | None,
    *,
    state: str = "",
    acts: str = "",
    due: date | None = None,
) -> list[Figure]:
    """All of them, what is missing first and by contract. One statement."""
    with connection.cursor() as cursor:
        values = _values(month, now, contracts, state=state, acts=acts, due=due)
        cursor.execute(PAGE, values | {"limit": None, "offset": 0})
        return [Figure(*row) for row in cursor.fetchall()]


def _values(
    month: date, now: datetime, contracts: list[int] | None, *, state: str = "", acts: str = "", due: date | None = None
) -> dict[str, Any]:
    return {"month": month, "now": now, "contracts": contracts, "state": state, "acts": acts, "due": due}


def reminders(contracts: Collection[int], month: date) -> list[Any]:
    """Reminders of the month's figures, the latest first, with the names of whom they went to (`told`). One statement."""
    found = Event.objects.filter(kind="reminder", path__endswith=f"/{month:%Y-%m}/").order_by("-created_at")
    found = found.annotate(told=StringAgg("notifications__member__name", ", ", order_by="notifications__member__name"))
    return list(found.filter(path__in=[f"contracts/{pk}/{month:%Y-%m}/" for pk in contracts])[:100])
