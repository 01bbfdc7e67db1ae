"""The columns of the portfolio and of the list of vendors, for files."""

from collections.abc import Sequence
from datetime import date
from typing import Any

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

    def score(at: int) -> Column:
        return Column(
            f"{months[at]:%Y-%m}", f"Score {month_name(months[at])}", lambda row: row.scores[at], "Score by month"
        )

    provisional = Column("provisional", f"Provisional {month_name(months[-1])}", _provisional)
    return [*PORTFOLIO, provisional, *map(score, range(len(months)))]


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
