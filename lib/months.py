"""Months in addresses, and the steps from one to the next."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from lib.templatetags.dates import month_name

# The years of contracts, as in their files: what lies outside is no month that anybody means, and the month after it may be none.
MONTH = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")


def month_of(text: str) -> date | None:
    """The first day of "2026-10"; None for anything else."""
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def after(month: date, count: int = 1) -> date:
    """The first day of the month `count` months later (earlier, where negative)."""
    year, number = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, number + 1, 1)


def each_month(first: date, last: date) -> list[date]:
    """The first days of the months from one to another, both among them."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [after(first, number) for number in range(count + 1)]


def format_months(first: date, last: date) -> str:
    """ "August to October 2026", or the one month."""
    if first == last:
        return month_name(first)
    begins = month_name(first) if first.year != last.year else month_name(first).rpartition(" ")[0]
    return f"{begins} to {month_name(last)}"


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
