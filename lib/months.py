"""Months in addresses, and the steps from one to the next."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from lib.templatetags.dates import month_name


def month_of(text: str) -> date | None:
    """The first day of "2026-10"; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def after(month: date, count: int = 1) -> date:
    """The first day of the month `count` months later (earlier, where negative)."""
    year, number = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, number + 1, 1)


def stepper(month: date, *, first: date, last: date, kept: dict[str, str] | None = None) -> dict[str, Any]:
    """What components/period.html shows: this month and the ones beside it, as far as they lie from `first` to `last`.

    `kept` are the other parameters of the address.
    """

    def url(of: date) -> str:
        return f"?{urlencode({'period': f'{of:%Y-%m}', **(kept or {})})}" if first <= of <= last else ""

    return {
        "label": month_name(month),
        "previous_url": url(after(month, -1)),
        "previous_label": month_name(after(month, -1)),
        "next_url": url(after(month)),
        "next_label": month_name(after(month)),
    }
