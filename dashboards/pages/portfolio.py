"""The portfolio: vendors and months, put together from the rows of all contracts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.models import Contract
from dashboards.querysets import portfolio as find
from dashboards.rules import MONTHS_SHOWN, Scored, change, mean_score, window
from lib.charts import Heat, heat_cell
from lib.months import after
from lib.templatetags.dates import month_name
from measurements.querysets import MonthState, month_state
from organisations.house import House
from organisations.models import Vendor

ZERO = Decimal(0)
REPORTED = ("accepted", "submitted")  # states in which nothing is missing any more


@dataclass
class Row:
    """A vendor in the table, with the state of the chosen month."""

    vendor: Vendor
    contracts: list[Contract]
    scores: list[Decimal | None]  # of the chosen month; by month shown once `with_history` has put the others before it
    provisional: list[bool]
    states: list[MonthState]
    breaches: find.OpenBreaches | None
    credits: dict[str, Decimal]  # by currency
    change: Decimal | None
    rank: int | None = None

    @property
    def score(self) -> Decimal | None:
        return self.scores[-1]

    @property
    def open(self) -> int:
        return self.breaches.live if self.breaches else 0

    @property
    def late(self) -> int:
        """How many service levels were not reported in time."""
        return sum(state.counts["late"] for state in self.states)

    @property
    def waiting(self) -> int:
        """How many submissions wait for the client."""
        return sum(state.live_status == "submitted" for state in self.states)

    @property
    def expected(self) -> int:
        return sum(state.expected for state in self.states)

    @property
    def service(self) -> str:
        return self.contracts[0].title if len(self.contracts) == 1 else f"{len(self.contracts)} contracts"

    def has(self, status: str) -> bool:
        return bool({"": True, "breach": self.open, "late": self.late, "waiting": self.waiting}[status])


@dataclass
class Portfolio:
    """Everything of a month that the page shows, before filters."""

    month: date
    rows: list[Row] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    cards: dict[find.Slot, find.Card] = field(default_factory=dict)
    money: dict[find.Slot, find.Money] = field(default_factory=dict)
    states: dict[int, MonthState] = field(default_factory=dict)
    year: dict[str, find.YearMoney] = field(default_factory=dict)  # to date, by currency
    provisional_months: set[date] = field(default_factory=set)

    @property
    def months(self) -> list[date]:
        return window(self.month)

    def scored(self, contract: Contract, month: date) -> Scored:
        card, money = self.cards.get((contract.pk, month)), self.money.get((contract.pk, month))
        return Scored(card.score if card else None, money.charges if money else ZERO, contract.currency)

    def scores(self, contracts: Iterable[Contract], month: date) -> list[Scored]:
        return [self.scored(contract, month) for contract in contracts]

    def change(self, contracts: Iterable[Contract]) -> Decimal | None:
        """Against the month before."""
        listed = list(contracts)
        return change(self.scores(listed, self.month), self.scores(listed, after(self.month, -1)))

    def provisional_in(self, month: date, contracts: Iterable[Contract]) -> bool:
        cards = (self.cards.get((contract.pk, month)) for contract in contracts)
        return any(card.provisional for card in cards if card)


def portfolio_of(month: date, now: datetime) -> Portfolio:
    """All vendors with a contract in force in the month: nine statements, whatever their number. Of the months before it only what the
    whole page says: `with_history` adds those of the rows that are shown."""
    contracts = list(find.contracts_running_in(month, after(month, 1)))
    page = Portfolio(month, contracts=contracts)
    if not contracts:
        return page
    page.cards, page.money = find.cards(after(month, -1), month), find.money(after(month, -1), month)
    page.year = find.money_of_year(month, after(month, 1))
    page.provisional_months = find.provisional_months(after(month, 1 - MONTHS_SHOWN), month)
    page.states = month_state(contracts, month, now)
    breaches = find.open_breaches()
    of_vendor: dict[int, list[Contract]] = defaultdict(list)
    for contract in contracts:
        of_vendor[contract.vendor_id].append(contract)
    page.rows = [_row(page, own, breaches.get(vendor)) for vendor, own in of_vendor.items()]
    ranked = sorted((row for row in page.rows if row.score is not None), key=lambda row: -_of(row.score))
    for rank, row in enumerate(ranked, 1):
        row.rank = rank
    return page


def with_history(page: Portfolio, rows: Iterable[Row]) -> None:
    """Put the months before the chosen one to some rows: two statements."""
    shown = list(rows)
    numbers = [contract.pk for row in shown for contract in row.contracts]
    first, last = page.months[0], after(page.month, -1)
    page.cards |= find.cards(first, last, numbers)
    page.money |= find.money(first, last, numbers)
    for row in shown:
        row.scores = [mean_score(page.scores(row.contracts, month)) for month in page.months]
        row.provisional = [page.provisional_in(month, row.contracts) for month in page.months]


def vendor_history(contracts: list[Contract], month: date) -> Portfolio:
    """The months of a vendor's contracts, whether they are in force or not: two statements."""
    first, numbers = after(month, 1 - MONTHS_SHOWN), [contract.pk for contract in contracts]
    page = Portfolio(month, contracts=contracts)
    page.cards, page.money = find.cards(first, month, numbers), find.money(first, month, numbers)
    return page


def _of(score: Decimal | None) -> Decimal:
    return ZERO if score is None else score


def _row(page: Portfolio, contracts: list[Contract], breaches: find.OpenBreaches | None) -> Row:
    credits: dict[str, Decimal] = defaultdict(Decimal)
    for contract in contracts:
        money = page.money.get((contract.pk, page.month))
        if money:
            credits[contract.currency] += money.due
    return Row(
        vendor=contracts[0].vendor,
        contracts=contracts,
        scores=[mean_score(page.scores(contracts, page.month))],
        provisional=[page.provisional_in(page.month, contracts)],
        states=[page.states[contract.pk] for contract in contracts],
        breaches=breaches,
        credits=dict(credits),
        change=page.change(contracts),
    )


def chosen(rows: Sequence[Row], status: str, words: str) -> list[Row]:
    """The rows that a filter and a search leave: words in the vendor's name or code, a contract's title or reference."""
    sought = words.casefold().split()
    found = []
    for row in rows:
        text = " ".join(
            [row.vendor.name, row.vendor.code, *(f"{c.title} {c.reference}" for c in row.contracts)]
        ).casefold()
        if row.has(status) and all(word in text for word in sought):
            found.append(row)
    return found


def in_order(rows: Sequence[Row], sort: str, down: bool) -> list[Row]:
    """Sorted; vendors without the value asked for stand at the end either way, the late ones last."""

    def value(row: Row) -> Any:
        return {"score": row.score, "change": row.change, "open": row.open, "name": row.vendor.name.casefold()}[sort]

    known = sorted((row for row in rows if value(row) is not None), key=lambda row: row.vendor.name.casefold())
    known.sort(key=value, reverse=down)
    return known + sorted((row for row in rows if value(row) is None), key=lambda row: (row.late > 0, row.vendor.name))


def heat_cells(
    scores: Sequence[Decimal | None], months: Sequence[date], provisional: Sequence[bool], house: House
) -> list[Heat]:
    """Cells of a row of months, the oldest first, in the bands of the organisation."""
    bands = house.heat_bands
    return [
        heat_cell(score, month_name(month), bands, note="provisional" if open_ and score is not None else "")
        for score, month, open_ in zip(scores, months, provisional, strict=True)
    ]
