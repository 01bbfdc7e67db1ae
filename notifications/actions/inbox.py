"""One's own inbox."""

from collections.abc import Collection
from datetime import datetime

from lib import clock
from notifications.models import Event, Notification
from organisations.actions import require
from organisations.models import Membership


def mark_read(*, by: Membership, notifications: Collection[int]) -> int:
    """Mark the notifications with these ids as read, as far as they are one's own. Returns how many were unread."""
    require(by, "inbox.view")
    return Notification.objects.filter(member=by, pk__in=notifications).unread().update(read_at=clock.database_now())


def mark_all_read(*, by: Membership, up_to: int) -> int:
    """Mark all one's notifications up to the one with this id as read: those that came while the page was open stay unread."""
    require(by, "inbox.view")
    return Notification.objects.filter(member=by, pk__lte=up_to).unread().update(read_at=clock.database_now())


def mark_decided(*, events: Collection[int], at: datetime) -> int:
    """What these events asked for was decided, by whoever: nobody need decide, or read of it, any more. Returns how many events."""
    Notification.objects.filter(event__in=events).unread().update(read_at=at)
    return Event.objects.filter(pk__in=events).update(decided_at=at)


def mark_handled(*, by: Membership, key: str, at: datetime) -> int:
    """Somebody deals with it: whatever the client's people have not read of the events whose key begins so, they need not any more."""
    require(by, "inbox.view")
    return Notification.objects.filter(vendor=None, event__key__startswith=key).unread().update(read_at=at)


def reopen(*, by: Membership, key: str, at: datetime | None) -> int:
    """Nobody does, after all: what `mark_handled` marked at that moment is unread again, and nothing that people read themselves."""
    require(by, "inbox.view")
    return (
        Notification.objects.filter(vendor=None, event__key__startswith=key, read_at=at)
        .exclude(read_at=None)
        .update(read_at=None)
    )
