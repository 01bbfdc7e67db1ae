"""How far the reporting of a month has come, for many contracts at once."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from contracts.models import Contract
from lib.months import after
from organisations import kept_plans
from slas.models import ServiceLevel, Terms

# What can be said of a slot, the most urgent first. A draft says nothing yet: nobody has handed it over.
STATES = ("late", "returned", "submitted", "due", "not_due", "accepted")

SQL = Path(__file__).parent / "sql"
# Steps of a statement, the last of which is `month_state`: lists of many contracts sort and count by it.
MONTH_STATES = (SQL / "month_states.sql").read_text().strip()
REPORTED_SERIES = (SQL / "reported_series.sql").read_text()
STANDING_LEVELS = (SQL / "standing_levels.sql").read_text()
LATE_MONTHS = "WITH " + MONTH_STATES + "\n\n" + (SQL / "late_months.sql").read_text()
STATES_OF = "WITH " + MONTH_STATES + "\n\n" + (SQL / "states_of_contracts.sql").read_text()


@dataclass
class MonthState:
    """One contract's month: how many slots are in which of STATES, and the submissions that hold their figures.

    `due_on` is the first day by which something is to be handed over, None where there is nothing: the due day of a slot for which nothing
    was submitted yet, or the day that a return set. `last_due_on` is the last due day of all. Days are the contract's local days, and
    `today` is one.
    """

    month: date
    today: date
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    drafted: int = 0  # slots that have a figure in a draft alone
    due_on: date | None = None
    last_due_on: date | None = None
    live_id: int | None = None  # the draft, submitted or returned submission
    live_status: str = ""
    accepted_id: int | None = None
    revision: int = 0  # of the latest submission, 0 where there is none
    submitted_at: datetime | None = None  # of the first that was submitted and still counts
    first_sent_on: date | None = None  # when revision 1 was submitted, superseded or not

    @property
    def expected(self) -> int:
        """The number of slots that end in the month."""
        return sum(self.counts.values())

    @property
    def state(self) -> str:
        """The most urgent state that any slot is in; empty where the month has no slots."""
        return next((state for state in STATES if self.counts[state]), "")

    @property
    def was_late(self) -> bool:
        """Whether figures were first submitted after the month's last due day. A correction is not late."""
        return bool(self.first_sent_on and self.last_due_on and self.first_sent_on > self.last_due_on)


def month_state(contracts: Iterable[Contract], month: date, now: datetime) -> dict[int, MonthState]:
    """How far each contract's reporting of a month has come on its local day, by its id. `month` is its first day. One statement."""
    return {pk: state for (pk, _), state in month_states(contracts, [month], now).items()}


def month_states(
    contracts: Iterable[Contract], months: Collection[date], now: datetime
) -> dict[tuple[int, date], MonthState]:
    """The same of several months, by contract and month. One statement, whatever the number of either."""
    days = {one.pk: one.day(now) for one in contracts}
    states = {(pk, month): MonthState(month, today) for month in months for pk, today in days.items()}
    if not states:
        return states
    values: dict[str, Any] = {"contracts": list(days), "months": list(months), "now": now}
    for contract_id, month, *counts_and_rest in kept_plans.rows(STATES_OF, values):
        counts, rest = counts_and_rest[: len(STATES)], counts_and_rest[len(STATES) :]
        today = days[contract_id]
        states[contract_id, month] = MonthState(month, today, dict(zip(STATES, counts, strict=True)), *rest)
    return states


def late_months(contracts: Iterable[Contract], before: date, now: datetime) -> dict[int, tuple[int, date]]:
    """How many months before `before` (a first day), back to the contract's first, are late, and the earliest, by the contract's id. One
    statement, or none where there are no such months."""
    found = {one.pk: one.starts_on for one in contracts}
    looked_at, month = [], min(found.values(), default=before).replace(day=1)
    while month < before:
        looked_at.append(month)
        month = after(month)
    if not looked_at:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LATE_MONTHS, {"contracts": list(found), "months": looked_at, "now": now})
        return {pk: (count, earliest) for pk, count, earliest in cursor.fetchall()}


# In the order of their models' fields; what is written in a file is left out.
LEVEL = "id organisation_id vendor_id contract_id code name cycle measure metric ends_on position".split()
VERSION = "id organisation_id vendor_id service_level_id version valid full".split()


def standing_levels(contract_id: int) -> list[tuple[ServiceLevel, list[Terms]]]:
    """A contract's service levels in order, each with all versions of its terms. One statement."""
    found: list[tuple[ServiceLevel, list[Terms]]] = []
    for row in kept_plans.rows(STANDING_LEVELS, {"contract": contract_id}):
        level_id, organisation_id, vendor_id, _, code, name, cycle, measure, *others = row[: len(LEVEL)]
        pk, version, begins, ends, full = row[len(LEVEL) :]
        if not found or found[-1][0].pk != level_id:
            known = [*row[:4], code, name, cycle, _written(measure), *others]
            found.append((ServiceLevel.from_db(connection.alias, LEVEL, known), []))
        level, versions = found[-1]
        own = [pk, organisation_id, vendor_id, level_id, version, DateRange(begins, ends), _written(full)]
        terms = Terms.from_db(connection.alias, VERSION, own)
        terms.service_level = level
        versions.append(terms)
    return found


# The terms of one contract are read with each row of a month that is filled in; nobody changes them in place.
@lru_cache(2048)
def _written(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def reported_series(
    submission_id: int, contract_id: int, since: date, month: date, levels: list[int] | None = None
) -> list[tuple[int, str]]:
    """What a submission of a month reports, and what was accepted for the same service levels from `since` on: of each service level, by
    its id, its slots in JSON; of `levels` alone where they are given.

    Of a slot: whether it is the submission's own, first day, label, minutes, working minutes, parts, and the sums of the reported numbers,
    as texts. One statement.
    """
    values: dict[str, Any] = {"submission": submission_id, "contract": contract_id, "since": since, "month": month}
    values["levels"] = levels
    return [(level, slots) for level, slots in kept_plans.rows(REPORTED_SERIES, values)]
