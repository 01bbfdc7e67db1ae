"""One's own inbox."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from notifications.models import Event, Notice
from organisations.actions import require
from organisations.models import Membership


def mark_read(*, by: Membership, notices: Collection[int]) -> int:
    """Mark the notices with these ids as read, as far as they are one's own. Returns how many were unread."""
    require(by, "inbox.view")
    return Notice.objects.filter(member=by, pk__in=notices).unread().update(read_at=timezone.now())


def mark_all_read(*, by: Membership, up_to: int) -> int:
    """Mark all one's notices up to the one with this id as read: those that came while the page was open stay unread."""
    require(by, "inbox.view")
    return Notice.objects.filter(member=by, pk__lte=up_to).unread().update(read_at=timezone.now())


def mark_decided(*, events: Collection[int], at: datetime) -> int:
    """What these events asked for was decided, by whoever: nobody need decide, or read of it, any more. Returns how many events."""
    Notice.objects.filter(event__in=events).unread().update(read_at=at)
    return Event.objects.filter(pk__in=events).update(decided_at=at)


def settle(*, by: Membership, key: str, at: datetime) -> int:
    """Somebody deals with it: whatever the client's people have not read of the events whose key begins so, they need not any more."""
    require(by, "inbox.view")
    return Notice.objects.filter(vendor=None, event__key__startswith=key).unread().update(read_at=at)


def unsettle(*, by: Membership, key: str, at: datetime | None) -> int:
    """Nobody does, after all: what `settle` marked at that moment is unread again, and nothing that people read themselves."""
    require(by, "inbox.view")
    return (
        Notice.objects.filter(vendor=None, event__key__startswith=key, read_at=at)
        .exclude(read_at=None)
        .update(read_at=None)
    )
