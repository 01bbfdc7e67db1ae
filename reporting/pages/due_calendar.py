"""Due days over all clients: as a month of weeks for a page, and as an iCalendar file for other programs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from icalendar import Calendar, Event

from lib.month_grid import MonthGrid, month_grid
from reporting.pages.all_clients import LATE, Client


def month_of_days(clients: Sequence[Client], first: date, today: date) -> MonthGrid:
    grid = month_grid(first, today)
    days = grid.days
    for client in clients:
        for task in client.tasks:
            if task.due_on in days:
                days[task.due_on].put(f"{task.what}, {task.client}", f"#{task.key}", task.group == LATE)
        for coming in client.coming:
            if coming.due_on in days:
                days[coming.due_on].put(f"{coming.what} due, {coming.client}", coming.url, False)
    return grid


def as_icalendar(clients: Iterable[Client], now: datetime) -> bytes:
    """RFC 5545: a whole day for each thing that has one. Its id stays the same, so that a day that moves is moved, and not doubled."""
    made = Calendar()
    made.add("prodid", "-//Plumbline//Due days//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Plumbline: due days")
    made.add("refresh-interval", timedelta(hours=12))
    for client in clients:
        for one in client.tasks:
            if one.due_on is not None:
                made.add_component(
                    _event(one.key, f"{one.what}, {one.client}", one.reference, one.due_on, one.url, now)
                )
        for coming in client.coming:
            words = f"{coming.what} due, {coming.client}"
            made.add_component(_event(coming.key, words, coming.reference, coming.due_on, coming.url, now))
    return bytes(made.to_ical())


def _event(key: str, words: str, reference: str, day: date, path: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{sha256(key.encode()).hexdigest()[:32]}@plumbline")
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", words)
    event.add("description", reference)
    event.add("url", f"{settings.BASE_URL.rstrip('/')}{path}")
    event.add("transp", "TRANSPARENT")
    return event
