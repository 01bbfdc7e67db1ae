"""Where a month's service credits come from, one block for each currency."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.pages.portfolio import Portfolio, Row
from dashboards.querysets.portfolio import Money
from lib.charts import waterfall

ZERO = Decimal(0)
NAMED = 3  # vendors with a bar of their own; the rest share one
CSS = {"plus": "bar-bad", "minus": "bar-muted"}


@dataclass(frozen=True)
class CurrencyCredit:
    """One currency's credits: what the points came to by vendor, what caps cut, what was earned back and waived, and what is due."""

    currency: str
    charges: Decimal
    at_risk: Decimal
    due: Decimal
    rows: list[dict[str, Any]]


def credit_by_currency(page: Portfolio, rows: Iterable[Row]) -> list[CurrencyCredit]:
    """Blocks of the currencies of the rows' contracts, the largest charges first."""
    found: dict[str, list[tuple[str, Money]]] = defaultdict(list)
    for row in rows:
        for contract in row.contracts:
            money = page.money.get((contract.pk, page.month))
            if money:
                found[contract.currency].append((row.vendor.name, money))
    blocks = [_currency_credit(currency, months) for currency, months in found.items()]
    return sorted(blocks, key=lambda block: -block.charges)


def _currency_credit(currency: str, months: list[tuple[str, Money]]) -> CurrencyCredit:
    by_vendor: dict[str, Decimal] = defaultdict(Decimal)
    for vendor, money in months:
        by_vendor[vendor] += money.credit + money.capped_amount
    owing = sorted(((size, vendor) for vendor, size in by_vendor.items() if size), reverse=True)
    steps = [(vendor, size, "plus", "") for size, vendor in owing[:NAMED]]
    rest = owing[NAMED:]
    if rest:
        steps.append(("Other vendors", sum((size for size, _ in rest), ZERO), "plus", f"{len(rest)} more"))
    capped_amount = sum((money.capped_amount for _, money in months), ZERO)
    back = sum((money.earned_back for _, money in months), ZERO)
    waived = sum((money.waived for _, money in months), ZERO)
    steps += [("Cut by caps", capped_amount, "minus", "does not come back")] if capped_amount else []
    steps += [("Earned back", back, "minus", "of earlier credits")] if back else []
    steps += [("Waived", waived, "minus", "by the client")] if waived else []
    # Where more was earned back than fell due, the month stands below zero: the bars end there, and the total says how much.
    due = sum((money.due for _, money in months), ZERO)
    if steps:
        steps.append(("Due for the month", max(due, ZERO), "total", ""))
    rows = [{**bar, "css": CSS.get(bar["kind"], bar["css"])} for bar in waterfall(steps)]
    if rows:
        rows[-1]["amount"] = due
    return CurrencyCredit(
        currency=currency,
        charges=sum((money.charges for _, money in months), ZERO),
        at_risk=sum((money.at_risk for _, money in months), ZERO),
        due=due,
        rows=rows,
    )
