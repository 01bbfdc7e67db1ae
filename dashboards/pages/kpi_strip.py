"""The strip of five numbers above the portfolio, each with its sentence."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboards.pages.portfolio import REPORTED, Portfolio
from dashboards.rules import by_charges, mean_score
from lib.templatetags.dates import distance, format_day, month_name
from lib.templatetags.money import format_amount, format_short_amount
from lib.templatetags.numbers import exact, format_decimal

Stat = dict[str, Any]
ZERO = Decimal(0)


def kpi_strip(page: Portfolio, outcomes: Mapping[str, int], now: datetime) -> list[Stat]:
    return [
        _score(page),
        _levels(outcomes, page),
        _breaches(page, now),
        _credits(page),
        _submissions(page),
    ]


def coverage(page: Portfolio) -> str:
    """The sentence under the title: how much stands behind the page."""
    vendors, levels = len(page.rows), sum(state.expected for state in page.states.values())
    expected = [state for state in page.states.values() if state.expected]
    received = sum(state.state in REPORTED for state in expected)
    return (
        f"{plural(vendors, 'vendor')}, {plural(len(page.contracts), 'contract')}. "
        f"{plural(levels, 'service level')} {'reports' if levels == 1 else 'report'} for {month_name(page.month)}; "
        f"{received} of {plural(len(expected), 'submission')} received in full."
    )


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _score(page: Portfolio) -> Stat:
    parts = page.scores(page.contracts, page.month)
    now, moved = mean_score(parts), page.change(page.contracts)
    basis = (
        "Weighted by the month's charges" if by_charges(parts) else "Each contract counts equally (several currencies)"
    )
    unscored = sum(part.score is None for part in parts)
    if now is None:
        return {"label": "Portfolio score", "value": None, "sub": "No contract has a score for this month"}
    return {
        "label": "Portfolio score",
        "value": format_decimal(now, 1),
        "sub": f"{basis}. {plural(unscored, 'contract')} not scored" if unscored else basis,
        "change": moved,
    }


def _levels(outcomes: Mapping[str, int], page: Portfolio) -> Stat:
    met, miss, default = (outcomes.get(name, 0) for name in ("met", "miss", "default"))
    bits = [("risk", f"{miss} missed target")] if miss else []
    bits += [("breach", f"{default} in breach")] if default else []
    pending, without = outcomes.get("pending", 0), outcomes.get("not_measured", 0)
    bits += [("pending", f"{pending} pending")] if pending else []
    bits += [("none", f"{without} without data")] if without else []
    judged = met + miss + default
    return {
        "label": "Service levels met",
        "value": met if judged else None,
        "small": f"of {judged} measured" if judged else "",
        "bits": bits or [("met", "None missed target")] if judged else bits or [("none", "Nothing calculated yet")],
    }


def _breaches(page: Portfolio, now: datetime) -> Stat:
    at = [(row, row.breaches) for row in page.rows if row.breaches]
    live, new = sum(found.live for _, found in at), sum(found.unacknowledged for _, found in at)
    stat: Stat = {"label": "Open breaches", "value": live, "sub": "No action needed"}
    if live:
        row, oldest = min(at, key=lambda pair: pair[1].oldest)
        stat["small"] = f"{new} not acknowledged" if new else "all acknowledged"
        age = "less than a day" if now - oldest.oldest < timedelta(days=1) else distance(oldest.oldest, now)[0]
        stat["sub"] = f"Oldest {age}, {row.vendor.name}"
    return stat


def _credits(page: Portfolio) -> Stat:
    """Credits due of the main currency, the one with the largest charges; others are named beside it, never added."""
    due: dict[str, Decimal] = defaultdict(Decimal)
    charges: dict[str, Decimal] = defaultdict(Decimal)
    currencies = {contract.pk: contract.currency for contract in page.contracts}
    for (contract, month), money in page.money.items():
        currency = currencies.get(contract)
        if currency is None:
            continue
        if month == page.month:
            due[currency] += money.due
            charges[currency] += money.charges
    label = f"Service credits, {month_name(page.month).split()[0]}"
    if not charges:
        return {"label": label, "value": None, "sub": "Not calculated yet"}
    main = max(charges, key=lambda currency: charges[currency])
    others = [format_short_amount(due[other], other) for other in sorted(charges) if other != main and due[other]]
    share = exact(100 * due[main] / charges[main]) if charges[main] else None
    year = page.year[main]
    off = [f"{format_short_amount(year.earned_back, main)} earned back on earlier credits"] if year.earned_back else []
    off += [f"{format_short_amount(year.waived, main)} waived"] if year.waived else []
    sub = f"Year to date {format_short_amount(year.due, main)}{' after ' if off else ''}{' and '.join(off)}"
    return {
        "label": label,
        "value": format_short_amount(due[main], main),
        "title": format_amount(due[main], main),
        "small": f"and {' and '.join(others)}" if others else "",
        "sub": f"{format_decimal(share, 1)}% of charges. {sub}" if share is not None else sub,
    }


def _submissions(page: Portfolio) -> Stat:
    states = [state for state in page.states.values() if state.expected]
    received = [state for state in states if state.state in REPORTED]
    late = sum(bool(state.counts["late"]) for state in states)
    waiting = sum(state.live_status == "submitted" for state in states)
    due = [state.due_on for state in states if state.due_on and state.due_on >= state.today]
    bits = [("late", f"{late} late")] if late else []
    bits += [("info", f"{waiting} to accept")] if waiting else []
    bits += [("pending", f"{len(due)} due from {format_day(min(due))}")] if due else []
    if not states:
        return {"label": "Submissions", "value": None, "sub": "No figures are due for this month"}
    return {
        "label": "Submissions",
        "value": len(received),
        "small": f"of {len(states)}",
        "bits": bits or [("met", "All received")],
    }
