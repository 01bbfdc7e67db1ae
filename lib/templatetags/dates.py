"""Dates for people: months are "October 2026", deadlines absolute with weekday and time, lists relative.

Values are date or aware datetime; a datetime is shown in the time zone that is active, and names it. Pages of a contract put what they
show between `{% timezone contract.timezone %}` and `{% endtimezone %}`; where contracts mix, the zone is UTC. Nothing is ever 10/26.
"""

import datetime

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


def local(value: Moment, zone: datetime.tzinfo | None = None) -> Moment:
    """An aware datetime in a time zone, the active one where none is said; everything else as it is."""
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value, zone)
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


def format_moment(value: Moment, weekday: bool = True, zone: datetime.tzinfo | None = None) -> str:
    """Mon 9 Nov 2026, 17:00 GMT; a date has no time."""
    here = local(value, zone)
    day = format_day(here, weekday)
    return f"{day}, {here:%H:%M} {format_zone(here)}".rstrip() if isinstance(here, datetime.datetime) else day


def format_zone(here: datetime.datetime) -> str:
    """BST, CDT; of a zone that has no letters of its own UTC−03:00."""
    name, offset = here.tzname() or "", f"{here:%z}"
    return name if name.isalpha() or not offset else f"UTC{offset[:3].replace('-', '−')}:{offset[3:5]}"


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
    """`{% when breach.opened_at %}`: a <time> that says "2 h", "3 days", "in 3 days", with the moment as title."""
    if value is None:
        return NO_VALUE
    text, ahead = distance(
        value, now or (timezone.now() if isinstance(value, datetime.datetime) else timezone.localdate())
    )
    if ahead and text != "now":
        text = f"in {text}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), format_moment(value), text)


@register.simple_tag
def due(value: Moment | None, now: Moment | None = None) -> str:
    """`{% due deadline %}`: Mon 9 Nov 2026, 17:00 GMT, in 3 days (or "3 days ago"), for deadlines."""
    if value is None:
        return NO_VALUE
    text, ahead = distance(
        value, now or (timezone.now() if isinstance(value, datetime.datetime) else timezone.localdate())
    )
    far = text if text in ("now", "today") else f"in {text}" if ahead else f"{text} ago"
    return format_html('<time datetime="{}">{}</time>, {}', value.isoformat(), format_moment(value), far)
