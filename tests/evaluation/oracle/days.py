"""Days: months, periods, working days, due days and minutes, all local to the contract's time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
DAY = timedelta(days=1)


def day(text):
    """A date of the contract file, which YAML may have read already."""
    return text if isinstance(text, date) else date.fromisoformat(text)


def month_of(a_day):
    """A month is written as its first day."""
    return a_day.replace(day=1)


def month_after(month, count=1):
    """The month `count` months later (earlier, where negative)."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def months_between(first, last):
    """How many months `last` lies after `first`; both are first days of months."""
    return (last.year - first.year) * 12 + last.month - first.month


def last_day_of(month):
    return month_after(month) - DAY


def months_from(first, last):
    """Every month from `first` to `last`, both included."""
    return [month_after(first, n) for n in range(months_between(first, last) + 1)]


def periods(every, custom, starts_on, ends_on):
    """The calendar slices of a cycle as (first day, last day), cut to the contract's term, in order."""
    if every == "custom":
        slices = sorted((day(p["starts_on"]), day(p["ends_on"])) for p in custom)
    else:
        slices = list(_calendar_slices(every, starts_on, ends_on))
    cut = [(max(first, starts_on), min(last, ends_on)) for first, last in slices]
    return [(first, last) for first, last in cut if first <= last]


def _calendar_slices(every, starts_on, ends_on):
    """Months, quarters and years of the calendar, or ISO weeks from Monday, from the one that holds the first day."""
    if every == "week":
        first = start_of_slice(every, starts_on)
        while first <= ends_on:
            yield first, first + 6 * DAY
            first += 7 * DAY
        return
    first = start_of_slice(every, starts_on)
    while first <= ends_on:
        following = month_after(first, MONTHS_IN[every])
        yield first, following - DAY
        first = following


def start_of_slice(every, a_day):
    """The first day of the week, month, quarter or year that holds a day; a custom period starts on the day itself."""
    if every == "custom":
        return a_day
    if every == "week":
        return a_day - a_day.weekday() * DAY
    return date(a_day.year, (a_day.month - 1) // MONTHS_IN[every] * MONTHS_IN[every] + 1, 1)


@dataclass
class WorkingCalendar:
    """The days and hours on which the contract works."""

    zone: ZoneInfo
    weekdays: set  # 0 is Monday
    holidays: object  # anything that answers `day in holidays`
    opens: str  # "09:00", local
    closes: str  # "17:00"; "24:00" is the next midnight

    @classmethod
    def of(cls, contract):
        """The only calendar of a contract; Monday to Friday, nine to five, no holidays where it says nothing."""
        return cls.said(contract, contract.get("calendar"))

    @classmethod
    def said(cls, contract, calendar):
        """The calendar that a contract, or a version of it, states."""
        said = calendar or {}
        opens, closes = (said.get("hours") or "09:00-17:00").split("-")
        names = said.get("weekdays") or WEEKDAYS[:5]
        return cls(
            ZoneInfo(contract["timezone"]),
            {WEEKDAYS.index(n) for n in names},
            _holidays(said.get("holidays")),
            opens,
            closes,
        )

    def is_working(self, a_day):
        return a_day.weekday() in self.weekdays and a_day not in self.holidays

    def working_day_after(self, a_day, count):
        """The `count`-th working day after a day: the due day, where `count` is the contract's `report_due`."""
        while count:
            a_day += DAY
            count -= self.is_working(a_day)
        return a_day

    def minutes(self, first, last):
        """Minutes from the first day's midnight to the midnight after the last day; clock changes count."""
        return self._between((first, "00:00"), (last, "24:00"))

    def working_minutes(self, first, last):
        """Minutes of the working hours on the working days of a period."""
        days = [first + n * DAY for n in range((last - first).days + 1)]
        return sum((self._between((d, self.opens), (d, self.closes)) for d in days if self.is_working(d)), Fraction(0))

    def _between(self, start, end):
        seconds = (self._instant(*end) - self._instant(*start)).total_seconds()
        return Fraction(int(seconds), 60)

    def _instant(self, a_day, clock):
        if clock == "24:00":
            a_day, clock = a_day + DAY, "00:00"
        return datetime.combine(a_day, time.fromisoformat(clock), self.zone).astimezone(UTC)


def _holidays(said):
    """Public holidays of a country or part of it ("GB-ENG"), or the dates listed."""
    if isinstance(said, str):
        country, _, part = said.partition("-")
        return holidays.country_holidays(country, subdiv=part or None)
    return {day(d) for d in said or []}
