"""The portfolio's rows: contracts, scores, money, outcomes, breaches and KRAs of a month and the eleven before it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from breaches.models import Breach
from breaches.rules import Status
from contracts.models import Contract
from credits.models import LedgerEntry
from credits.querysets import total
from credits.rules import EntryKind
from evaluation.models import Month, Result, money_field
from organisations.scope import current_organisation_id
from scorecards.models import Scorecard

ZERO = Decimal(0)
Slot = tuple[int, date]  # a contract's id and a month

# The KRAs with the lowest scores of a month, and what they scored in the months before it.
LOWEST_KRAS = """
WITH lowest AS (
    SELECT s.contract_id, k.kra ->> 'kra' AS code, k.kra ->> 'name' AS name, (k.kra ->> 'score')::numeric AS score
    FROM scorecards_scorecard AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.kras) AS k (kra)
    WHERE s.organisation_id = %(organisation)s AND s.month = %(month)s AND s.contract_id = ANY(%(contracts)s)
        AND k.kra ->> 'score' IS NOT NULL
    ORDER BY score, s.contract_id, code LIMIT %(limit)s
)
SELECT l.contract_id, l.code, l.name, s.month, (k.kra ->> 'score')::numeric, s.provisional
FROM lowest AS l
JOIN scorecards_scorecard AS s ON s.organisation_id = %(organisation)s AND s.contract_id = l.contract_id
    AND s.month BETWEEN %(first)s AND %(month)s
CROSS JOIN LATERAL jsonb_array_elements(s.kras) AS k (kra)
WHERE k.kra ->> 'kra' = l.code
ORDER BY l.score, l.contract_id, l.code, s.month
"""


@dataclass(frozen=True)
class Card:
    """A contract's scorecard without its KRAs."""

    score: Decimal | None
    coverage: Decimal
    grade: str | None
    provisional: bool


@dataclass(frozen=True)
class Money:
    """A contract's month in its currency."""

    charges: Decimal
    at_risk: Decimal
    before_caps: Decimal
    credit: Decimal
    capped_amount: Decimal
    earned_back: Decimal
    waived: Decimal
    final: bool

    @property
    def due(self) -> Decimal:
        """What the vendor owes for the month: its credits less what was earned back in it and what of it was waived."""
        return self.credit - self.earned_back - self.waived


@dataclass(frozen=True)
class OpenBreaches:
    """What somebody still has to do something about at one vendor."""

    live: int
    unacknowledged: int
    oldest: datetime


@dataclass(frozen=True)
class KraHistory:
    """A KRA's score by month, and the months that are provisional."""

    contract_id: int
    code: str
    name: str
    scores: dict[date, Decimal | None]
    provisional: set[date]


def contracts_running_in(month: date, after: date) -> QuerySet[Contract]:
    """Contracts in force on some day from `month` (its first day) to before `after`, with their vendors."""
    return (
        Contract.objects.filter(starts_on__lt=after, ends_on__gte=month)
        .select_related("vendor")
        .defer("document", "calendar", "charges", "credits", "rules", "scorecard")
        .order_by("vendor__name", "reference")
    )


def term_of_all() -> tuple[date | None, int]:
    """The first day of the earliest contract, and how many contracts there are. One statement."""
    found = Contract.objects.aggregate(first=Min("starts_on"), count=Count("pk"))
    return found["first"], found["count"]


def cards(first: date, month: date, contracts: Collection[int] | None = None) -> dict[Slot, Card]:
    """Scorecards from one month to another, of all contracts or of some."""
    rows = Scorecard.objects.filter(month__range=(first, month))
    rows = rows if contracts is None else rows.filter(contract_id__in=contracts)
    fields = ("contract_id", "month", "score", "coverage", "grade", "provisional")
    return {(contract, at): Card(*rest) for contract, at, *rest in rows.values_list(*fields)}


def money(first: date, month: date, contracts: Collection[int] | None = None) -> dict[Slot, Money]:
    """Months' money from one month to another, of all contracts or of some. One statement."""
    rows = Month.objects.filter(month__range=(first, month))
    rows = rows if contracts is None else rows.filter(contract_id__in=contracts)
    entries = LedgerEntry.objects.filter(contract=OuterRef("contract"), month=OuterRef("month")).by_month()
    rows = rows.annotate(waived=Coalesce(Subquery(entries.values("waived")), ZERO, output_field=money_field()))
    fields = ("charges", "at_risk", "credit_before_caps", "credit", "capped_amount", "earned_back", "waived", "final")
    return {(contract, at): Money(*rest) for contract, at, *rest in rows.values_list("contract_id", "month", *fields)}


@dataclass(frozen=True)
class YearMoney:
    """What fell due in a calendar year up to a month, what was earned back in it, and what of it was waived."""

    due: Decimal
    earned_back: Decimal
    waived: Decimal


def money_of_year(month: date, after: date) -> dict[str, YearMoney]:
    """Of the contracts in force in the month, by currency, from January on. Two statements."""
    january = month.replace(month=1, day=1)
    here = {"contract__starts_on__lt": after, "contract__ends_on__gte": month, "month__range": (january, month)}
    entries = LedgerEntry.objects.filter(**here).order_by().values_list("contract__currency")
    kinds = [EntryKind.WAIVER, EntryKind.WAIVER_BACK]
    waived = dict(entries.annotate(waived=-total("amount", kinds)))
    months = Month.objects.filter(**here).order_by().values_list("contract__currency")
    return {
        currency: YearMoney(credit - back - waived.get(currency, ZERO), back, waived.get(currency, ZERO))
        for currency, credit, back in months.annotate(credit=Sum("credit"), back=Sum("earned_back"))
    }


def provisional_months(first: date, month: date) -> set[date]:
    """Months in which a scorecard is provisional. One statement."""
    found = Scorecard.objects.filter(month__range=(first, month), provisional=True).order_by()
    return set(found.values_list("month", flat=True).distinct())


def outcomes(month: date, contracts: Collection[int]) -> dict[str, int]:
    """How many slots of the month have which outcome."""
    rows = Result.objects.filter(month=month, contract_id__in=contracts).order_by()
    return dict(rows.values_list("outcome").annotate(count=Count("pk")))


def open_breaches() -> dict[int, OpenBreaches]:
    """Live breaches by vendor, of whatever month."""
    unacknowledged = Count("pk", filter=Q(status=Status.OPEN))
    rows = Breach.objects.live().order_by().values_list("vendor_id")
    rows = rows.annotate(live=Count("pk"), new=unacknowledged, oldest=Min("opened_at"))
    return {vendor: OpenBreaches(*rest) for vendor, *rest in rows}


def lowest_kras(first: date, month: date, contracts: Collection[int], limit: int) -> list[KraHistory]:
    """The `limit` KRAs with the lowest scores in the month, lowest first, with their history from `first` on."""
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "first": first,
        "month": month,
        "contracts": list(contracts),
        "limit": limit,
    }
    found: dict[tuple[int, str], KraHistory] = {}
    with connection.cursor() as cursor:
        cursor.execute(LOWEST_KRAS, values)
        for contract, code, name, at, score, provisional in cursor.fetchall():
            kra = found.setdefault((contract, code), KraHistory(contract, code, name, {}, set()))
            kra.scores[at] = score
            if provisional:
                kra.provisional.add(at)
    return list(found.values())
