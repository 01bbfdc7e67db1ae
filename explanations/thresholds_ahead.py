"""Distance to a consequence: how many more defaults until the next factor, how much more until a rule holds, how much money to a cap.

Pure: what was stored of a service level's slots and of the contract's months goes in, sentences come out. What is counted is what the
window rules of the judgement count (docs/judgement.md, Rules); the window moves on with each further period.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from typing import Any

from explanations.spans import FOLLOWS, SPANS, last_day_of, span_begins
from explanations.words import format_count, format_number, format_stated
from lib.months import after, each_month

ZERO = Decimal(0)
MULTIPLIED = {"2": "doubled", "3": "tripled"}
JUDGED = frozenset({"met", "miss", "default"})


@dataclass(frozen=True)
class Slot:
    """A judged slot as far as rules look at it. `counted` are its points in the month (after incidents), `share` its part of the
    credit. `neutral`: it leaves a run as it is. `ends_on`: the last day of its period, where that is not the month's."""

    month: date
    outcome: str
    band_name: str | None
    streak: int
    counted: Decimal = ZERO
    share: Decimal = ZERO
    neutral: bool = False
    level: int = 0  # whose it is, among those of the contract
    ends_on: date | None = None


@dataclass(frozen=True)
class Tally:
    """A month of the contract: its credit, and whether a cap was reached in it."""

    month: date
    credit: Decimal = ZERO
    capped: bool = False


@dataclass(frozen=True)
class ThresholdAhead:
    """`more` until `name` (a factor, a rule, a cap) follows: 0 where it holds already, None where it cannot be reached. `unit` is
    defaults, points, credit, months."""

    kind: str  # factor, rule, cap
    name: str
    holds: bool
    more: Decimal | None
    unit: str
    sentence: str


# Repeat factor ---------------------------------------------------------------------------------------------------


def to_factor(consecutive_defaults: int, repeat: Sequence[str]) -> ThresholdAhead | None:
    """From a run of defaults to the next higher factor; None where there is only one."""
    factors = [Decimal(factor) for factor in repeat]
    now = factors[min(max(consecutive_defaults, 1), len(factors)) - 1]
    higher = next((at for at in range(consecutive_defaults + 1, len(factors) + 1) if factors[at - 1] > now), None)
    if higher is None:
        if len(set(factors)) == 1:
            return None
        return ThresholdAhead(
            "factor",
            format_stated(now),
            True,
            None,
            "defaults",
            f"Penalty points are already {MULTIPLIED.get(format_stated(now), f'multiplied by {format_stated(now)}')}.",
        )
    more, factor = Decimal(higher - consecutive_defaults), format_stated(factors[higher - 1])
    sentence = (
        f"{format_count(more, 'more breach', 'more breaches')} in a row would multiply penalty points by {factor}."
    )
    return ThresholdAhead("factor", factor, False, more, "defaults", sentence)


# Rules -----------------------------------------------------------------------------------------------------------

Cash = Callable[[Decimal], str]
UNITS = {"points": "points", "credit": "credit", "capped_months": "months"}
AMOUNTS = frozenset({"points", "credit"})


def to_rule(
    rule: Mapping[str, Any], slots: Sequence[Slot], months: Sequence[Tally] = (), cash: Cash = format_number
) -> ThresholdAhead:
    """How far a window rule, in its full form, is from holding.

    Over a service level `slots` are its judged ones in order, and it is asked what the next ones would have to be. Over the contract
    `slots` are those of all levels, and `months` its months in order up to the running one, to which more is added. Without slots it is
    said of none in particular. `cash` writes an amount of money.
    """
    over_level = rule["over"] == "service_level"
    slots = [slot for slot in slots if sees(rule, slot.ends_on or last_day_of(slot.month))]
    months = [month for month in months if sees(rule, last_day_of(month.month))]
    window = _level_window(rule, slots) if over_level else _contract_window(rule, slots, months)
    unit = UNITS.get(rule["count"], "months" if _in_months(rule) else "defaults")
    follows = FOLLOWS[rule["then"]]
    if _reached(rule, window.measured):
        return ThresholdAhead("rule", rule["name"], True, ZERO, unit, f"“{rule['name']}” is triggered: {follows}.")
    more = _amount_more(rule, window) if rule["count"] in AMOUNTS else _count_more(rule, window)
    if more is None:
        sentence = f"“{rule['name']}” cannot be reached: its window is too short."
        return ThresholdAhead("rule", rule["name"], False, None, unit, sentence)
    sentence = f"{_words(rule, more, cash, bool(slots))} would trigger “{rule['name']}” ({follows})."
    return ThresholdAhead("rule", rule["name"], False, more, unit, sentence)


def sees(rule: Mapping[str, Any], last: date) -> bool:
    """Whether a rule looks at what ended on a day: at nothing that ended before its first one."""
    return not rule.get("from") or last.isoformat() >= rule["from"]


def is_over(rule: Mapping[str, Any], month: date) -> bool:
    """Whether a month ends after the rule's last day, so that the rule does not hold in it."""
    return bool(rule.get("until")) and last_day_of(month).isoformat() > rule["until"]


