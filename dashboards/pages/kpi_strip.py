"""The strip of five numbers above the portfolio, each with its sentence, or with bits: a look, words, and the outcome or state counted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboards.pages.credit_by_currency import CurrencyCredit
from dashboards.querysets.portfolio import Together
from lib.months import after
from lib.templatetags.dates import distance, format_day, month_name
from lib.templatetags.money import format_amount, format_short_amount
from lib.templatetags.numbers import exact, format_decimal

Stat = dict[str, Any]
ZERO = Decimal(0)


def kpi_strip(
    month: date, all_: Together, outcomes: Mapping[str, int], credits: Sequence[CurrencyCredit], now: datetime
) -> list[Stat]:
    return [
        _score(all_),
        _levels(outcomes),
        _breaches(all_, now),
        _credits(month, credits),
        _submissions(month, all_, now),
    ]


def coverage(month: date, all_: Together) -> str:
    """The sentence under the title: how much stands behind the page."""
    return (
        f"{plural(all_.vendors, 'vendor')}, {plural(all_.contracts, 'contract')}. "
        f"{plural(all_.expected, 'service level')} {'reports' if all_.expected == 1 else 'report'} for {month_name(month)}; "
        f"{all_.received} of {plural(all_.submissions, 'submission')} received in full."
    )


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _score(all_: Together) -> Stat:
    if all_.score is None:
        return {"label": "Portfolio score", "value": None, "sub": "No contract has a score for this month"}
    basis = (
        "Weighted by the month's charges" if all_.by_charges else "Each contract counts equally (several currencies)"
    )
    return {
        "label": "Portfolio score",
        "value": format_decimal(all_.score, 1),
        "sub": f"{basis}. {plural(all_.unscored, 'contract')} not scored" if all_.unscored else basis,
        "change": all_.change,
    }


def _levels(outcomes: Mapping[str, int]) -> Stat:
    met, miss, default = (outcomes.get(name, 0) for name in ("met", "miss", "default"))
    bits = [("risk", f"{miss} missed target", "miss")] if miss else []
    bits += [("breach", f"{default} in breach", "default")] if default else []
    pending, without = outcomes.get("pending", 0), outcomes.get("not_measured", 0)
    bits += [("pending", f"{pending} pending", "pending")] if pending else []
    bits += [("none", f"{without} without data", "not_measured")] if without else []
    judged = met + miss + default
    return {
        "label": "Service levels met",
        "value": met if judged else None,
        "small": f"of {judged} measured" if judged else "",
        "bits": bits or [("met", "None missed target", "")]
        if judged
        else bits or [("none", "Nothing calculated yet", "")],
    }


def _breaches(all_: Together, now: datetime) -> Stat:
    stat: Stat = {"label": "Open breaches", "value": all_.live, "sub": "No action needed"}
    if all_.oldest:
        stat["small"] = f"{all_.unacknowledged} not acknowledged" if all_.unacknowledged else "all acknowledged"
        age = "less than a day" if now - all_.oldest < timedelta(days=1) else distance(all_.oldest, now)[0]
        stat["sub"] = f"Oldest {age}, {all_.oldest_at}"
    return stat


def _credits(month: date, credits: Sequence[CurrencyCredit]) -> Stat:
    """Credits due of the main currency, the one with the largest charges; others are named beside it, never added."""
    label = f"Service credits, {month_name(month).split()[0]}"
    if not credits:
        return {"label": label, "value": None, "sub": "Not calculated yet"}
    main = max(credits, key=lambda one: one.all_charges)
    others = [format_short_amount(one.all_due, one.currency) for one in credits if one is not main and one.all_due]
    share = exact(100 * main.all_due / main.all_charges) if main.all_charges else None
    off = (
        [f"{format_short_amount(main.year_earned_back, main.currency)} earned back on earlier credits"]
        if main.year_earned_back
        else []
    )
    off += [f"{format_short_amount(main.year_waived, main.currency)} waived"] if main.year_waived else []
    sub = (
        f"Year to date {format_short_amount(main.year_due, main.currency)}{' after ' if off else ''}{' and '.join(off)}"
    )
    return {
        "label": label,
        "value": format_short_amount(main.all_due, main.currency),
        "title": format_amount(main.all_due, main.currency),
        "small": f"and {' and '.join(others)}" if others else "",
        "sub": f"{format_decimal(share, 1)}% of charges. {sub}" if share is not None else sub,
    }


def _submissions(month: date, all_: Together, now: datetime) -> Stat:
    later = "due" if after(month) <= now.date() else "not_due"  # the state of a figure whose period runs
    bits = [("late", f"{all_.late_submissions} late", "late")] if all_.late_submissions else []
    bits += [("info", f"{all_.waiting} to accept", "waiting")] if all_.waiting else []
    bits += [("pending", f"{all_.due} due from {format_day(all_.due_from)}", later)] if all_.due_from else []
    if not all_.submissions:
        return {"label": "Submissions", "value": None, "sub": "No figures are due for this month"}
    return {
        "label": "Submissions",
        "value": all_.received,
        "small": f"of {all_.submissions}",
        "bits": bits or [("met", "All received", "")],
    }
