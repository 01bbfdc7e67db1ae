"""Dates for people: months are "October 2026", deadlines absolute with weekday and time, lists relative.

Values are date or aware datetime. One clock: what happened is shown in the active time zone, the reader's, and names it, on every page;
what is due is a day of its contract, compared with the day that it is there, and names the contract's zone where the reader's is another.
Nothing is ever 10/26.
"""

import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html

from lib.formats import DayStyle, active
from lib.templatetags.numbers import NO_VALUE

register = template.Library()

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Moment = datetime.date | datetime.datetime


def local(value: Moment) -> Moment:
    """An aware datetime in the active time zone; everything else as it is."""
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def format_day(value: Moment, weekday: bool = False) -> str:
    """9 Nov 2026, or Mon 9 Nov 2026; with the month or the year first where these formats are active."""
    month, style = MONTHS[value.month - 1][:3], active().days
    if style == DayStyle.YEAR_FIRST:
        day = f"{value:%Y-%m-%d}"
    elif style == DayStyle.MONTH_FIRST:
        day = f"{month} {value.day}, {value.year}"
    else:
        day = f"{value.day} {month} {value.year}"
    return f"{DAYS[value.weekday()]} {day}" if weekday else day


def format_moment(value: Moment, weekday: bool = True) -> str:
    """Mon 9 Nov 2026, 17:00 GMT; a date has no time."""
    here = local(value)
    day = format_day(here, weekday)
    if not isinstance(here, datetime.datetime):
        return day
    return f"{day}, {here.hour:02}:{here.minute:02} {format_zone(here)}".rstrip()


def format_zone(here: datetime.datetime) -> str:
    """BST, CDT; of a zone that has no letters of its own UTC−03:00."""
    name = here.tzname() or ""
    offset = "" if name.isalpha() else f"{here:%z}"
    return f"UTC{offset[:3].replace('-', '−')}:{offset[3:5]}" if offset else name


def format_due(day: datetime.date, zone: str) -> str:
    """Mon 9 Nov 2026; where that day ends at another moment in the contract's `zone` than in the reader's, Mon 9 Nov 2026 CST."""
    end = datetime.datetime.combine(day, datetime.time(23, 59))
    there, here = end.replace(tzinfo=ZoneInfo(zone)), end.replace(tzinfo=timezone.get_current_timezone())
    said = format_day(day, weekday=True)
    return said if there.utcoffset() == here.utcoffset() else f"{said} {format_zone(there)}"


def format_deadline(day: datetime.date, zone: str) -> str:
    """Mon 9 Nov 2026 GMT: the day with the contract's `zone`, for letters, whose readers are anywhere."""
    end = datetime.datetime.combine(day, datetime.time(23, 59), ZoneInfo(zone))
    return f"{format_day(day, weekday=True)} {format_zone(end)}"


def distance(value: Moment, now: Moment) -> tuple[str, bool]:
    """How far `value` is from `now`, as a short text ("2 h", "3 days"), and whether it lies ahead."""
    if isinstance(value, datetime.datetime) and isinstance(now, datetime.datetime):
        seconds = (value - now).total_seconds()
        ahead, size = seconds > 0, abs(seconds)
        if size < 60:
            return "now", ahead
        if size < 3600:
            return f"{int(size // 60)} min", ahead
        if size < 86400:
            return f"{int(size // 3600)} h", ahead
        days = int(size // 86400)
    else:
        days = (as_day(value) - as_day(now)).days
        ahead, days = days > 0, abs(days)
        if days == 0:
            return "today", False
    return ("1 day" if days == 1 else f"{days} days"), ahead


def as_day(value: Moment) -> datetime.date:
    """The day of a moment in the active time zone."""
    here = local(value)
    return here.date() if isinstance(here, datetime.datetime) else here


@register.filter
def month_name(value: Moment | None) -> str:
    """October 2026."""
    return NO_VALUE if value is None else f"{MONTHS[local(value).month - 1]} {local(value).year}"


@register.filter
def month_short(value: Moment | None) -> str:
    """Oct, for the head of a column whose year is said elsewhere."""
    return NO_VALUE if value is None else MONTHS[local(value).month - 1][:3]


@register.filter
def month_key(value: Moment | None) -> str:
    """2026-10, as it stands in addresses."""
    return "" if value is None else f"{local(value):%Y-%m}"


@register.filter
def day(value: Moment | None) -> str:
    """9 Nov 2026."""
    return NO_VALUE if value is None else format_day(local(value))


@register.filter
def moment(value: Moment | None) -> str:
    """Mon 9 Nov 2026, 17:00 GMT, for deadlines; a date has no time."""
    return NO_VALUE if value is None else format_moment(value)


@register.simple_tag
def when(value: Moment | None, now: Moment | None = None) -> str:
    """`{% when breach.opened_at %}`: a <time> that says "2 h", "3 days", "in 3 days", with the moment as title. `{% when
    task.due_on task.today %}`: a day is compared with the day that it is in its contract."""
    if value is None:
        return NO_VALUE
    text, ahead = distance(value, _now(value, now))
    if ahead and text != "now":
        text = f"in {text}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), format_moment(value), text)


@register.simple_tag
def due(day: datetime.date | None, today: datetime.date, zone: str = "") -> str:
    """`{% due sheet.due_on today contract.timezone %}`: Mon 9 Nov 2026 CST, in 3 days (or "3 days ago")."""
    if day is None:
        return NO_VALUE
    text, ahead = distance(day, today)
    said = format_due(day, zone) if zone else format_day(day, weekday=True)
    far = text if text == "today" else f"in {text}" if ahead else f"{text} ago"
    return format_html('<time datetime="{}">{}</time>, {}', day.isoformat(), said, far)


@register.simple_tag
def due_day(day: datetime.date | None, zone: str) -> str:
    """`{% due_day period.due_on contract.timezone %}`: Mon 9 Nov 2026 CST."""
    return NO_VALUE if day is None else format_due(day, zone)


def _now(value: Moment, now: Moment | None) -> Moment:
    """What to compare with; for a day that is the day where it counts, which only the page knows."""
    if now is None and not isinstance(value, datetime.datetime):
        raise TypeError("A day is compared with the day that it is in the contract's time zone: say `today`.")
    return now or timezone.now()
