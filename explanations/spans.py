"""How far caps look back, and what follows from rules, in words."""

from datetime import date, timedelta

from lib.months import after

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
        return after(month, -11)
    if over == "contract_year":
        return after(month, -(months_between(contract_begins, month) % 12))
    return month


def months_between(first: date, month: date) -> int:
    """Whole calendar months from one to the other."""
    return (month.year - first.year) * 12 + month.month - first.month


def last_day_of(month: date) -> date:
    """The last day of a month, which is given by any of its days."""
    return after(month) - timedelta(days=1)
