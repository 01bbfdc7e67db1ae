"""What happened, in words, and how persistently it is sent."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from django.db.models import TextChoices

TRIES = 8  # then a notification is given up: visibly, with its last error
FIRST_PAUSE = timedelta(minutes=1)  # doubled after each failure: with 8 tries, about two hours in all
# A worker that holds a notification for longer is taken for dead. Longer than a batch may take (STOP_AFTER and one slow message).
LEASE = timedelta(minutes=5)
STOP_AFTER = timedelta(minutes=2)
BATCH = 25  # emails in memory at a time
LISTED = 25  # events that an email lists; of more it says how many, and where they are
# An email of several events over which workers ended so often is taken apart: one of its events may be the cause.
TAKE_APART_AFTER = 2


class LetterKind(TextChoices):
    """What is known of an email about an account when it is written down."""

    READY = "ready", "Written"
    RESET = "reset", "Asks for a new password"  # whose account it is, is looked at when it is sent


class LetterTiming(TextChoices):
    """When somebody wants a letter about a kind of news. The inbox has it at once in any case."""

    AT_ONCE = "at_once", "At once"
    DIGEST = "digest", "Once a day"
    NONE = "none", "Not at all"


# Kinds of news, in the order of filters: what each is called, and the shape that stands before it.
KINDS = {
    "breach": ("Breaches", "breach"),
    "escalated": ("Escalated", "breach"),
    "late": ("Late figures", "late"),
    "reminder": ("Reminders", "pending"),
    "approval": ("To decide", "info"),
    "returned": ("Returned", "risk"),
    "published": ("Published", "lock"),
    "plan": ("Corrective plans", "info"),
    "revision": ("Revisions of contracts", "info"),
    "hearing": ("Disputes and relief", "info"),
    "message": ("Messages", "info"),
    "rule": ("Rules", "risk"),
    "accepted": ("Accepted", "met"),
    "receipt": ("Receipts", "lock"),
    "decided": ("Decided", "info"),
    "restated": ("Restated", "met"),
    "rule_withdrawn": ("Withdrawn", "met"),
    "pack": ("Review packs", "info"),
    "export": ("Exports", "info"),
    "damaged": ("Damaged files", "risk"),
}
OTHER = ("News", "info")
# What an organisation's quiet hours do not hold up: a right to terminate, a plan that is needed, a breach that nobody takes up. People can
# still choose a digest, unless it is critical and they want that at once.
URGENT = ("rule", "escalated")
DIGEST_AT = time(7)


@dataclass(frozen=True)
class LetterHours:
    """When an organisation's letters may be sent. The times stand for every day, over midnight where `quiet_until` is the earlier;
    `working_days` are digits, 1 is Monday."""

    zone: tzinfo = UTC
    quiet_from: time | None = None
    quiet_until: time | None = None
    working_days: str = "1234567"

    def free_from(self, now: datetime) -> datetime:
        """The first moment from `now` on at which letters may be sent: `now` itself where they may."""
        moment = now
        for _ in range(2 * 7 + 2):  # each day may be left for the next, and each morning for the end of the quiet hours
            later = self._end_of_pause(moment)
            if later is None:
                break
            moment = later
        return moment

    def _end_of_pause(self, moment: datetime) -> datetime | None:
        """When the pause ends in which a moment lies; None where it lies in none."""
        here = moment.astimezone(self.zone)
        if str(here.isoweekday()) not in self.working_days:
            return _at(here, time(), self.zone, days=1)
        begin, end = self.quiet_from, self.quiet_until
        if begin is None or end is None:
            return None
        hour = time(here.hour, here.minute, here.second, here.microsecond)
        if begin < end:
            return _at(here, end, self.zone) if begin <= hour < end else None
        if hour >= begin:
            return _at(here, end, self.zone, days=1)
        return _at(here, end, self.zone) if hour < end else None


def digest_moments(now: datetime, zone: tzinfo, at: time) -> tuple[datetime, datetime]:
    """The last moment of a digest up to now, and the next one: one a day, by the person's clock."""
    here = now.astimezone(zone)
    today = _at(here, at, zone)
    return (today, _at(here, at, zone, days=1)) if today <= now else (_at(here, at, zone, days=-1), today)


def _at(day: datetime, at: time, zone: tzinfo, days: int = 0) -> datetime:
    """That time of day by the zone's clock, so many days later, in UTC: a clock change does not move it."""
    return datetime.combine(day.date() + timedelta(days=days), at, zone).astimezone(UTC)


@dataclass(frozen=True)
class NewEvent:
    """Something to publish_event, once per `key`. `members` are ids of memberships: whose inbox it goes into.

    `vendor_id`: the vendor whose people may read it; None where it is the client's own matter. `path` stands below the
    organisation's address, without a leading slash. `letter`: False where it stands in the inbox alone. `critical`: it cannot wait.
    """

    key: str
    kind: str
    title: str
    members: tuple[int, ...]
    detail: str = ""
    path: str = ""
    vendor_id: int | None = None
    letter: bool = True
    critical: bool = False


def pause(tries: int) -> timedelta:
    """How long to wait after the `tries`-th failed try (from 1): one minute, two, four, …"""
    return FIRST_PAUSE * 2 ** (tries - 1)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after the `tries`-th failure; None when it is given up."""
    return None if tries >= TRIES else now + pause(tries)
