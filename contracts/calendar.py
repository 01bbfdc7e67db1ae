"""Periods, working days and minutes of a contract: pure arithmetic on local days.

All days are local to the contract's time zone; a period's `ends_on` is its last day, inclusive. Holiday tables come
from the `holidays` package and are kept per calendar and year, so that asking again costs a set look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays as public_holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CYCLES = ("month", "quarter", "year", "week", "custom")
ONE_DAY = timedelta(days=1)
# Without a break of this length there is no working day to wait for: the calendar is empty, not merely festive.
LONGEST_BREAK = 3700


@dataclass(frozen=True, slots=True)
class Slice:
    """One period: first and last day after the cut to the contract's term, and its label (`2024-04`, `2024-Q2`,
    `2024`, `2024-W14`, or `2024-04-01/2024-05-15` for a custom one). `calendar_starts_on` is the first day before
    the cut."""

    starts_on: date
    ends_on: date
    label: str
    calendar_starts_on: date


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are working days and, if `hours` is given, which minutes of them.

    `holidays` is a name of the `holidays` package (`GB-ENG`) or the days themselves; `hours` is (first, last) in
    minutes after local midnight, the last one exclusive.
    """

    holidays: str | frozenset[date] = frozenset()
    weekdays: tuple[str, ...] = WEEKDAYS[:5]
    hours: tuple[int, int] | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> WorkingCalendar:
        """The calendar of a contract file's `calendar` section (holidays: name or ISO dates; hours: HH:MM-HH:MM)."""
        given = document.get("holidays") or ()
        days = given if isinstance(given, str) else frozenset(_as_date(day) for day in given)
        hours = document.get("hours")
        return cls(days, tuple(document.get("weekdays") or WEEKDAYS[:5]), hours_of(hours) if hours else None)

    def is_working_day(self, day: date) -> bool:
        if WEEKDAYS[day.weekday()] not in self.weekdays:
            return False
        if isinstance(self.holidays, str):
            return day not in holidays_in(self.holidays, day.year)
        return day not in self.holidays


def _as_date(day: date | str) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


def hours_of(text: str) -> tuple[int, int]:
    """`09:00-17:30` as minutes after midnight, (540, 1050). `24:00` is the end of the day. ValueError otherwise."""
    first, last = (_minute_of_day(part) for part in text.split("-"))
    if not first < last:
        raise ValueError("the end must be later than the beginning")
    return first, last


def _minute_of_day(text: str) -> int:
    hour, minute = text.split(":")
    if not (len(hour) == len(minute) == 2 and text.isascii() and hour.isdigit() and minute.isdigit()):
        raise ValueError(f"{text} is not a time of day")
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > 24 * 60:
        raise ValueError(f"{text} is not a time of day")
    return total


def knows_holidays(name: str) -> bool:
    """Whether the `holidays` package has a calendar of this country or country-subdivision."""
    country, dash, subdivision = name.partition("-")
    if country not in _countries() or (dash and not subdivision):
        return False
    try:
        _entity(name)
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(public_holidays.list_supported_countries(include_aliases=True))


def _entity(name: str, years: int | Iterable[int] | None = None) -> public_holidays.HolidayBase:
    country, _, subdivision = name.partition("-")
    return public_holidays.country_holidays(country, subdiv=subdivision or None, years=years)


@lru_cache(maxsize=2048)
def holidays_in(name: str, year: int) -> frozenset[date]:
    """Public holidays of a country or country-subdivision in a year, substitute days included."""
    return frozenset(_entity(name, years=year))


@lru_cache(maxsize=256)
def differing_subdivisions(name: str, years: tuple[int, ...]) -> dict[str, tuple[date, str]]:
    """The subdivisions of a country that have other holidays than the name stands for, each with the first day on which they differ, of the
    working week if there is one, and what it is called; none where a subdivision is named, or where all have the same."""
    if "-" in name:
        return {}
    whole, found = _entity(name, years), {}
    for subdivision in whole.subdivisions:
        own = _entity(f"{name}-{subdivision}", years)
        if differing := whole.keys() ^ own.keys():
            day = min(differing, key=lambda one: (one.weekday() > 4, one))
            found[f"{name}-{subdivision}"] = day, own.get(day) or whole.get(day) or ""
    return found


# Periods ---------------------------------------------------------------------------------------------------------


def periods(cycle: str, starts_on: date, ends_on: date, custom: Iterable[tuple[date, date]] = ()) -> list[Slice]:
    """The periods of a cycle within a term, in order, the first and the last cut to it.

    `cycle` is month, quarter, year, week (ISO, from Monday) or custom; for custom, `custom` lists the (first day,
    last day) pairs, in any order.
    """
    if cycle == "custom":
        return [
            Slice(max(first, starts_on), min(last, ends_on), f"{first}/{last}", first)
            for first, last in sorted(custom)
            if first <= ends_on and last >= starts_on
        ]
    return list(_all_calendar_slices(cycle, starts_on, ends_on))


