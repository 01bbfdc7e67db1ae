"""The columns of the tables of these pages, for files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.models import Contract
from dashboards.querysets.portfolio import Card, Slot
from lib.status_styles import style_for
from lib.tables import Cell, Column
from lib.templatetags.dates import month_name
from organisations.models import Vendor


def _contracts(row: tuple[Vendor, list[tuple[object, bool, bool]], int]) -> Cell:
    return len(row[1])


# A row is a vendor, its contracts, and how many of them run.
VENDORS = (
    Column("vendor", "Vendor", lambda row: row[0].name),
    Column("code", "Code", lambda row: row[0].code),
    Column("contracts", "Contracts", _contracts),
    Column("running", "In force", lambda row: row[2]),
    Column("references", "References", lambda row: ", ".join(one.reference for one, _, _ in row[1])),
)


PORTFOLIO = (
    Column("vendor", "Vendor", lambda row: row.vendor.name),
    Column("code", "Code", lambda row: row.vendor.code),
    Column("service", "Service", lambda row: row.service),
    Column("score", "Score", lambda row: row.vendor.score),
    Column("change", "Change", lambda row: row.vendor.change),
    Column("coverage", "Weight measured, percent", lambda row: row.vendor.coverage and round(row.vendor.coverage, 1)),
    Column("open", "Open breaches", lambda row: row.vendor.open),
)


def portfolio_columns(months: Sequence[date]) -> list[Column]:
    """Of a `dashboards.pages.portfolio.Row`: the vendor, and a column for the score of each month."""

    at = {month: nth for nth, month in enumerate(months)}
    provisional = Column("provisional", f"Provisional {month_name(months[-1])}", _provisional)
    return [*PORTFOLIO, provisional, *_months(months, lambda row, month: row.scores[at[month]])]


def _provisional(row: Any) -> Cell:
    """Of the month that the page is about: whether a contract's score in it is not published yet."""
    return "yes" if row.last_is_provisional else "no"


# Of a `dashboards.pages.compare.Line`: never a rate without its number of cases.
COMPARE = (
    Column("vendor", "Vendor", lambda line: line.row.vendor),
    Column("contract", "Contract", lambda line: line.row.reference),
    Column("code", "Service level", lambda line: line.row.code),
    Column("name", "Name of service level", lambda line: line.row.name),
    Column("cases", "Cases", lambda line: line.row.denominator),
    Column("counted", "Of them", lambda line: line.row.numerator),
    Column("value", "Value", lambda line: line.row.value),
    Column("unit", "Unit", lambda line: line.row.unit or ""),
    Column("from", "Likely from", lambda line: line.range and round(line.range[0], 1)),
    Column("to", "Likely to", lambda line: line.range and round(line.range[1], 1)),
    Column("target", "Target", lambda line: line.target),
    Column("outcome", "Outcome", lambda line: line.word),
    Column("few", "Few cases", lambda line: "yes" if line.few else ""),
)


def _months(months: Sequence[date], score: Callable[[Any, date], Cell]) -> list[Column]:
    """A column for the score of each month, all of them one choice. `score` takes a row and a month."""

    def column(month: date) -> Column:
        return Column(f"{month:%Y-%m}", f"Score {month_name(month)}", lambda row: score(row, month), "Score by month")

    return [column(month) for month in months]


def kra_columns(months: Sequence[date]) -> list[Column]:
    """Of a `dashboards.querysets.portfolio.KraHistory`."""
    return [
        Column("kra", "Key result area", lambda row: row.name),
        Column("code", "Code", lambda row: row.code),
        Column("vendor", "Vendor", lambda row: row.vendor),
        *_months(months, lambda row, month: row.scores.get(month)),
    ]


@dataclass(frozen=True)
class ContractMonths:
    """A contract with its scorecards by month."""

    contract: Contract
    cards: Mapping[date, Card]

    def score(self, month: date) -> Decimal | None:
        card = self.cards.get(month)
        return card.score if card else None


def contract_columns(months: Sequence[date]) -> list[Column]:
    """Of `ContractMonths`: score and change are those of the last of the months."""
    last, before = months[-1], months[-2]
    return [
        Column("contract", "Contract", lambda row: row.contract.title),
        Column("reference", "Reference", lambda row: row.contract.reference),
        Column("starts", "Starts", lambda row: row.contract.starts_on),
        Column("ends", "Ends", lambda row: row.contract.ends_on),
        Column("score", f"Score {month_name(last)}", lambda row: row.score(last)),
        Column("change", "Change", lambda row: _change(row.score(before), row.score(last))),
        Column(
            "provisional", "Provisional", lambda row: "yes" if last in row.cards and row.cards[last].provisional else ""
        ),
        *_months(months, lambda row, month: row.score(month)),
    ]