@dataclass(frozen=True)
class _Window:
    """What a rule counts: `measured` now, `base` without what falls out when one more comes, `after` so many more."""

    measured: Fraction | None
    base: Fraction
    after: Callable[[int], Fraction | None]
    most: int | None  # more than this many do not fit into the window


def _reached(rule: Mapping[str, Any], measured: Fraction | None) -> bool:
    """None, a share of nothing, reaches nothing."""
    if measured is None:
        return False
    if rule["at_least"] is not None:
        return measured >= Fraction(rule["at_least"])
    return measured > Fraction(rule["more_than"])


def _count_more(rule: Mapping[str, Any], window: _Window) -> Decimal | None:
    """The smallest number of further defaults (or months) with which the rule holds.

    Each one more brings the count nearer: it comes in for one that counted at most as much. So it is found by doubling and halving,
    however far a file has put the limit.
    """
    most = window.most
    if most is None and rule["count"] == "default_share" and _limit(rule) >= 100:
        most = 1  # a share grows with each default, but never to 100 where anything was in order
    short, enough = 0, 1
    while not _reached(rule, window.after(enough)):
        if most is not None and enough >= most:
            return None
        short, enough = enough, 2 * enough if most is None else min(2 * enough, most)
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if _reached(rule, window.after(middle)) else (middle, enough)
    return Decimal(enough)


def _limit(rule: Mapping[str, Any]) -> Fraction:
    return Fraction(rule["at_least"] if rule["at_least"] is not None else rule["more_than"])


def _amount_more(rule: Mapping[str, Any], window: _Window) -> Decimal:
    missing = max(_limit(rule) - window.base, Fraction(0))
    return Decimal(missing.numerator) / Decimal(missing.denominator)


def _named(rule: Mapping[str, Any], slot: Slot) -> bool:
    return rule["bands"] is None or slot.band_name in rule["bands"]


def _hit(rule: Mapping[str, Any], slot: Slot) -> bool:
    return slot.streak > 0 and _named(rule, slot)


def _weighed(slot: Slot) -> bool:
    return slot.outcome in JUDGED or slot.streak > 0


def _last(items: Sequence[Any], size: int) -> Sequence[Any]:
    return items[max(len(items) - size, 0) :]


def _share(hits: int, weighed: int) -> Fraction | None:
    return Fraction(100 * hits, weighed) if weighed else None


def _level_window(rule: Mapping[str, Any], slots: Sequence[Slot]) -> _Window:
    """Over the last slots of a service level; each further one pushes the oldest out."""
    size, what = int(rule["window"]), rule["count"]
    if what == "consecutive_defaults":
        return _in_a_row(rule, slots)
    if what in AMOUNTS:
        key = _points_of(rule) if what == "points" else _share_of
        sums = [sum((Fraction(key(slot)) for slot in _last(slots, n)), Fraction(0)) for n in (size, size - 1)]
        return _Window(sums[0], sums[1], lambda more: sums[1], 0)

    def after(more: int) -> Fraction | None:
        kept = _last(slots, size - more)
        hits = sum(_hit(rule, slot) for slot in kept) + more
        return Fraction(hits) if what == "defaults" else _share(hits, sum(map(_weighed, kept)) + more)

    return _Window(after(0), Fraction(0), after, size)


def _points_of(rule: Mapping[str, Any]) -> Callable[[Slot], Decimal]:
    return lambda slot: slot.counted if _named(rule, slot) else ZERO


def _share_of(slot: Slot) -> Decimal:
    return slot.share


def _in_a_row(rule: Mapping[str, Any], slots: Sequence[Slot]) -> _Window:
    """The run of defaults that ends with the last slot; neutral slots do not interrupt it but are no defaults themselves."""
    row = [slot for slot in slots if _hit(rule, slot) or not slot.neutral]
    consecutive_defaults = len(list(takewhile(lambda slot: _hit(rule, slot), reversed(row))))
    if row and rule["bands"] is None and not rule.get("from"):
        consecutive_defaults = row[-1].streak  # which knows of slots before the given ones
    now = consecutive_defaults if slots and _hit(rule, slots[-1]) else 0
    return _Window(
        Fraction(now), Fraction(consecutive_defaults), lambda more: Fraction(consecutive_defaults + more), None
    )


