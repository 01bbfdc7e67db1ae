"""Step 19: something counted over the last n periods or months reaches a threshold."""

from fractions import Fraction

from .days import month_after
from .numbers import exact, plain
from .outcomes import is_neutral

JUDGED_OUTCOMES = ("met", "miss", "default")


def rules_that_hold(file, slots, months):
    """One row for each rule, each service level (or the contract) and each month in which it holds."""
    rows = []
    for rule in file.get("rules") or []:
        if rule["over"] == "contract":
            measured = [(None, m.month, over_contract(rule, m, months, slots)) for m in months]
        else:
            measured = [
                (level["code"], slot.month, over_level(rule, position, own))
                for level in file["service_levels"]
                for own in [[s for s in slots if s.level is level]]
                for position, slot in last_of_each_month(own)
            ]
        rows += [row(rule, code, month, number) for code, month, number in measured if holds(rule, number)]
    return rows


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


def last_of_each_month(slots):
    """The last judged slot of each month, with its position among all slots of the service level."""
    last = {slot.month: (position, slot) for position, slot in enumerate(slots) if slot.outcome != "pending"}
    return list(last.values())


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
    return counted_in(rule, [s for s in slots if start <= s.month <= month.month])


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
