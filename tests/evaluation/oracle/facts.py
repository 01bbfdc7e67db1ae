"""Steps 1 to 4: slots, their figures, what is excluded, and the value."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from .days import DAY, WorkingCalendar, day, month_of, periods, start_of_slice
from .numbers import exact
from .versions import in_force


@dataclass
class Slot:
    """One service level in one period, with everything that becomes known of it on the way."""

    level: dict
    terms: dict  # the version in force on the period's first day
    starts_on: date
    ends_on: date
    due_on: date
    figures: list = field(default_factory=list)
    pending: bool = False
    # facts
    good: Fraction = Fraction(0)  # left side of the ratio: numerator, good minutes, the number itself
    base: Fraction = Fraction(0)  # right side: denominator, base minutes, 1
    own_value: Fraction | None = None  # of this period alone
    volume: Fraction = Fraction(0)  # right side over the rolling window
    failing: Fraction = Fraction(0)  # what the allowance looks at, over the rolling window
    value: Fraction | None = None
    incident: str | None = None
    # outcome
    outcome: str = "pending"
    band: dict | None = None
    band_outcome: str | None = None  # what the band said, before tolerance
    score: Fraction | None = None
    streak: int = 0
    factor: Fraction = Fraction(1)
    points: Fraction = Fraction(0)
    # money
    counted_points: Fraction = Fraction(0)  # what enters the month's total
    earning_points: Fraction = Fraction(0)  # what enters the money
    share: Fraction = Fraction(0)  # of the month's credit

    @property
    def code(self):
        return self.level["code"]

    @property
    def month(self):
        """A period belongs to the month of its last day."""
        return month_of(self.ends_on)

    @property
    def missing_default(self):
        return self.outcome == "not_measured" and self.terms.get("missing", "exclude") == "default"

    @property
    def is_default(self):
        """Whether it counts as a default: so judged, or not reported under terms that hold this against the vendor."""
        return self.outcome == "default" or self.missing_default


def terms_on(level, a_day):
    """The version in force on a day: the latest that began by then; None before the first."""
    begun = [t for t in level["terms"] if day(t["from"]) <= a_day]
    return max(begun, key=lambda t: day(t["from"])) if begun else None


def has_ended(part, a_day):
    """Whether a service level or a KRA ended before a day."""
    return part.get("ends_on") is not None and day(part["ends_on"]) < a_day


def level_periods(level, contract):
    """All periods of a service level in the contract's term, whether begun or not."""
    return periods(level["every"], level.get("periods"), day(contract["starts_on"]), day(contract["ends_on"]))


def figures_of(level, first, figures):
    """The rows reported for one slot: by its first day, before or after the cut to the contract; a month without day."""
    names = {first.isoformat(), start_of_slice(level["every"], first).isoformat()}
    if level["every"] == "month":
        names.add(first.isoformat()[:7])
    return [f for f in figures if f["service_level"] == level["code"] and str(f["period"]) in names]


def calendar_of(contract, last):
    """The calendar that counts for a period: that in force on its last day."""
    return WorkingCalendar.said(contract, in_force(contract.get("calendar"), last))


def due_day(contract, last):
    """Figures are due by the end of this working day after the period, by the calendar and the due day in force on its last day."""
    said = in_force(contract.get("report_due", 10), last)
    count = said["days"] if isinstance(said, dict) else said
    return calendar_of(contract, last).working_day_after(last, int(count))


def default_as_of(contract, levels, figures):
    """The day after the last due day of the periods reported; without figures, the day before the contract starts."""
    reported = [
        last for level in levels for first, last in level_periods(level, contract) if figures_of(level, first, figures)
    ]
    due = [due_day(contract, last) for last in reported]
    return max(due) + DAY if due else day(contract["starts_on"]) - DAY


def slots_of(level, contract, figures, as_of):
    """Step 1: a slot for each period begun by the as-of day for which terms were in force on its first day; none after the end.

    Without figures it is pending up to and including its due day; with figures it is judged whatever the day.
    """
    slots = []
    for first, last in level_periods(level, contract):
        terms = terms_on(level, first)
        if first > as_of or terms is None or has_ended(level, first):
            continue
        slot = Slot(level, terms, first, last, due_day(contract, last))
        slot.figures = figures_of(level, first, figures)
        slot.pending = not slot.figures and as_of <= slot.due_on
        slot.incident = the_one_incident(slot.figures)
        slots.append(slot)
    return slots


def the_one_incident(figures):
    """The incident that the figures name, where they name exactly one."""
    named = {f.get("incident") for f in figures} - {None, ""}
    return named.pop() if len(named) == 1 else None