def _contract_window(rule: Mapping[str, Any], slots: Sequence[Slot], months: Sequence[Tally]) -> _Window:
    """Over the last months of the contract; the running one is the last, and more comes in it."""
    size, what = int(rule["window"]), rule["count"]
    inside = {month.month for month in _last(months, size)}
    here = [slot for slot in slots if slot.month in inside]
    if what == "capped_months":
        return _months_window([month.capped for month in months], size)
    if what == "consecutive_defaults":
        hit = {slot.month for slot in slots if _hit(rule, slot)}
        return _months_in_a_row([month.month in hit for month in months])
    if what in AMOUNTS:
        amounts = map(_points_of(rule), here) if what == "points" else (month.credit for month in _last(months, size))
        total = sum(map(Fraction, amounts), Fraction(0))
        return _Window(total, total, lambda more: total, 0)
    if what == "defaults":
        hits = sum(_hit(rule, slot) for slot in here)
        return _Window(Fraction(hits), Fraction(hits), lambda more: Fraction(hits + more), None)
    hits = len({(slot.month, slot.level) for slot in here if _hit(rule, slot)})
    weighed = len({(slot.month, slot.level) for slot in here if _weighed(slot)})
    return _Window(_share(hits, weighed), Fraction(hits), lambda more: _share(hits + more, weighed + more), None)


def _months_window(flags: list[bool], size: int) -> _Window:
    """Months of a kind within the window; the running one may still become one."""
    before = flags[:-1] if flags and not flags[-1] else flags

    def after(more: int) -> Fraction:
        return Fraction(sum(_last(before, size - more)) + more)

    return _Window(Fraction(sum(_last(flags, size))), after(0), after, size)


def _months_in_a_row(flags: list[bool]) -> _Window:
    before = flags[:-1] if flags and not flags[-1] else flags
    consecutive_defaults = len(list(takewhile(bool, reversed(before))))
    now = consecutive_defaults if flags and flags[-1] else 0
    return _Window(
        Fraction(now), Fraction(consecutive_defaults), lambda more: Fraction(consecutive_defaults + more), None
    )


def _in_months(rule: Mapping[str, Any]) -> bool:
    return rule["over"] == "contract" and rule["count"] == "consecutive_defaults"


def _words(rule: Mapping[str, Any], more: Decimal, cash: Cash, again: bool) -> str:
    """ "2 more breaches of Serious or Critical within the window of 12 periods", "£500.00 more credit this month" """
    what, level = rule["count"], rule["over"] == "service_level"
    further, bands = "more " if again else "", _either(rule["bands"] or ())
    when = "in the next period" if level else "this month"
    if what in AMOUNTS:
        over = "More than " if rule["more_than"] is not None else ""
        amount = (
            f"{cash(more)} {further}credit"
            if what == "credit"
            else format_count(more, f"{further}penalty point") + bands
        )
        return f"{over}{amount} {when}"
    if what == "capped_months":
        return format_count(more, f"{further}month at the cap", f"{further}months at the cap")
    if what == "consecutive_defaults":
        if level:
            return f"{format_count(more, f'{further}breach', f'{further}breaches')}{bands} in a row"
        return f"{format_count(more, f'{further}month')} in a row with a breach{bands}"
    if level and more > 1:
        when = f"within the window of {format_number(Decimal(rule['window']))} periods"
    return f"{format_count(more, f'{further}breach', f'{further}breaches')}{bands} {when}"


def _either(bands: Sequence[str]) -> str:
    """Which bands alone count: " of Serious, Severe or Critical"; nothing where all do."""
    if not bands:
        return ""
    *first, last = bands
    return f" of {', '.join(first)} or {last}" if first else f" of {last}"


# Caps ------------------------------------------------------------------------------------------------------------


def cap_limits(
    credits: Mapping[str, Any], base_of: Callable[[str, date], Decimal], *, first: date, last: date, month: date
) -> list[dict[str, Any]]:
    """The caps of a month that has no account yet, as its trace will have them (over, limit): step 15 of the judgement.

    `credits` in force in the month, in their full form; `base_of` the charges or the amount at risk of a month; `first` and `last` are the
    first days of the contract's first and last month.
    """
    found = []
    for cap in credits.get("caps") or ():
        if cap.get("amount") is not None:
            found.append({"over": cap["over"], "limit": Decimal(cap["amount"])})
            continue
        begins = span_begins(cap["over"], first, month)
        ends = min(after(begins, 11), last) if cap["over"] == "contract_year" else month
        begins = max(begins, first)
        whole = sum((base_of(cap["percent_of"], one) for one in each_month(begins, ends)), ZERO)
        found.append({"over": cap["over"], "limit": whole * Decimal(cap["value"]) / 100})
    return found


def to_caps(
    caps: Sequence[Mapping[str, Any]],
    credits: Mapping[date, Decimal],
    *,
    contract_begins: date,
    month: date,
    cash: Cash = format_number,
) -> list[ThresholdAhead]:
    """The money until each cap. `caps` are those of the month (over, limit), `credits` what was issued by month."""
    found = []
    for cap in caps:
        first = span_begins(cap["over"], contract_begins, month)
        issued = sum((credit for on, credit in credits.items() if first <= on <= month), ZERO)
        limit = Decimal(cap["limit"])
        more, name = max(limit - issued, ZERO), f"{cash(limit)} in {SPANS[cap['over']]}"
        if more:
            sentence = f"{cash(more)} more, and the cap of {name} is reached."
        else:
            sentence = f"The cap of {name} is reached: further points bring no further credit."
        found.append(ThresholdAhead("cap", name, not more, more, "credit", sentence))
    return found
