"""Finding contracts for the list: by words, by term, and those in which something serves nothing; and what their months behind were."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from contracts.models import Contract, Owner
from contracts.querysets import local_day
from contracts.rules import Duty

SQL = Path(__file__).parent / "sql"
CLOSES = (SQL / "what_an_end_closes.sql").read_text()
ALIGNMENT, COUNTS, GAPS = ((SQL / f"alignment{part}.sql").read_text() for part in ("", "_counts", "_gaps"))
METRIC_LEVELS = (SQL / "metric_levels.sql").read_text()
LEVELS, MONTHS = ((SQL / f"history_{part}.sql").read_text() for part in ("levels", "months"))
YEAR = 12  # months, or periods, that are looked back on


class Aligned(NamedTuple):
    """How a contract's service levels and KRAs go together, on the day that is looked at. `uncovered` is a share of 100."""

    levels: int
    kras: int
    unserved: int
    idle: int
    uncovered: Decimal

    @property
    def gaps(self) -> int:
        return self.unserved + self.idle


def alignments(contracts: Sequence[int], now: datetime) -> dict[int, Aligned]:
    """By contract. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ALIGNMENT + COUNTS, {"contracts": list(contracts), "now": now})
        return {pk: Aligned(*rest) for pk, *rest in cursor.fetchall()}


class Gap(NamedTuple):
    """A KRA that nothing measures, with its share of the score out of 100, or (kind `level`) a service level that counts in no score."""

    kind: str
    code: str
    name: str
    share: Decimal | None


def gaps(contracts: Sequence[int], now: datetime) -> dict[int, list[Gap]]:
    """By contract, the heaviest KRA first. One statement."""
    found: dict[int, list[Gap]] = {}
    with connection.cursor() as cursor:
        cursor.execute(ALIGNMENT + GAPS, {"contracts": list(contracts), "now": now})
        for pk, *rest in cursor.fetchall():
            found.setdefault(pk, []).append(Gap(*rest))
    return found


@dataclass(frozen=True)
class LevelHistory:
    """A service level with the terms in force. `values` are those of its last periods in order, `volume` the cases that it usually has."""

    code: str
    name: str
    measure: dict[str, Any]
    terms: dict[str, Any]
    values: Sequence[Decimal | None]
    volume: Decimal | None

    @cached_property
    def year(self) -> list[Decimal]:
        return [value for value in self.values[-YEAR:] if value is not None]


@dataclass(frozen=True)
class History:
    """Of a contract: its service levels, and its last twelve months: how many were judged, had a credit due, were cut by a cap."""

    levels: Sequence[LevelHistory] = ()
    judged: int = 0
    due: int = 0
    cut: int = 0
    held: Mapping[str, int] = field(default_factory=dict)  # in how many of the months each rule held


def histories(contracts: Sequence[int], now: datetime) -> dict[int, History]:
    """By contract. Two statements."""
    given: dict[str, Any] = {"contracts": list(contracts), "now": now}
    levels: dict[int, list[LevelHistory]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LEVELS, given)
        for pk, code, name, measure, terms, values, volume in cursor.fetchall():
            found = LevelHistory(code, name, json.loads(measure), json.loads(terms), values or (), volume)
            levels.setdefault(pk, []).append(found)
        cursor.execute(MONTHS, given)
        return {
            pk: History(levels.get(pk, ()), judged, due, cut, json.loads(held))
            for pk, judged, due, cut, held in cursor.fetchall()
        }


class Measured(NamedTuple):
    """A service level's full terms in force, its last value with month and outcome (None: none yet), and how many of the last twelve judged
    periods were met."""

    terms: dict[str, Any]
    value: Decimal | None
    month: date | None
    outcome: str | None
    judged: int
    met: int


def measured(levels: Sequence[int], now: datetime) -> dict[int, Measured]:
    """By service level, of those that have terms. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(METRIC_LEVELS, {"levels": list(levels), "now": now})
        return {pk: Measured(json.loads(terms), *rest) for pk, terms, *rest in cursor.fetchall()}


def unassigned_duties(contracts: Sequence[int], now: datetime) -> dict[int, list[Duty]]:
    """Of contracts the duties that nobody has on their day, without those of which each has somebody. One statement."""
    held: dict[int, set[str]] = {pk: set() for pk in contracts}
    rows = Owner.objects.in_force(now).filter(contract__in=contracts).order_by().values_list("contract_id", "duty")
    for pk, duty in rows.distinct():
        held[pk].add(duty)
    missing = {pk: [duty for duty in Duty if duty not in there] for pk, there in held.items()}
    return {pk: duties for pk, duties in missing.items() if duties}


def matching(words: str) -> QuerySet[Contract]:
    """Contracts whose title, reference or vendor has the words, by vendor; only what a row of the list says."""
    found = Contract.objects.select_related("vendor").order_by("vendor__name", "reference", "pk")
    found = found.defer("document", "rules")
    if not words:
        return found
    return found.filter(Q(title__icontains=words) | Q(reference__icontains=words) | Q(vendor__name__icontains=words))


def counted(found: QuerySet[Contract], now: datetime) -> dict[str, int]:
    """How many there are in all, how many are over on their local day, have not begun, and are not agreed yet. One statement."""
    today = local_day(now, "timezone")
    return found.order_by().aggregate(
        all=Count("pk"),
        ended=Count("pk", filter=Q(ends_on__lt=today, agreed=True)),
        future=Count("pk", filter=Q(starts_on__gt=today, agreed=True)),
        drafted=Count("pk", filter=Q(agreed=False)),
    )


def living(found: QuerySet[Contract], now: datetime) -> QuerySet[Contract]:
    """Those that are agreed and not over on their local day."""
    return found.filter(agreed=True).alias(today=local_day(now, "timezone")).filter(ends_on__gte=F("today"))


def shown(found: QuerySet[Contract], show: str, now: datetime) -> QuerySet[Contract]:
    """Those in force (current), still to come (future) or over (ended) on their local day, not agreed yet (drafted), or with gaps."""
    if show == "gaps":
        found = found.filter(agreed=True)
        aligned = alignments(list(found.order_by().values_list("pk", flat=True)), now)
        return found.filter(pk__in=[pk for pk, one in aligned.items() if one.gaps])
    if not show:
        return found
    if show == "drafted":
        return found.filter(agreed=False)
    found = found.filter(agreed=True).alias(today=local_day(now, "timezone"))
    if show == "ended":
        return found.filter(ends_on__lt=F("today"))
    if show == "future":
        return found.filter(starts_on__gt=F("today"))
    return found.filter(starts_on__lte=F("today"), ends_on__gte=F("today"))


class OpenAtEnd(NamedTuple):
    """One thing that is open of a contract that is to end: `of_kind` of its kind there are in all."""

    kind: str
    id: int | None
    day: date | None
    status: str
    called: str
    number: int
    other: int
    of_kind: int


def open_at_end(contract: int, last: date, but: int | None, limit: int) -> list[OpenAtEnd]:
    """What is open of a contract that is to end on `last`, at most so many of a kind; not the revision `but`. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSES, {"contract": contract, "last": last, "but": but, "limit": limit})
        return [OpenAtEnd(*row) for row in cursor.fetchall()]
