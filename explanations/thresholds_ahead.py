"""Distance to a consequence, in words: how many more defaults to the next factor, how much more until a rule holds, the money to a cap.

What there is of each and how much more it takes comes from the judgement's steps (evaluation/sql/ahead.sql).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from evaluation.ahead import CapAhead, RuleAhead
from explanations.spans import FOLLOWS, SPANS, last_day_of
from explanations.words import format_count, format_number, format_stated

MULTIPLIED = {"2": "doubled", "3": "tripled"}


@dataclass(frozen=True)
class ThresholdAhead:
    """`more` until `name` (a factor, a rule, a cap) follows: 0 where it holds already, None where it cannot be reached."""

    name: str
    holds: bool
    more: Decimal | None
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
            format_stated(now),
            True,
            None,
            f"Penalty points are already {MULTIPLIED.get(format_stated(now), f'multiplied by {format_stated(now)}')}.",
        )
    more, factor = Decimal(higher - consecutive_defaults), format_stated(factors[higher - 1])
    sentence = (
        f"{format_count(more, 'more breach', 'more breaches')} in a row would multiply penalty points by {factor}."
    )
    return ThresholdAhead(factor, False, more, sentence)


# Rules -----------------------------------------------------------------------------------------------------------

Cash = Callable[[Decimal], str]
AMOUNTS = frozenset({"points", "credit"})


def to_rule(rule: Mapping[str, Any], found: RuleAhead, cash: Cash = format_number) -> ThresholdAhead:
    """How far a window rule, in its full form, is from holding. `cash` writes an amount of money."""
    follows = FOLLOWS[rule["then"]]
    if found.holds:
        sentence = f"“{rule['name']}” is triggered: {follows}."
    elif found.more is None:
        sentence = f"“{rule['name']}” cannot be reached: its window is too short."
    else:
        sentence = f"{_words(rule, found.more, cash, found.again)} would trigger “{rule['name']}” ({follows})."
    return ThresholdAhead(rule["name"], found.holds, found.more, sentence)


def is_over(rule: Mapping[str, Any], month: date) -> bool:
    """Whether a month ends after the rule's last day, so that the rule does not hold in it."""
    return bool(rule.get("until")) and last_day_of(month).isoformat() > rule["until"]


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


def to_cap(found: CapAhead, cash: Cash = format_number) -> ThresholdAhead:
    """The money until a cap is reached."""
    name = f"{cash(found.limit)} in {SPANS[found.over]}"
    if found.more:
        sentence = f"{cash(found.more)} more, and the cap of {name} is reached."
    else:
        sentence = f"The cap of {name} is reached: further points bring no further credit."
    return ThresholdAhead(name, not found.more, found.more, sentence)
