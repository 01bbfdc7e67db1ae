"""A contract and its figures, judged: the same JSON as `manage.py try` prints."""

from .days import day
from .facts import default_as_of, give_values, slots_of
from .money import Ledger
from .numbers import fixed, half_up, plain
from .outcomes import give_outcomes
from .scorecards import scorecard
from .window_rules import rules_that_hold


def judge(contract, figures, as_of=None):
    """Judge figures under a contract.

    contract: the contract file as a plain dict (numbers as text, int or Decimal; dates as text or date).
    figures: rows of the figures file, each a dict of texts; blank and absent are the same.
    as_of: the day asked; by default the day after the last reported period's due day.
    Returns `results`, `months`, `rules` and `scorecards`; numbers are texts. The input is taken to be valid.
    """
    terms = contract["contract"]
    levels = contract["service_levels"]
    until = day(as_of) if as_of else default_as_of(terms, levels, figures)
    slots = []
    for level in sorted(levels, key=lambda each: each["code"]):
        own = slots_of(level, terms, figures, until)
        give_values(own, terms)
        give_outcomes(own)
        slots += own
    ledger = Ledger(contract, slots)
    return {
        "results": [result(slot) for slot in slots],
        "months": [month_row(month, ledger.places) for month in ledger.months],
        "rules": sorted(rules_that_hold(contract, slots, ledger.months), key=order_of_rules),
        "scorecards": [scorecard(contract, slots, month.month) for month in ledger.months],
    }


def order_of_rules(row):
    """By month, then by name, then by service level."""
    return row["month"], row["rule"], row["service_level"] or ""


def result(slot):
    return {
        "service_level": slot.code,
        "period": slot.starts_on.isoformat(),
        "value": fixed(slot.value, 6),
        "band": slot.band["name"] if slot.band else None,
        "outcome": slot.outcome,
        "streak": slot.streak,
        "factor": plain(slot.factor),
        "points": plain(slot.points),
        "score": fixed(slot.score, 2),
        "terms_from": day(slot.terms["from"]).isoformat(),
    }


def month_row(month, places):
    """Money is in the currency's minor unit, and printed with two decimals or more."""

    def money(amount):
        return fixed(half_up(amount, places), max(2, places))

    return {
        "month": month.month.isoformat()[:7],
        "points": plain(month.points),
        "charges": money(month.charges),
        "at_risk": money(month.at_risk),
        "credit_before_caps": money(month.before_caps),
        "credit": money(month.credit),
        "forgone": money(month.forgone),
        "earned_back": money(month.earned_back),
    }
