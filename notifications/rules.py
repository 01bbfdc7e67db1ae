"""What happened, in words, and how persistently it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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


@dataclass(frozen=True)
class NewEvent:
    """Something to publish_event, once per `key`. `members` are ids of memberships: whose inbox it goes into.

    `vendor_id`: the vendor whose people may read it; None where it is the client's own matter. `path` stands below the
    organisation's address, without a leading slash.
    """

    key: str
    kind: str
    title: str
    members: tuple[int, ...]
    detail: str = ""
    path: str = ""
    vendor_id: int | None = None


def pause(tries: int) -> timedelta:
    """How long to wait after the `tries`-th failed try (from 1): one minute, two, four, …"""
    return FIRST_PAUSE * 2 ** (tries - 1)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after the `tries`-th failure; None when it is given up."""
    return None if tries >= TRIES else now + pause(tries)
