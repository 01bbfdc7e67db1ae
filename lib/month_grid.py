"""A month as weeks, Monday first, of which some days have something: what components/cal.html shows."""

import calendar
from dataclasses import dataclass, field
from datetime import date

from lib.months import after


@dataclass
class Day:
    """A day of the page's month. `words` are what is due on it, `url` leads to the first of it."""

    day: date
    is_today: bool
    words: list[str] = field(default_factory=list)
    url: str = ""
    is_late: bool = False

    def put(self, words: str, url: str, is_late: bool) -> None:
        self.words.append(words)
        self.url = self.url or url
        self.is_late |= is_late


@dataclass(frozen=True)
class MonthGrid:
    """`days`: those of the month, by date; the weeks have None for what belongs to the months beside it."""

    first: date
    weeks: list[list[Day | None]]

    @property
    def days(self) -> dict[date, Day]:
        return {one.day: one for week in self.weeks for one in week if one}

    @property
    def before(self) -> date:
        return after(self.first, -1)

    @property
    def after(self) -> date:
        return after(self.first)


def month_grid(first: date, today: date) -> MonthGrid:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return MonthGrid(
        first, [[Day(day, day == today) if day.month == first.month else None for day in week] for week in weeks]
    )
