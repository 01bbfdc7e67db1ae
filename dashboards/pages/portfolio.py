"""The portfolio: a page of vendors with their twelve months, and what is said of all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from dashboards.querysets import portfolio as find
from dashboards.rules import window
from lib.charts import Heat, heat_cell
from organisations.house import House


@dataclass(frozen=True)
class Row:
    """A vendor in the table, with its score by month shown, the oldest first. `service` says what it does, or which contracts it has."""

    vendor: find.VendorRow
    service: str
    scores: list[Decimal | None]
    provisional: list[bool]  # not published, in a month that others' scores are published of
    last_is_provisional: bool


@dataclass(frozen=True)
class Portfolio:
    """What the page shows of a month."""

    month: date
    rows: list[Row]
    all: find.Together

    @property
    def months(self) -> list[date]:
        return window(self.month)


def portfolio_of(month: date, now: datetime, asked: find.Asked) -> Portfolio:
    """The vendors with a contract in force in the month, a page of them: two statements, whatever their number."""
    months = window(month)
    everything, vendors = find.vendors_of(month, now, months, asked)
    if not vendors and everything.matching:  # beyond the last page, as it was when somebody kept its address
        last = -(-everything.matching // asked.shown)
        everything, vendors = find.vendors_of(month, now, months, replace(asked, number=last))
    history = find.vendor_months([pk for row in vendors for pk in row.contracts], months) if vendors else {}
    # A month that nobody has published is marked by its head alone.
    mixed = {month for (_, month), (_, provisional) in history.items() if not provisional}
    return Portfolio(month, [_row(vendor, history, months, mixed) for vendor in vendors], everything)


def _row(
    vendor: find.VendorRow,
    history: dict[find.Slot, tuple[Decimal | None, bool]],
    months: Sequence[date],
    mixed: Collection[date],
) -> Row:
    found = [history.get((vendor.pk, month), (None, False)) for month in months]
    several = f"{len(vendor.contracts)} contracts"
    what = vendor.title if len(vendor.contracts) == 1 else several
    service = vendor.service or what
    marked = [provisional and month in mixed for month, (_, provisional) in zip(months, found, strict=True)]
    last = found[-1][1] and found[-1][0] is not None
    return Row(vendor, service, [score for score, _ in found], marked, last)


def heat_cells(scores: Sequence[Decimal | None], provisional: Sequence[bool], house: House) -> list[Heat]:
    """Cells of a row of months, the oldest first, in the bands of the organisation."""
    bands = house.heat_bands
    return [
        heat_cell(score, bands, note="provisional" if open_ and score is not None else "")
        for score, open_ in zip(scores, provisional, strict=True)
    ]
