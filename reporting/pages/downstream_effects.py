"""What accepting figures changes in the months after their own: repeats, caps and earn-back look back on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evaluation.replay import Projection
from lib.templatetags.dates import month_name
from lib.templatetags.money import format_amount as written

ZERO = Decimal(0)


@dataclass(frozen=True)
class DownstreamMonth:
    """One later month: by how much its credit changes, and whose breaches fall away or come."""

    month: date
    amount: Decimal
    gone: tuple[str, ...]
    come: tuple[str, ...]

    def describe(self, currency: str) -> str:
        """ "August 2024: credit −£6,360.00, no longer a breach: Calls answered" """
        parts = [f"credit {signed(self.amount, currency)}"] if self.amount else []
        parts += [f"no longer a breach: {', '.join(self.gone)}"] if self.gone else []
        parts += [f"a breach now: {', '.join(self.come)}"] if self.come else []
        return f"{month_name(self.month)}: {', '.join(parts)}"


@dataclass(frozen=True)
class DownstreamEffects:
    """The later months that change, and what credits change by in all, that of the month itself included."""

    months: tuple[DownstreamMonth, ...]
    in_all: Decimal

    def describe(self, currency: str) -> str:
        ends = (
            f" In all, with this month: {signed(self.in_all, currency)}." if any(m.amount for m in self.months) else ""
        )
        return f"{'; '.join(month.describe(currency) for month in self.months)}.{ends}"


def signed(value: Decimal, currency: str) -> str:
    """+£4,320.00, −£6,360.00, £0.00."""
    return f"{'+' if value > 0 else ''}{written(value, currency)}"


def downstream_effects(projection: Projection, month: date, names: Mapping[int, str]) -> DownstreamEffects | None:
    """From a preview of figures of a month; None where no later month changes. `names` of the service levels, by their ids."""
    amounts = {row["month"]: row["amount"] for row in projection.credit_changes if row["month"] >= month}
    turned: dict[date, dict[bool, list[str]]] = {}
    for row in projection.outcome_changes:
        turned.setdefault(row["month"], {True: [], False: []})[row["breach"]].append(names[row["service_level_id"]])
    later = tuple(
        DownstreamMonth(
            one, amounts.get(one, ZERO), *(tuple(turned.get(one, {}).get(breach, ())) for breach in (False, True))
        )
        for one in sorted({*amounts, *turned})
        if one > month
    )
    return DownstreamEffects(later, sum(amounts.values(), ZERO)) if later else None
