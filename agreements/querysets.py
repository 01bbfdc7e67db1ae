"""Finding contracts for the list: by words, by term, and those in which something serves nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from contracts.models import Contract
from contracts.querysets import local_day

SQL = Path(__file__).parent / "sql"
CLOSES = (SQL / "what_an_end_closes.sql").read_text()
ALIGNMENT, COUNTS, GAPS = ((SQL / f"alignment{part}.sql").read_text() for part in ("", "_counts", "_gaps"))


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
