"""Where a month's service credits come from, one block for each currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from dashboards.querysets.portfolio import CurrencyRow
from lib.charts import waterfall

ZERO = Decimal(0)
NAMED = 3  # vendors with a bar of their own; the rest share one
CSS = {"plus": "bar-bad", "minus": "bar-muted"}


@dataclass(frozen=True)
class CurrencyCredit:
    """One currency's credits: what the points came to by vendor, what caps cut, what was earned back and waived, and what is due.

    `rows` are of the contracts listed, and there are none where no contract listed has an account; `all_…` and `year_…` are of all.
    """

    currency: str
    listed: bool
    charges: Decimal
    at_risk: Decimal
    due: Decimal
    behind: str  # the address of the list that makes it up
    rows: list[dict[str, Any]]
    all_charges: Decimal
    all_due: Decimal
    year_due: Decimal
    year_earned_back: Decimal
    year_waived: Decimal


def credit_by_currency(found: Iterable[CurrencyRow], behind: str) -> list[CurrencyCredit]:
    """The currencies, the largest charges of what is listed first. `found` stands by currency; `behind` is the address of the list of
    credits by month, which makes the amounts up."""
    blocks = [_currency_credit(list(rows), behind) for _, rows in groupby(found, key=lambda row: row.currency)]
    return sorted(blocks, key=lambda block: -block.charges)


def _currency_credit(found: list[CurrencyRow], behind: str) -> CurrencyCredit:
    first, listed = found[0], [row for row in found if row.listed]
    return CurrencyCredit(
        currency=first.currency,
        listed=bool(listed),
        charges=sum((row.charges for row in listed), ZERO),
        at_risk=sum((row.at_risk for row in listed), ZERO),
        due=sum((row.due for row in listed), ZERO),
        behind=behind,
        rows=_bars(listed, behind),
        all_charges=sum((row.charges for row in found), ZERO),
        all_due=sum((row.due for row in found), ZERO),
        year_due=first.year_credit - first.year_earned_back - first.year_waived,
        year_earned_back=first.year_earned_back,
        year_waived=first.year_waived,
    )


def _bars(listed: list[CurrencyRow], behind: str) -> list[dict[str, Any]]:
    steps = [
        (row.vendor, row.before_caps, "plus", "")
        if row.place <= NAMED
        else ("Other vendors", row.before_caps, "plus", f"{row.vendors} more")
        for row in listed
        if row.place is not None
    ]
    capped_amount = sum((row.capped_amount for row in listed), ZERO)
    back = sum((row.earned_back for row in listed), ZERO)
    waived = sum((row.waived for row in listed), ZERO)
    steps += [("Cut by caps", capped_amount, "minus", "does not come back")] if capped_amount else []
    steps += [("Earned back", back, "minus", "of earlier credits")] if back else []
    steps += [("Waived", waived, "minus", "by the client")] if waived else []
    if not steps:
        return []
    # Where more was earned back than fell due, the month stands below zero: the bars end there, and the total says how much.
    due = sum((row.due for row in listed), ZERO)
    steps.append(("Due for the month", max(due, ZERO), "total", ""))
    owing = [row for row in listed if row.place is not None]
    urls = [f"{behind}&{urlencode({'vendor': row.code})}" if (row.place or 0) <= NAMED else behind for row in owing]
    urls += [behind] * (len(steps) - len(urls))
    rows = [
        {**bar, "css": CSS.get(bar["kind"], bar["css"]), "url": url}
        for bar, url in zip(waterfall(steps), urls, strict=True)
    ]
    rows[-1]["amount"] = due
    return rows
