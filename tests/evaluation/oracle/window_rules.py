"""Step 19: something counted over the last n periods or months reaches a threshold."""

from fractions import Fraction

from .days import day, last_day_of, month_after
from .numbers import exact, plain
from .outcomes import is_neutral

JUDGED_OUTCOMES = ("met", "miss", "default")


def rules_that_hold(file, slots, months):
    """One row for each rule, each service level (or the contract) and each month in which it holds."""
    rows = []
    for rule in file.get("rules") or []:
        seen = [s for s in slots if sees(rule, s.ends_on)]
        if rule["over"] == "contract":
            of_rule = [m for m in months if sees(rule, last_day_of(m.month))]
            measured = [(None, m.month, over_contract(rule, m, of_rule, seen)) for m in of_rule]
        else:
            measured = [
                (level["code"], month, number)
                for level in file["service_levels"]
                for month, number in highest_of_each_month(rule, [s for s in seen if s.level is level])
            ]
        rows += [
            row(rule, code, month, number)
            for code, month, number in measured
            if holds(rule, number) and not is_over(rule, month)
        ]
    return rows


def sees(rule, last):
    """A rule sees nothing that ended before its first day."""
    return rule.get("from") is None or last >= day(rule["from"])


def is_over(rule, month):
    """A rule triggers in no month that ends after its last day."""
    return rule.get("until") is not None and last_day_of(month) > day(rule["until"])


def row(rule, code, month, number):
    return {
        "rule": rule["name"],
        "service_level": code,
        "month": month.isoformat()[:7],
        "measured": plain(number),
        "then": rule["then"],
    }


def holds(rule, number):
    """At least, or more than; nothing holds where nothing could be measured."""
    if number is None:
        return False
    if rule.get("at_least") is not None:
        return number >= exact(rule["at_least"])
    return number > exact(rule["more_than"])


def highest_of_each_month(rule, slots):
    """The highest number that any judged slot of a month comes to: once reached in a month, the rule holds in it."""
    highest = {}
    for position, slot in enumerate(slots):
        number = over_level(rule, position, slots) if slot.outcome != "pending" else None
        if number is not None:
            highest[slot.month] = max(number, highest.get(slot.month, number))
    return list(highest.items())


def in_bands(rule, slot):
    """Whether the rule looks at this slot: any, or those in the bands it names (a slot without a band is in none)."""
    named = rule.get("bands")
    return not named or (slot.band is not None and slot.band["name"] in named)


def over_level(rule, position, slots):
    """What is counted over the last `window` slots of one service level, ending with the slot at `position`."""
    window = slots[max(0, position + 1 - int(rule.get("window") or 1)) : position + 1]
    if rule["count"] == "consecutive_defaults":
        return Fraction(consecutive(rule, slots[: position + 1]))
    if rule["count"] == "credit":
        return sum((s.share for s in window), Fraction(0))
    if rule["count"] == "capped_months":  # only a contract has capped months
        return None
    return counted_in(rule, window)


def over_contract(rule, month, months, slots):
    """What is counted over the last `window` months of the contract, ending with `month`."""
    start = month_after(month.month, 1 - int(rule.get("window") or 1))
    window = [m for m in months if start <= m.month <= month.month]
    if rule["count"] == "consecutive_defaults":
        return Fraction(months_in_a_row(rule, month, months, slots))
    if rule["count"] == "credit":
        return sum((m.credit for m in window), Fraction(0))
    if rule["count"] == "capped_months":
        return Fraction(sum(m.capped for m in window))
    inside = [s for s in slots if start <= s.month <= month.month]
    return share_of_levels(rule, inside) if rule["count"] == "default_share" else counted_in(rule, inside)


def share_of_levels(rule, slots):
    """Month by month the service levels with a default among those that were judged in it, in percent."""
    hit = {(s.month, s.level["code"]) for s in slots if s.is_default and in_bands(rule, s)}
    judged = {(s.month, s.level["code"]) for s in slots if s.outcome in JUDGED_OUTCOMES or s.is_default}
    return Fraction(100 * len(hit), len(judged)) if judged else None


def counted_in(rule, slots):
    """Points (as they count in the month), defaults, or the share of defaults among the judged, in percent."""
    if rule["count"] == "points":
        return sum((s.counted_points for s in slots if in_bands(rule, s)), Fraction(0))
    defaults = sum(s.is_default and in_bands(rule, s) for s in slots)
    if rule["count"] == "defaults":
        return Fraction(defaults)
    judged = sum(s.outcome in JUDGED_OUTCOMES or s.is_default for s in slots)
    return Fraction(100 * defaults, judged) if judged else None


def consecutive(rule, slots):
    """Defaults in a row ending with the last slot, neutral ones between them skipped; 0 where the last is none."""
    if not (slots[-1].is_default and in_bands(rule, slots[-1])):
        return 0
    run = 0
    for slot in reversed(slots):
        if slot.is_default and in_bands(rule, slot):
            run += 1
        elif not is_neutral(slot):
            break
    return run


def months_in_a_row(rule, month, months, slots):
    """Months in a row, ending with this one, each with a default."""
    run = 0
    for m in reversed([m for m in months if m.month <= month.month]):
        if not any(s.is_default and in_bands(rule, s) for s in slots if s.month == m.month):
            break
        run += 1
    return run
