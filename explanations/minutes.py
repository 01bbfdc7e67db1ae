"""How the minutes of an availability's period come about."""

from datetime import timedelta

from contracts.calendar import WorkingCalendar
from evaluation.models import Result
from explanations.parts import ExplanationLine
from explanations.value import minutes_of
from explanations.words import format_count, format_number

WHOLE_DAY = 24 * 60
CLOCKS = 120  # no change of clocks moves more minutes than that; what differs by more has other reasons


def lines(result: Result) -> tuple[ExplanationLine, ...]:
    """Days times minutes a day, where those are the working ones, or where the clocks change in the period."""
    measure, period, minutes = result.service_level.measure, result.period, minutes_of(result)
    if measure["kind"] != "availability":
        return ()
    days = [period.starts_on + timedelta(day) for day in range((period.ends_on - period.starts_on).days + 1)]
    a_day, what = WHOLE_DAY, "day"
    if measure.get("hours") == "calendar":
        working = WorkingCalendar.of(result.contract.in_force(period.ends_on).calendar)
        days = [day for day in days if working.is_working_day(day)]
        first, last = working.hours or (0, WHOLE_DAY)
        a_day, what = last - first, "working day"
    moved = minutes - len(days) * a_day
    if abs(moved) > CLOCKS or (what == "day" and not moved):
        return ()
    clocks = (
        f", {format_number(abs(moved))} {'more' if moved > 0 else 'fewer'} because the clocks change" if moved else ""
    )
    text = f"{format_count(len(days), what)} of {format_number(a_day)} minutes{clocks}: {format_number(minutes)}."
    return (ExplanationLine("Minutes", text),)