def contract_months(
    contracts: Iterable[Contract], cards: Mapping[Slot, Card], months: Sequence[date]
) -> list[ContractMonths]:
    return [
        ContractMonths(one, {month: cards[one.pk, month] for month in months if (one.pk, month) in cards})
        for one in contracts
    ]


def _change(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


# A contract of the distribution: its band, its vendor with its reference, its score.
SPREAD = (
    Column("band", "Scores", lambda row: row[0]),
    Column("contract", "Contract", lambda row: row[1]),
    Column("score", "Score", lambda row: row[2]),
)

# A contract, and its last edition or None.
SCORECARDS = (
    Column("contract", "Contract", lambda row: row[0].title),
    Column("vendor", "Vendor", lambda row: row[0].vendor.name),
    Column("reference", "Reference", lambda row: row[0].reference),
    Column("published", "Last published", lambda row: row[1] and row[1].month),
    Column("edition", "Edition", lambda row: row[1] and row[1].edition),
    Column("score", "Score", lambda row: row[1] and row[1].score),
    Column("starts", "Starts", lambda row: row[0].starts_on),
    Column("ends", "Ends", lambda row: row[0].ends_on),
)

# A group and a line of the scorecard (`dashboards.pages.scorecard`): one that serves two key result areas stands in both.
LEVELS = (
    Column("kra", "Key result area", lambda row: row[0].name),
    Column("code", "Service level", lambda row: row[1].row.level.code),
    Column("name", "Name of service level", lambda row: row[1].row.level.name),
    Column("target", "Target", lambda row: row[1].row.target),
    Column("minimum", "Minimum or maximum", lambda row: row[1].row.minimum),
    Column("value", "Value", lambda row: row[1].row.value),
    Column("unit", "Unit", lambda row: row[1].row.unit),
    Column("change", "Change", lambda row: row[1].row.change),
    Column("status", "Status", lambda row: style_for(row[1].row.outcome).word if row[1].row.result else "Not due"),
    Column("points", "Points", lambda row: row[1].earned),
    Column("of", "Of points", lambda row: row[1].points),
)

# A period of the chosen service level: a `scorecards.pages.levels` point and its stored result.
TREND = (
    Column("period", "Period", lambda row: row[0].title),
    Column("value", "Value", lambda row: row[1].value),
    Column("status", "Status", lambda row: style_for(row[1].outcome).word),
)

# A result of the month, with its contract, service level and period.
RESULTS = (
    Column("vendor", "Vendor", lambda row: row.contract.vendor.name),
    Column("contract", "Contract", lambda row: row.contract.reference),
    Column("code", "Service level", lambda row: row.service_level.code),
    Column("name", "Name of service level", lambda row: row.service_level.name),
    Column("period", "Period", lambda row: row.period.label),
    Column("value", "Value", lambda row: row.value),
    Column("unit", "Unit", lambda row: row.service_level.measure.get("unit")),
    Column("outcome", "Outcome", lambda row: style_for(row.outcome).word),
    Column("points", "Penalty points", lambda row: row.points),
)

# Of what a search found: the kind, the title, and what is said below it.
FOUND = (
    Column("kind", "Kind", lambda row: row[0]),
    Column("title", "Name", lambda row: row[1]),
    Column("about", "About", lambda row: row[2]),
)


# Of a `dashboards.pages.cockpit.Line`.
MONTH = (
    Column("vendor", "Vendor", lambda line: line.figure.vendor),
    Column("contract", "Contract", lambda line: line.figure.reference),
    Column("code", "Service level", lambda line: line.figure.code),
    Column("name", "Name of service level", lambda line: line.figure.name),
    Column("slot", "Period", lambda line: line.figure.slot),
    Column("state", "State", lambda line: line.state),
    Column("since", "Since", lambda line: line.figure.since),
    Column("due", "Due", lambda line: line.figure.due_on),
    Column("acts", "Acts next", lambda line: line.acts),
    Column("who", "In charge", lambda line: line.who),
)
