"""Finding notifications: one person's inbox, and what is to be sent."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Q

from notifications.rules import TRIES
from organisations import kept_plans

# Each by an index of its own: a member has thousands of notifications in the end. As text, since every page asks it.
NEWEST = """SELECT coalesce(max(n.id), 0) FROM (
    SELECT id FROM notifications_notification WHERE member_id = %(member)s ORDER BY created_at DESC, id DESC LIMIT 1) AS n"""
UNREAD = "SELECT count(*) FROM notifications_notification WHERE member_id = %(member)s AND read_at IS NULL"


def inbox_version(newest: int, unread: int) -> str:
    """An entity tag of an inbox, from its newest notification and how many are unread."""
    return f"{newest}-{unread}"


# The notifications are chosen before their events are looked at.
NEWEST_UNREAD = """
SELECT n.id, n.created_at, e.kind, e.title, e.detail, e.path, e.decided_at
FROM (
    SELECT o.id, o.event_id, o.created_at FROM notifications_notification AS o
    WHERE o.member_id = %(member)s AND o.read_at IS NULL ORDER BY o.created_at DESC, o.id DESC LIMIT %(count)s
) AS n
JOIN notifications_event AS e ON e.id = n.event_id
ORDER BY n.created_at DESC, n.id DESC
"""


class Unread(NamedTuple):
    """A notification that was not read, with what its event says."""

    pk: int
    created_at: datetime
    kind: str
    title: str
    detail: str
    path: str
    decided_at: datetime | None


def newest_unread(member_id: int, count: int) -> list[Unread]:
    """The newest `count` that a person has not read, for the panel beside other pages. One statement."""
    return [Unread(*row) for row in kept_plans.rows(NEWEST_UNREAD, {"member": member_id, "count": count})]


class NotificationQuerySet(models.QuerySet[Any]):
    def inbox(self, member_id: int) -> "NotificationQuerySet":
        """A person's notifications with their events, newest first."""
        return self.filter(member_id=member_id).select_related("event").order_by("-created_at", "-pk")

    def of_kind(self, kind: str) -> "NotificationQuerySet":
        """Of one kind; of what asks for a decision only what still waits for it."""
        found = self.filter(event__kind=kind)
        return found.filter(event__decided_at=None) if kind == "approval" else found

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)

    def version(self, member_id: int) -> str:
        """Changes whenever the person's inbox does: the entity tag of the poll. One cheap statement."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT ({NEWEST}), ({UNREAD})", {"member": member_id})
            return inbox_version(*cursor.fetchone())

    def unsent(self) -> "NotificationQuerySet":
        """Neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, now: datetime) -> "NotificationQuerySet":
        """To be sent by now, and not held by a worker whose lease runs."""
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        return self.unsent().filter(free, due_at__lte=now)

    def interrupted(self, now: datetime) -> "NotificationQuerySet":
        """The worker that tried to send it ended before it noted how it went."""
        return self.due(now).exclude(attempt_started_at=None)

    def given_up(self) -> "NotificationQuerySet":
        """What was tried and could not be sent: for the people who look after the installation."""
        return self.exclude(given_up_at=None).filter(tries__gt=0).order_by("-given_up_at")


class AccountLetterQuerySet(models.QuerySet[Any]):
    def claimable(self, now: datetime) -> "AccountLetterQuerySet":
        """Due, and held by no worker whose lease runs."""
        return self.filter(given_up_at=None, due_at__lte=now, tries__lt=TRIES).exclude(leased_until__gt=now)

    def abandoned(self, now: datetime) -> "AccountLetterQuerySet":
        """The last try's lease ran out: the worker died over it each time."""
        return self.filter(given_up_at=None, tries__gte=TRIES, leased_until__lte=now)
