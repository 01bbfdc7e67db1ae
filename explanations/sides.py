"""How the two sides of a figure come about, with the numbers in it: "44,640 − 120 − 430".

The numbers are those that the judgement's step `part` gives for the figure (evaluation/sides.py); here they are only written.
docs/judgement.md has the rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from explanations.words import format_count, format_number, format_stated

ZERO = Decimal(0)


@dataclass(frozen=True)
class RatioPart:
    """One side, and how it comes about: "44,640 − 120 − 430"."""

    amount: Decimal
    written: str

    @property
    def compound(self) -> str:
        """In brackets, where it is more than one number."""
        return f"({self.written})" if " " in self.written else self.written


@dataclass(frozen=True)
class WorkedRatio:
    """Both sides of one figure, good and base, with their arithmetic, and what has to be said about it. A plain number has base 1."""

    numerator: RatioPart
    denominator: RatioPart
    notes: tuple[str, ...] = ()


def write_out(
    measure: dict[str, Any],
    terms: dict[str, Any],
    figure: dict[str, Decimal],
    minutes: int,
    sides: Mapping[str, Decimal],
) -> WorkedRatio:
    """The sides of one figure. `measure` and `terms` in their full form; `figure` has the reported columns, others are absent;
    `minutes` are those of the period in the hours of the measure (availability only); `sides`, what the figure came to."""
    relief = terms.get("relief", "exclude")
    relieved = figure.get("relieved", ZERO)
    if measure["kind"] == "availability":
        return _availability(measure, relief, figure, Decimal(minutes), sides)
    if measure["kind"] == "ratio":
        return _ratio(measure, terms["better"], relief, figure, sides)
    taken = relieved if measure["kind"] == "count" else ZERO
    notes = (f"{format_number(taken)} relieved: not counted.",) if taken else ()
    return WorkedRatio(_less(sides["good"], figure["value"], [taken]), RatioPart(sides["base"], "1"), notes)


def _less(left: Decimal, whole: Decimal, taken: Sequence[Decimal]) -> RatioPart:
    """What is left of a number less others: "100 − 5"; never below 0 where something was taken."""
    given = [one for one in taken if one]
    if given and not left and sum(given) > whole:
        return RatioPart(left, "0")
    return RatioPart(left, " − ".join(format_stated(one) for one in [whole, *given]))


def _ratio(
    measure: dict[str, Any], better: str, relief: str, figure: dict[str, Decimal], sides: Mapping[str, Decimal]
) -> WorkedRatio:
    numerator, relieved = figure["numerator"], figure.get("relieved", ZERO)
    excluded = relieved if relief == "exclude" else ZERO
    notes = _relief_note(relief, relieved, leaves_both=better == "lower")
    base = _less(sides["base"], figure["denominator"], [excluded])
    if better == "lower":
        return WorkedRatio(_less(sides["good"], numerator, [relieved]), base, notes)
    added = ZERO if excluded else relieved
    if sides["good"] == numerator + added:
        written = f"{format_number(numerator)} + {format_number(added)}" if added else format_number(numerator)
        return WorkedRatio(RatioPart(sides["good"], written), base, notes)
    left = format_count(sides["base"], "that is", "that are")
    notes += (f"Of {format_number(numerator + added)} no more count than the {left} left.",)
    return WorkedRatio(RatioPart(sides["good"], format_number(sides["good"])), base, notes)


def _relief_note(relief: str, relieved: Decimal, *, leaves_both: bool) -> tuple[str, ...]:
    if not relieved:
        return ()
    if relief == "deem_met":
        return (f"{format_count(relieved, 'relieved case counts', 'relieved cases count')} as good.",)
    where = "both sides" if leaves_both else "the base"
    return (f"{format_count(relieved, 'relieved case leaves', 'relieved cases leave')} {where}.",)


def _availability(
    measure: dict[str, Any], relief: str, figure: dict[str, Decimal], minutes: Decimal, sides: Mapping[str, Decimal]
) -> WorkedRatio:
    """T less maintenance and downtime: what is maintenance beyond the allowance is downtime."""
    down, relieved, maintained = figure.get("downtime", ZERO), figure.get("relieved", ZERO), sides["maintained"]
    mode, allowed = measure["maintenance"], measure["maintenance_allowance"]
    notes = [f"{format_count(maintained, *MAINTENANCE[mode])}."] if maintained else []
    if excess := sides["down"] - down:
        beyond = f"of maintenance beyond the {format_stated(allowed)} allowed"
        notes.append(f"{format_count(excess, f'minute {beyond} is', f'minutes {beyond} are')} downtime.")
    left_out = [maintained if mode == "excluded" else ZERO, relieved if relief == "exclude" else ZERO]
    base = _less(sides["base"], minutes, left_out)
    outage = [sides["lost"]] if relieved else [down, excess]
    taken = [*outage, maintained if mode == "downtime" else ZERO]
    minus = [base.written, *(format_stated(one) for one in taken if one)]
    if relieved:
        leaving = format_count(relieved, "relieved minute leaves", "relieved minutes leave")
        notes.append(f"{leaving} the downtime{' and the base' * (relief == 'exclude')}.")
    return WorkedRatio(RatioPart(sides["good"], " − ".join(minus)), base, tuple(notes))


MAINTENANCE = {
    "excluded": ("minute of maintenance is left out", "minutes of maintenance are left out"),
    "uptime": ("minute of maintenance counts as up", "minutes of maintenance count as up"),
    "downtime": ("minute of maintenance counts as down", "minutes of maintenance count as down"),
}