@lru_cache(maxsize=32)  # asked for once by each service level of a contract
def _all_calendar_slices(cycle: str, starts_on: date, ends_on: date) -> tuple[Slice, ...]:
    return tuple(_calendar_slices(cycle, starts_on, ends_on))


def _calendar_slices(cycle: str, starts_on: date, ends_on: date) -> Iterator[Slice]:
    first = _calendar_start(cycle, starts_on)
    while first <= ends_on:
        following = _next_start(cycle, first)
        last = date.max if following is None else following - ONE_DAY
        yield Slice(max(first, starts_on), min(last, ends_on), _label(cycle, first), first)
        if following is None:
            return
        first = following


def _calendar_start(cycle: str, day: date) -> date:
    if cycle == "month":
        return day.replace(day=1)
    if cycle == "quarter":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    if cycle == "year":
        return date(day.year, 1, 1)
    if cycle == "week":
        return day - timedelta(days=day.weekday())
    raise ValueError(f"{cycle} is not a cycle")


def _next_start(cycle: str, first: date) -> date | None:
    """First day of the slice after this one; None where the calendar ends."""
    try:
        if cycle == "week":
            return first + timedelta(days=7)
        months = {"month": 1, "quarter": 3, "year": 12}[cycle]
        years, month = divmod(first.month - 1 + months, 12)
        return date(first.year + years, month + 1, 1)
    except (ValueError, OverflowError):
        return None


def _label(cycle: str, first: date) -> str:
    if cycle == "month":
        return f"{first:%Y-%m}"
    if cycle == "quarter":
        return f"{first.year}-Q{(first.month + 2) // 3}"
    if cycle == "year":
        return str(first.year)
    year, week, _ = first.isocalendar()
    return f"{year}-W{week:02}"


# Working days and minutes ----------------------------------------------------------------------------------------


def working_days(starts_on: date, ends_on: date, calendar: WorkingCalendar) -> list[date]:
    """The working days from `starts_on` to `ends_on`, both inclusive."""
    days = (starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1))
    return [day for day in days if calendar.is_working_day(day)]


@lru_cache(maxsize=16384)
def due_on(ends_on: date, n: int, calendar: WorkingCalendar) -> date:
    """The n-th working day after a period's last day; figures are due by its end. `n` is at least 1."""
    day, left, idle = ends_on, n, 0
    while left > 0:
        day += ONE_DAY
        if calendar.is_working_day(day):
            left, idle = left - 1, 0
        else:
            idle += 1
        if idle > LONGEST_BREAK:
            raise ValueError("the calendar has no working days")
    return day


def working_day_before(day: date, n: int, calendar: WorkingCalendar) -> date:
    """The n-th working day before a day; in a stretch without any that is longer than `LONGEST_BREAK`, every day counts."""
    left, idle = n, 0
    while left > 0:
        day -= ONE_DAY
        idle = 0 if calendar.is_working_day(day) else idle + 1
        left -= not idle or idle > LONGEST_BREAK
    return day


OFFICE_HOURS = (9 * 60, 17 * 60)  # of a calendar that names none


def after_working_hours(since: datetime, hours: int, timezone: str, calendar: WorkingCalendar) -> datetime:
    """The moment, in UTC, at which so many working hours of the calendar have passed since then; a calendar without hours has 9 to 17.

    Real hours are counted. A calendar without working days for longer than `LONGEST_BREAK` counts every day.
    """
    zone, left = ZoneInfo(timezone), timedelta(hours=hours)
    first, last = calendar.hours or OFFICE_HOURS
    day, empty = since.astimezone(zone).date(), 0
    while True:
        empty = 0 if calendar.is_working_day(day) else empty + 1
        begin, end = max(_instant(zone, day, first), since), _instant(zone, day, last)
        if begin < end and (not empty or empty > LONGEST_BREAK):
            if begin + left <= end:
                return begin + left
            left -= end - begin
        day += ONE_DAY


def local_day(timezone: str, now: datetime) -> date:
    """The day that it is in a time zone: what is due, late and "today" of a contract is a day of its own zone."""
    return now.astimezone(ZoneInfo(timezone)).date()


@lru_cache(maxsize=16384)
def minutes(period: Slice, timezone: str, calendar: WorkingCalendar | None = None) -> int:
    """Minutes of a period in a time zone, changes of the clock counted: around the clock, or, with a calendar that
    has hours, those of its working days."""
    zone = ZoneInfo(timezone)
    if calendar is None:
        return _elapsed(zone, period.starts_on, 0, period.ends_on, 24 * 60)
    if calendar.hours is None:
        raise ValueError("the calendar has no hours")
    first, last = calendar.hours
    days = working_days(period.starts_on, period.ends_on, calendar)
    return sum(_elapsed(zone, day, first, day, last) for day in days)


def _elapsed(zone: ZoneInfo, first_day: date, first_minute: int, last_day: date, last_minute: int) -> int:
    elapsed = _instant(zone, last_day, last_minute) - _instant(zone, first_day, first_minute)
    return int(elapsed.total_seconds()) // 60


def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The moment of a local wall-clock minute. The wall clock is set first, the zone after: adding to an aware time
    across a change of the clock would be off by it."""
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone).astimezone(UTC)
