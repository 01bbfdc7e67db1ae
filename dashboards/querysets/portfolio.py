"""The portfolio's rows: contracts, scores, money, outcomes, breaches and KRAs of a month and the eleven before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Exists

from breaches.rules import LIVE, Status
from lib.months import after
from lib.postgres import array
from measurements.querysets import MONTH_STATES
from organisations import kept_plans
from organisations.scope import current_organisation_id
from scorecards.models import Publication, Scorecard

Slot = tuple[int, date]  # the id of a contract, or of a vendor, and a month

SQL = Path(__file__).parent.parent / "sql"
VENDOR_MONTHS, CREDITS = ((SQL / f"{name}.sql").read_text() for name in ("vendor_months", "credits"))
PORTFOLIO = "WITH " + MONTH_STATES + ",\n\n" + (SQL / "portfolio.sql").read_text()

# The KRAs with the lowest scores of a month, and what they scored in the months before it.
LOWEST_KRAS = """
WITH lowest AS (
    SELECT s.contract_id, k.kra ->> 'kra' AS code, k.kra ->> 'name' AS name, (k.kra ->> 'score')::numeric AS score
    FROM scorecards_scorecard AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.kras) AS k (kra)
    WHERE s.organisation_id = %(organisation)s AND s.month = %(month)s AND s.contract_id = ANY(%(contracts)s::bigint[])
        AND k.kra ->> 'score' IS NOT NULL
    ORDER BY score, s.contract_id, code LIMIT %(limit)s
)
SELECT l.contract_id, l.code, l.name, v.name, s.month, (k.kra ->> 'score')::numeric, NOT EXISTS (
        SELECT FROM scorecards_publication AS p
        WHERE p.organisation_id = %(organisation)s AND p.contract_id = l.contract_id AND p.month = s.month
    )
FROM lowest AS l
JOIN contracts_contract AS c ON c.id = l.contract_id
JOIN organisations_vendor AS v ON v.id = c.vendor_id
-- By its key: the planner does not know how few they are, and would read the year of all contracts.
CROSS JOIN LATERAL (
    SELECT o.month, o.kras FROM scorecards_scorecard AS o
    WHERE o.organisation_id = %(organisation)s AND o.contract_id = l.contract_id AND o.month BETWEEN %(first)s AND %(month)s OFFSET 0
) AS s
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
    provisional: bool  # not published yet


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a filter, words, an order, and of the list page `number` (from 1), of `shown` vendors each."""

    status: str
    words: str
    sort: str
    down: bool
    number: int
    shown: int
    contracts: list[int] | None = None  # of these alone
    tiers: Sequence[int] = ()  # none: all
    service: str = ""


class Together(NamedTuple):
    """What the page says of all vendors of a month, and how many of them filters and words leave."""

    vendors: int
    matching: int  # those that words and filter leave
    without_words: int  # those that the filters alone would leave
    without_status: int
    without_chosen: int  # without tier and service
    with_breach: int  # of those that have the words
    with_late: int
    with_waiting: int
    live: int  # breaches of whatever month
    unacknowledged: int
    oldest: datetime | None
    oldest_at: str | None  # the vendor's name
    contracts: int
    expected: int  # service levels
    submissions: int
    received: int
    late_submissions: int
    waiting: int
    due: int
    due_from: date | None
    unscored: int
    score: Decimal | None
    change: Decimal | None
    by_charges: bool  # or every contract counts the same, since charges of several currencies cannot be added
    listed: list[int]  # ids of the contracts of the vendors that match
    provisional: list[date]  # of the months shown, those that are not published for every contract
    filed: str | None  # JSON: each tier and service, how many vendors it would leave, and whether it is a tier


class VendorRow(NamedTuple):
    """A vendor of the page: its contracts, and how they stand in the month. `title` is that of one of them."""

    pk: int
    name: str
    code: str
    title: str
    service: str  # as the client files it
    contracts: list[int]
    score: Decimal | None
    coverage: Decimal | None  # percent of the weight that was measured; None: no scorecard yet
    change: Decimal | None
    rank: int | None
    late: int
    expected: int
    waiting: int
    open: int


class CurrencyRow(NamedTuple):
    """Money of a month in a currency, of one vendor or several together, and what the currency's year comes to (sql/credits.sql)."""

    currency: str
    listed: bool
    place: int | None
    vendor: str
    code: str  # the vendor's; of several together one's
    vendors: int
    charges: Decimal
    at_risk: Decimal
    credit: Decimal
    capped_amount: Decimal
    earned_back: Decimal
    waived: Decimal
    year_credit: Decimal
    year_earned_back: Decimal
    year_waived: Decimal

    @property
    def before_caps(self) -> Decimal:
        return self.credit + self.capped_amount

    @property
    def due(self) -> Decimal:
        return self.credit - self.earned_back - self.waived


