"""The two sides of a value: what a figure contributes after maintenance and relief, in Python.

The SQL of the judgement does the same in its step "part" (evaluation/sql/slots.sql) and stores the sums; this reading writes the
arithmetic out, for an explanation that shows it and for a running period that is not judged yet. docs/judgement.md has the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from explanations.words import format_count, format_number, format_stated
from measurements.figures_file.rows import NUMBERS
from measurements.models import Figure

ZERO = Decimal(0)
# What a value of these kinds cannot do without; maintenance that nobody reports is none.
SIDES = {"ratio": {"numerator", "denominator"}, "availability": {"downtime"}}


@dataclass(frozen=True)
class RatioParts:
    """Good and base: numerator and denominator, or good minutes and base minutes. A plain number has base 1."""

    numerator: Decimal
    denominator: Decimal


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
    """Both sides of one figure with their arithmetic, and what has to be said about it."""

    numerator: RatioPart
    denominator: RatioPart
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> RatioParts:
        return RatioParts(self.numerator.amount, self.denominator.amount)


def write_out(measure: dict[str, Any], terms: dict[str, Any], figure: dict[str, Decimal], minutes: int) -> WorkedRatio:
    """The sides of one figure. `measure` and `terms` in their full form; `figure` has the reported columns, others are absent;
    `minutes` are those of the period in the hours of the measure (availability only)."""
    relief = terms.get("relief", "exclude")
    relieved = figure.get("relieved", ZERO)
    if measure["kind"] == "availability":
        return _availability(measure, relief, figure, Decimal(minutes))
    if measure["kind"] == "ratio":
        return _ratio(measure, terms["better"], relief, figure, relieved)
    value = figure["value"]
    taken = relieved if measure["kind"] == "count" else ZERO
    notes = (f"{format_number(taken)} relieved: not counted.",) if taken else ()
    return WorkedRatio(_less(value, [taken]), RatioPart(Decimal(1), "1"), notes)


def ratio_parts(
    measure: dict[str, Any], terms: dict[str, Any], figure: dict[str, Decimal], minutes: int = 0
) -> RatioParts:
    """The sides of one figure, as `write_out` has them."""
    return write_out(measure, terms, figure, minutes).parts


def reported_parts(
    measure: dict[str, Any], terms: dict[str, Any], figures: Sequence[Figure], minutes: int
) -> RatioParts | None:
    """The sides of all parts of a period together; None without figures, or where a draft lacks one that its value needs."""
    given = [{name: amount for name in NUMBERS if (amount := getattr(one, name)) is not None} for one in figures]
    needed = SIDES.get(measure["kind"], set())
    if not given or any(not amounts or not needed <= amounts.keys() for amounts in given):
        return None
    parts = [ratio_parts(measure, terms, amounts, minutes) for amounts in given]
    return RatioParts(sum((one.numerator for one in parts), ZERO), sum((one.denominator for one in parts), ZERO))


def _less(whole: Decimal, taken: list[Decimal]) -> RatioPart:
    """A number less others, never below 0 where something was taken: "100 − 5"."""
    given = [one for one in taken if one]
    left = whole - sum(given, ZERO)
    if given and left < 0:
        return RatioPart(ZERO, "0")
    return RatioPart(left, " − ".join(format_stated(one) for one in [whole, *given]))


def _ratio(
    measure: dict[str, Any], better: str, relief: str, figure: dict[str, Decimal], relieved: Decimal
) -> WorkedRatio:
    numerator, denominator = figure["numerator"], figure["denominator"]
    excluded = relieved if relief == "exclude" else ZERO
    notes = _relief_note(relief, relieved, leaves_both=better == "lower")
    base = _less(denominator, [excluded])
    if better == "lower":
        good = _less(numerator, [relieved])
    else:
        added = ZERO if excluded else relieved
        good = RatioPart(
            numerator + added,
            f"{format_number(numerator)} + {format_number(added)}" if added else format_number(numerator),
        )
        if measure["unit"] == "percent" and good.amount > base.amount:
            notes += (
                f"Of {format_number(good.amount)} no more count than the {format_count(base.amount, 'that is', 'that are')} left.",
            )
            good = RatioPart(base.amount, format_number(base.amount))
    return WorkedRatio(good, base, notes)


def _relief_note(relief: str, relieved: Decimal, *, leaves_both: bool) -> tuple[str, ...]:
    if not relieved:
        return ()
    if relief == "deem_met":
        return (f"{format_count(relieved, 'relieved case counts', 'relieved cases count')} as good.",)
    where = "both sides" if leaves_both else "the base"
    return (f"{format_count(relieved, 'relieved case leaves', 'relieved cases leave')} {where}.",)


def _availability(measure: dict[str, Any], relief: str, figure: dict[str, Decimal], minutes: Decimal) -> WorkedRatio:
    """T less maintenance and downtime: what is maintenance beyond the allowance is downtime."""
    reported, down = figure.get("maintenance", ZERO), figure.get("downtime", ZERO)
    relieved, mode = figure.get("relieved", ZERO), measure["maintenance"]
    allowed = measure["maintenance_allowance"]
    maintained = reported if allowed is None else min(reported, Decimal(allowed))
    notes = [f"{format_count(maintained, *MAINTENANCE[mode])}."] if maintained else []
    if excess := reported - maintained:
        beyond = f"of maintenance beyond the {format_stated(allowed)} allowed"
        notes.append(f"{format_count(excess, f'minute {beyond} is', f'minutes {beyond} are')} downtime.")
    base = _less(minutes, [maintained if mode == "excluded" else ZERO, relieved if relief == "exclude" else ZERO])
    lost = max(down + excess - relieved, ZERO)
    outage = [down, excess] if not relieved else [lost]
    good = _minus(base, [*outage, maintained if mode == "downtime" else ZERO])
    if relieved:
        leaving = format_count(relieved, "relieved minute leaves", "relieved minutes leave")
        notes.append(f"{leaving} the downtime{' and the base' * (relief == 'exclude')}.")
    return WorkedRatio(good, base, tuple(notes))


MAINTENANCE = {
    "excluded": ("minute of maintenance is left out", "minutes of maintenance are left out"),
    "uptime": ("minute of maintenance counts as up", "minutes of maintenance count as up"),
    "downtime": ("minute of maintenance counts as down", "minutes of maintenance count as down"),
}


def _minus(base: RatioPart, taken: list[Decimal]) -> RatioPart:
    """The base less further numbers; unlike `_less` it may fall below 0, since more can be down than is left."""
    given = [one for one in taken if one]
    return RatioPart(base.amount - sum(given, ZERO), " − ".join([base.written, *map(format_stated, given)]))
