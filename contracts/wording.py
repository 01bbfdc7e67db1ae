"""A contract's clauses in plain words: calendar, charges, credits, rules, scorecard. Pure: stored documents in, sentences out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from contracts.contract_file.parties import ContractPart
from contracts.models import Contract
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import format_ordinal, number

Clauses = Mapping[str, Any]

WEEKDAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
WEEK = ["mon", "tue", "wed", "thu", "fri"]
OVER = {"month": "a month", "rolling_12": "any 12 months in a row", "contract_year": "a contract year"}
BASES = {"charges": "charges", "at_risk": "amount at risk"}
THEN = {
    "termination_right": "the client may terminate",
    "rectification_plan": "a rectification plan is due",
    "escalate": "the matter is escalated",
    "notify": "both sides are notified",
}
COUNTED = {
    "points": "penalty points",
    "defaults": "breaches",
    "consecutive_defaults": "breaches in a row",
    "credit": "of credits",
    "capped_months": "months at a cap",
    "default_share": "% of the judged service levels in breach",
}
ONE_COUNTED = {
    "points": "penalty point",
    "defaults": "breach",
    "consecutive_defaults": "breach",
    "capped_months": "month at a cap",
}
MISSING = {
    "exclude": "What was not measured is left out, and the others weigh more",
    "zero": "What was not measured counts as 0",
    "full": "What was not measured counts as 100",
}


def format_list(parts: Iterable[str], last: str = "and") -> str:
    """a, b and c."""
    *first, end = list(parts) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def format_many(count: object, one: str, more: str = "") -> str:
    """1 month, 3 months."""
    return f"{count} {one if str(count) == '1' else more or one + 's'}"


def describe_versions(versions: Sequence[Clauses], say: Callable[[Clauses], str]) -> str:
    """What each version says: "£200,000 a month; from 1 Apr 2025 £206,000 a month"."""
    said = [say(version) for version in versions]
    later = [
        f"from {format_day(date.fromisoformat(version['from']))} {text}"
        for version, text in zip(versions, said, strict=True)
    ]
    return "; ".join([*said[:1], *later[1:]])


# Calendar and charges --------------------------------------------------------------------------------------------


def describe_calendar(document: Clauses) -> str:
    """Mon to Fri, 08:00–18:00, public holidays of GB-ENG."""
    days = document.get("weekdays") or WEEK
    together = (
        "Mon to Fri" if days == WEEK else "every day" if len(days) == 7 else format_list(WEEKDAYS[day] for day in days)
    )
    parts = [together]
    if document.get("hours"):
        parts.append(str(document["hours"]).replace("-", "–"))
    holidays = document.get("holidays") or ()
    if isinstance(holidays, str):
        parts.append(f"without the public holidays of {holidays}")
    elif holidays:
        parts.append(f"without {format_many(len(holidays), 'named holiday')}")
    return ", ".join(parts)


def describe_reporting(days: int) -> str:
    return f"by the end of the {format_ordinal(days)} working day after the period"


def describe_charges(document: Clauses, currency: str) -> str:
    if "monthly" in document:
        return f"{_money(document['monthly'], currency)} a month"
    listed_months = document.get("months") or {}
    if not listed_months:
        return "none"
    return f"month by month, {format_many(len(listed_months), 'month')} entered"


def _money(value: object, currency: str) -> str:
    """As it was agreed: £3, £2.50, and £0.005 for what is less than the smallest coin."""
    decimal = Decimal(str(value))
    if decimal == decimal.to_integral_value():
        return format_amount(decimal, currency, 0)
    return format_amount(
        decimal, currency, max(get_currency_precision(currency), -int(decimal.normalize().as_tuple().exponent))
    )


# Credits ---------------------------------------------------------------------------------------------------------


def describe_credits(clauses: Clauses, currency: str) -> list[tuple[str, str]]:
    """(head, sentence) of each part of the credit chain, in the order in which it is applied."""
    found = [("Worth of a point", _worth(clauses, currency)), ("Tariff", _tariff(clauses["tariff"]))]
    if clauses["one_per_incident"]:
        found.append(("Incidents", "Where one incident caused several breaches, only the largest counts"))
    if clauses["bedding_in"]:
        steps = format_list(
            f"× {number(factor)} in month {position}" for position, factor in enumerate(clauses["bedding_in"], start=1)
        )
        found.append(("Bedding in", f"{steps} of the contract, then in full"))
    found += [("Cap", _cap(cap, currency)) for cap in clauses["caps"]] or [("Cap", "None: credits are not limited")]
    if clauses["minimum"] is not None:
        found.append(
            ("Least credit", f"A month's credit of {_money(clauses['minimum'], currency)} or less is not issued")
        )
    found.append(("Earn-back", _earn_back(clauses["earn_back"])))
    return found


def _part_of(clauses: Clauses, at_risk: object) -> str:
    base = BASES[clauses["percent_of"]]
    share = f"{number(clauses['value'])}% of the month's {base}"
    return (
        f"{share}, which is {number(at_risk)}% of its charges"
        if clauses["percent_of"] == "at_risk" and at_risk
        else share
    )


def _worth(clauses: Clauses, currency: str) -> str:
    point = clauses["point"]
    if point["amount"] is not None:
        return _money(point["amount"], currency)
    return _part_of(point, clauses["at_risk_percent"])


def _tariff(tariff: Clauses) -> str:
    if tariff["kind"] == "step":
        steps = sorted(tariff["steps"], key=lambda step: Decimal(step["at"]))
        said = format_list(f"{number(step['value'])} from {number(step['at'])}" for step in steps)
        return f"In steps by the month's points: {said}; nothing below"
    if tariff["kind"] == "marginal":
        return f"Slice by slice: {format_list(_slices(tariff['slices']))}"
    return "Every point counts the same"


def _slices(slices: Iterable[Clauses]) -> list[str]:
    found, before = [], "0"
    for part in slices:
        factor = "free" if Decimal(part["factor"]) == 0 else f"× {number(part['factor'])}"
        if part["upto"] is None:
            found.append(f"above {format_many(before, 'point')} {factor}")
        else:
            found.append(f"up to {format_many(number(part['upto']), 'point')} {factor}")
            before = number(part["upto"])
    return found


def _cap(cap: Clauses, currency: str) -> str:
    what = _money(cap["amount"], currency) if cap["amount"] is not None else ""
    what = what or f"{number(cap['value'])}% of the {BASES[cap['percent_of']]}"
    return f"At most {what} in {OVER[cap['over']]}"


def _earn_back(earn_back: Clauses | None) -> str:
    if earn_back is None:
        return "None: what was credited stays credited"
    if earn_back["after"] is not None:
        periods = format_many(earn_back["after"], "period")
        return f"A service level's credit returns once it is met in each of its next {periods}"
    return "A service level's credits return when the mean of the contract year reaches its first band"


# The submission of figures and what follows ---------------------------------------------------------------------------


def describe_workflow(contract: Contract | ContractPart) -> list[tuple[str, str]]:
    """(head, sentence) of each day or number that the contract states for acceptance, disputes, plans and claims."""
    found = []
    if contract.accept_after is not None:
        found.append(("Acceptance", f"By itself {format_many(contract.accept_after, 'working day')} after submission"))
    if contract.submit_early:
        found.append(("Early submission", "A running month may be submitted"))
    if contract.dispute_within is not None:
        found.append(
            ("Disputes", f"Within {format_many(contract.dispute_within, 'working day')} after a month is published")
        )
    if contract.answer_within is not None:
        within = format_many(contract.answer_within, "working day")
        found.append(("Answers", f"To disputes and requests for relief within {within}; later ones are escalated"))
    if contract.verify_after is not None:
        found.append(("Corrective plans", f"Verified after {format_many(contract.verify_after, 'period')} met"))
    if contract.claim_within is not None:
        found.append(("Claims", f"Within {format_many(contract.claim_within, 'day')} after the month’s end"))
    return found


# Rules and scorecard -----------------------------------------------------------------------------------------------


def describe_rule(rule: Clauses) -> str:
    """ "50 points or more in 3 months: the client may terminate"."""
    at_least, more_than = rule["at_least"], rule["more_than"]
    threshold = f"{number(at_least)} or more" if at_least is not None else f"more than {number(more_than)}"
    counted = COUNTED[rule["count"]]
    limited = f" in the bands {format_list(rule['bands'])}" if rule["bands"] else ""
    unit = "month" if rule["over"] == "contract" else "period"
    window = "" if rule["count"] == "consecutive_defaults" else f" in {_within(rule['window'], unit)}"
    whose = "over the contract" if rule["over"] == "contract" else "of one service level"
    return f"{threshold} {counted}{limited} {whose}{window}: {THEN[rule['then']]}{_while(rule)}"


def _while(rule: Clauses) -> str:
    """ ", within 90 days; from 1 Apr 2025 until 31 Mar 2026" """
    expires, first, last = (rule.get(key) for key in ("expires_after", "from", "until"))
    within = f", within {format_many(expires, 'day')}" if expires else ""
    days = [f"{word} {format_day(date.fromisoformat(day))}" for word, day in (("from", first), ("until", last)) if day]
    return f"{within}; {' '.join(days)}" if days else within


def describe_triggered(rule: Clauses, measured: Decimal) -> str:
    """What a rule counted, beside its limit and what follows: "58 penalty points in 3 months, limit 50: the client may terminate"."""
    limit = rule["at_least"] if rule["at_least"] is not None else rule["more_than"]
    unit = "month" if rule["over"] == "contract" else "period"
    window = "" if rule["count"] == "consecutive_defaults" else f" in {_within(rule['window'], unit)}"
    counted = (ONE_COUNTED if measured == 1 else COUNTED).get(rule["count"], COUNTED[rule["count"]])
    return f"{number(measured)} {counted}{window}, limit {number(limit)}: {THEN[rule['then']]}"


def _within(window: object, unit: str) -> str:
    return f"a {unit}" if str(window) == "1" else f"{window} {unit}s"


def describe_scorecard(clauses: Clauses) -> list[tuple[str, str]]:
    found = [("Missing figures", MISSING[clauses["missing"]])]
    if Decimal(clauses["minimum_coverage"]):
        least = number(clauses["minimum_coverage"])
        found.append(("Coverage", f"No total where less than {least}% of the weight was measured"))
    if clauses["grades"]:
        found.append(("Grades", format_list(_grades(clauses["grades"]))))
    return found


def _grades(grades: Iterable[Clauses]) -> list[str]:
    return [
        f"{one['name']} from {number(one['at'])}" if one["at"] is not None else f"{one['name']} below" for one in grades
    ]


def format_charge(charge: Decimal, currency: str, month: date) -> str:
    """The charges of one month in words, for lists: "£212,000", or "none in October 2026"."""
    return _money(charge, currency) if charge else f"none in {month_name(month)}"