def give_values(slots, contract):
    """Steps 2 to 4 for the slots of one service level, in order of period."""
    for slot in slots:
        if slot.figures:
            working = calendar_of(contract, slot.ends_on)
            sides = [part_sides(slot, figure, working) for figure in slot.figures]
            slot.good, slot.base = sum(s[0] for s in sides), sum(s[1] for s in sides)
            slot.own_value = rolled_up(slot, sides)
    for position, slot in enumerate(slots):
        if slot.figures:
            take_window(slot, slots[max(0, position - int(slot.terms.get("rolling", 1)) + 1) : position + 1])


def part_sides(slot, figure, working):
    """Steps 2 and 3: both sides that one part contributes, after maintenance and relief."""
    kind = slot.level["measure"]["kind"]
    if kind == "ratio":
        return ratio_sides(slot, figure)
    if kind == "availability":
        return availability_sides(slot, figure, working)
    number = exact(figure["value"])
    if kind == "count":  # relieved cases were no cases, whichever kind of relief
        number = max(number - exact(figure.get("relieved")), Fraction(0))
    return number, Fraction(1)


def ratio_sides(slot, figure):
    """Both sides of a ratio: relieved cases leave it, or count as good.

    Only of a percentage is the numerator a part of the denominator: a mean may well be above 1.
    """
    numerator, denominator = exact(figure["numerator"]), exact(figure["denominator"])
    relieved, lower = exact(figure.get("relieved")), slot.terms["better"] == "lower"
    if slot.terms.get("relief", "exclude") == "exclude":
        denominator = max(denominator - relieved, Fraction(0))
        if lower:
            numerator = max(numerator - relieved, Fraction(0))
    else:
        numerator = max(numerator - relieved, Fraction(0)) if lower else numerator + relieved
    if not lower and is_percentage(slot.level["measure"]):
        numerator = min(numerator, denominator)
    return numerator, denominator


def is_percentage(measure):
    """Whether a ratio is in percent: by its unit, or, where none is given, by its scale of 100."""
    unit = measure.get("unit")
    return unit == "percent" if unit is not None else scale(measure) == 100


def availability_sides(slot, figure, working):
    """Good and base minutes: of T minutes, M were maintenance and D downtime."""
    measure = slot.level["measure"]
    total = (working.working_minutes if measure.get("hours") == "calendar" else working.minutes)(
        slot.starts_on, slot.ends_on
    )
    down, maintenance = exact(figure.get("downtime")), exact(figure.get("maintenance"))
    relieved = exact(figure.get("relieved"))
    if measure.get("maintenance_allowance") is not None:
        beyond = max(maintenance - exact(measure["maintenance_allowance"]), Fraction(0))
        maintenance, down = maintenance - beyond, down + beyond
    mode = measure.get("maintenance", "excluded")
    base = total - maintenance if mode == "excluded" else total
    if slot.terms.get("relief", "exclude") == "exclude":
        base = max(base - relieved, Fraction(0))
    down = max(down - relieved, Fraction(0))
    lost = down + maintenance if mode == "downtime" else down
    return base - lost, base


def scale(measure):
    """What the quotient of both sides is multiplied with."""
    if measure["kind"] == "ratio":
        return exact(measure.get("scale", 100))
    return Fraction(100) if measure["kind"] == "availability" else Fraction(1)


def roll_up(measure):
    """How parts become one: their sum, or their mean."""
    return measure.get("roll_up", "mean" if measure["kind"] == "value" else "sum")


def mean(numbers):
    """Of what there is; None of nothing."""
    numbers = [n for n in numbers if n is not None]
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None


def quotient(good, base, measure):
    return good / base * scale(measure) if base else None


def rolled_up(slot, sides):
    """Step 4a: the period's own value over its parts: a ratio of sums, or the mean of the parts' own values."""
    measure = slot.level["measure"]
    if roll_up(measure) == "mean":
        return mean(quotient(good, base, measure) for good, base in sides)
    return slot.good if measure["kind"] in ("value", "count") else quotient(slot.good, slot.base, measure)


def take_window(slot, window):
    """Step 4b: over the last n periods that have figures: sums of both sides, the sum of counts, or the mean of values."""
    measure, reported = slot.level["measure"], [s for s in window if s.figures]
    good, slot.volume = sum(s.good for s in reported), sum(s.base for s in reported)
    slot.failing = good if slot.terms["better"] == "lower" else slot.volume - good
    if measure["kind"] == "count" and roll_up(measure) == "sum":
        slot.value = sum((s.own_value for s in reported), Fraction(0))
    elif measure["kind"] == "value" or roll_up(measure) == "mean":
        slot.value = mean(s.own_value for s in reported)
    else:
        slot.value = quotient(good, slot.volume, measure)