@dataclass(frozen=True)
class KraHistory:
    """A KRA's score by month, and the months that are provisional."""

    contract_id: int
    code: str
    name: str
    vendor: str
    scores: dict[date, Decimal | None]
    provisional: set[date]


def vendors_of(month: date, now: datetime, months: Sequence[date], asked: Asked) -> tuple[Together, list[VendorRow]]:
    """The vendors with a contract in force in the month as far as they are asked for, and what is said of all. `months` are those shown.
    One statement."""
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "contracts": asked.contracts,
        "now": now,
        "months": [month],
        "month": month,
        "former": after(month, -1),
        "next": after(month),
        "shown_months": list(months),
        "words": asked.words.lower().split(),
        "tiers": list(asked.tiers),
        "service": asked.service,
        "status": asked.status,
        "sort": asked.sort,
        "direction": -1 if asked.down else 1,
        "shown": asked.shown,
        "skipped": (asked.number - 1) * asked.shown,
        "live": list(LIVE),
        "open": Status.OPEN,
    }
    found = kept_plans.rows(PORTFOLIO, values)
    size = len(Together._fields)
    return Together(*found[0][:size]), [VendorRow(*row[size:]) for row in found if row[size] is not None]


def vendor_months(contracts: list[int], months: Sequence[date]) -> dict[Slot, tuple[Decimal | None, bool]]:
    """The mean score of the contracts of each vendor by month, and whether it is provisional. One statement."""
    found = kept_plans.rows(VENDOR_MONTHS, {"contracts": array(contracts), "first": months[0], "last": months[-1]})
    return {(vendor, month): (score, provisional) for vendor, month, score, provisional in found}


def credits_of(month: date, listed: list[int], named: int, contracts: list[int] | None = None) -> list[CurrencyRow]:
    """The month's money by currency, of the contracts listed by vendor: the `named` that owe most, and the others. One statement."""
    values: dict[str, Any] = {
        "month": month,
        "january": month.replace(month=1),
        "next": after(month),
        "listed": array(listed),
        "named": named,
        "contracts": contracts,
    }
    return [CurrencyRow(*row) for row in kept_plans.rows(CREDITS, values)]


def cards(first: date, month: date, contracts: Collection[int] | None = None) -> dict[Slot, Card]:
    """Scorecards from one month to another, of all contracts or of some."""
    rows = Scorecard.objects.filter(month__range=(first, month))
    rows = rows if contracts is None else rows.filter(contract_id__in=contracts)
    rows = rows.annotate(unpublished=~Exists(Publication.objects.of_row()))
    fields = ("contract_id", "month", "score", "coverage", "grade", "unpublished")
    return {(contract, at): Card(*rest) for contract, at, *rest in rows.values_list(*fields)}


OUTCOMES = """
SELECT r.outcome, count(*) FROM contracts_contract AS c JOIN evaluation_result AS r ON r.contract_id = c.id AND r.month = %(month)s
WHERE c.starts_on < %(next)s AND c.ends_on >= %(month)s AND (%(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s))
GROUP BY r.outcome
"""


def outcomes(month: date, contracts: list[int] | None = None) -> dict[str, int]:
    """How many slots of the month have which outcome, of the contracts (None: all) in force in it. One statement."""
    return dict(kept_plans.rows(OUTCOMES, {"month": month, "next": after(month), "contracts": contracts}))


def lowest_kras(first: date, month: date, contracts: Collection[int], limit: int) -> list[KraHistory]:
    """The `limit` KRAs with the lowest scores in the month, lowest first, with their history from `first` on."""
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "first": first,
        "month": month,
        "contracts": array(contracts),
        "limit": limit,
    }
    found: dict[tuple[int, str], KraHistory] = {}
    for contract, code, name, vendor, at, score, provisional in kept_plans.rows(LOWEST_KRAS, values):
        kra = found.setdefault((contract, code), KraHistory(contract, code, name, vendor, {}, set()))
        kra.scores[at] = score
        if provisional:
            kra.provisional.add(at)
    return list(found.values())
