"""How far caps look back, and what follows from rules, in words."""

from datetime import date, timedelta

SPANS = {"month": "a month", "rolling_12": "twelve months", "contract_year": "a contract year"}
FOLLOWS = {
    "termination_right": "right to terminate",
    "rectification_plan": "rectification plan",
    "escalate": "escalation",
    "notify": "notice",
}


def span_begins(over: str, contract_begins: date, month: date) -> date:
    """The first month of a cap's span that ends with `month`: month, rolling_12 or contract_year."""
    if over == "rolling_12":
        return months_back(month, 11)
    if over == "contract_year":
        return months_back(month, months_between(contract_begins, month) % 12)
    return month


def months_between(first: date, month: date) -> int:
    """Whole calendar months from one to the other."""
    return (month.year - first.year) * 12 + month.month - first.month


def months_back(month: date, count: int) -> date:
    """The first day of the month so many months before."""
    years, place = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, place + 1, 1)


def last_day_of(month: date) -> date:
    """The last day of a month, which is given by any of its days."""
    return months_back(month, -1) - timedelta(days=1)
