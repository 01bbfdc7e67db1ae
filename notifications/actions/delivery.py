"""The post: what is due is claimed, sent and recorded, email by email, each step in a transaction of its own.

A claim is committed before anything is sent, and so is the beginning of each try; nothing is sent inside a transaction. Whoever dies in
between leaves a lease that runs out; then another sends the same email with the same id. So it is sent at least once, and usually once.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from lib import formats
from lib.clock import DatabaseClock
from notifications.actions.schedule import schedule
from notifications.email import AttachedFile, EventLine, OutgoingEmail, compose
from notifications.links import stop_address
from notifications.models import Bounce, Event, Notification
from notifications.rules import BATCH, LEASE, LISTED, STOP_AFTER, TAKE_APART_AFTER, TRIES, next_try
from organisations.models import Membership
from organisations.scope import Scope, current_organisation_id

log = logging.getLogger(__name__)

OpenScope = Callable[[], AbstractContextManager[Scope]]
Clock = Callable[[], datetime]
# Of a notice that a letter tells of, and its organisation's name, in its scope: what goes with the letter.
Attach = Callable[[EventLine, str], AttachedFile | None]
CLAIM = (Path(__file__).parent.parent / "sql" / "claim.sql").read_text()


def deliver(
    *, scope: OpenScope, clock: Clock | None = None, limit: int = 1000, attach: Attach = lambda line, organisation: None
) -> int:
    """Send what is due, at most `limit` emails and for at most two minutes. Returns how many emails were sent.

    What `attach` gives for a notice goes with its letter; where that fails, the letter goes alone, for it leads to the same.

    Outside a scope: `scope` opens one for each step. No more than a batch is ever in memory. Any number of workers may do this at
    once. A mail server that cannot be reached costs one batch a try, and the rest waits for the next call.
    """
    clock = clock or DatabaseClock()
    began, sent = clock(), 0
    with scope():
        schedule(now=began)
    while limit > 0:
        with scope():
            emails = claim(now=clock(), limit=min(BATCH, limit))
        if not emails:
            break
        limit -= len(emails)
        done, go_on = _send_batch(emails, scope=scope, clock=clock, until=began + STOP_AFTER, attach=attach)
        sent += done
        if not go_on:
            break
    return sent


# Whether anything waits to be sent; what is still being collected counts.
IS_DUE = """
SELECT EXISTS (
    SELECT FROM notifications_notification
    WHERE organisation_id = %(organisation)s AND sent_at IS NULL AND given_up_at IS NULL AND due_at <= %(now)s
        AND (leased_until IS NULL OR leased_until <= %(now)s)
)
"""


def due(*, now: datetime) -> bool:
    """Whether anything of the organisation in scope waits to be sent. One statement; what is still being collected counts."""
    return Notification.objects.due(now).exists()


# Claiming --------------------------------------------------------------------------------------------------------


def claim(*, now: datetime, limit: int) -> list[OutgoingEmail]:
    """Take up to `limit` emails that are due, for the length of a lease. Commit before sending.

    Also ends what needs no email any more or can never be sent, and takes emails apart that end their workers.
    """
    with connection.cursor() as cursor:
        # One claim at a time for an organisation, or two workers would each take a part of what is one email.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('notifications.claim'), %s)", [current_organisation_id() % 2**31]
        )
        _drop(now)
        _take_apart(now)
        values: dict[str, Any] = {
            "organisation": current_organisation_id(),
            "now": now,
            "leased_until": now + LEASE,
            "collecting_since": now - timedelta(seconds=settings.MAIL_PAUSE_SECONDS),
            "limit": limit,
        }
        cursor.execute(CLAIM, values)
        claimed = sorted(cursor.fetchall(), key=itemgetter(0, 4))
    return _outgoing_emails(claimed, now) if claimed else []


def _drop(now: datetime) -> None:
    """End what needs no email: read or decided before the first try, last tried by a worker that ended, people who have left."""
    due = Notification.objects.due(now)
    due.filter(tries=0).filter(
        Q(read_at__isnull=False) | Exists(Event.objects.filter(pk=OuterRef("event_id"), decided_at__isnull=False))
    ).update(given_up_at=now, leased_until=None, last_error="Read or decided before it was sent.")
    due.filter(tries__gte=TRIES).update(
        given_up_at=now, leased_until=None, last_error="Each worker that tried to send this ended before it was done."
    )
    bounced = Bounce.objects.filter(member=OuterRef("member_id"), address=OuterRef("member__email"))
    due.filter(Exists(bounced)).update(
        given_up_at=now, leased_until=None, last_error="Letters to this address come back."
    )
    due.filter(Exists(Membership.objects.filter(pk=OuterRef("member_id"), is_active=False))).update(
        given_up_at=now, leased_until=None, last_error="The member is not active any more."
    )


def _take_apart(now: datetime) -> None:
    """Give each event of an email that ended its workers twice an email of its own, so that only the one that does it fails."""
    interrupted = Notification.objects.interrupted(now).filter(tries__gte=TAKE_APART_AFTER)
    earlier = Notification.objects.unsent().filter(mail_id=OuterRef("mail_id"), pk__lt=OuterRef("pk"))
    interrupted.filter(Exists(earlier)).update(mail_id=RandomUUID())


def _outgoing_emails(claimed: Sequence[tuple[Any, ...]], now: datetime) -> list[OutgoingEmail]:
    """The emails of what was claimed: (mail id, tries, member, notification, event), in order. Two statements for any number."""
    rows = [list(of_email) for _, of_email in groupby(claimed, key=itemgetter(0))]
    rows.sort(key=lambda of_email: (of_email[0][4], of_email[0][2]))  # in the order of what happened
    events = Event.objects.in_bulk([event for of_email in rows for *_, event in of_email[:LISTED]])
    members = Membership.objects.select_related("organisation").in_bulk([of_email[0][2] for of_email in rows])
    return [
        OutgoingEmail(
            notifications=tuple(notification for *_, notification, _ in of_email),
            tries=of_email[0][1],
            leased_until=now + LEASE,
            mail_id=of_email[0][0],
            to=members[of_email[0][2]].email,
            organisation=members[of_email[0][2]].organisation.name,
            slug=members[of_email[0][2]].organisation.slug,
            stop_url=stop_address(current_organisation_id(), of_email[0][2]),
            formats=formats.active(),
            lines=tuple(
                EventLine(event.title, event.detail, event.path, event.kind)
                for event in (events[row[4]] for row in of_email[:LISTED])
            ),
        )
        for of_email in rows
    ]


# Recording -------------------------------------------------------------------------------------------------------


def begin(*, emails: Sequence[OutgoingEmail], now: datetime) -> bool:
    """Count a try of letters that are held, before it is made. False where the lease was lost: another worker has them."""
    notifications = [notification for email in emails for notification in email.notifications]
    mine = Notification.objects.filter(pk__in=notifications, leased_until=emails[0].leased_until).unsent()
    return mine.update(tries=F("tries") + 1, attempt_started_at=now) == len(notifications)


def record_delivery(*, email: OutgoingEmail, error: str | None, now: datetime) -> None:
    """Note that an email was sent, or why not and when to try again. What another worker has claimed since is left to it."""
    notifications = Notification.objects.filter(pk__in=email.notifications).unsent()
    done = {"leased_until": None, "attempt_started_at": None}
    if error is None:
        notifications.update(sent_at=now, last_error="", **done)
        return
    tries = email.tries + 1
    again = next_try(tries, now)
    outcome = {"given_up_at": now} if again is None else {"due_at": again}
    notifications.filter(tries=tries, leased_until=email.leased_until).update(last_error=error[:300], **done, **outcome)
    log.warning("OutgoingEmail %s: try %s failed (%s); %s.", email.mail_id, tries, error, again or "given up")


def hand_back(*, emails: Sequence[OutgoingEmail]) -> None:
    """Free emails that were claimed and not tried: they are due as before."""
    for email in emails:
        held = Notification.objects.filter(pk__in=email.notifications, leased_until=email.leased_until)
        held.unsent().update(leased_until=None)


# Sending ---------------------------------------------------------------------------------------------------------


def _send_batch(
    emails: list[OutgoingEmail], *, scope: OpenScope, clock: Clock, until: datetime, attach: Attach
) -> tuple[int, bool]:
    """Send over one connection, recording each email at once, so that a worker that is killed has at most one sent and not noted.
    Returns how many were sent, and whether to go on with a next batch."""
    rest = list(emails)
    sent = 0
    connection = mail.get_connection()
    try:
        if away := _open(connection):
            with scope():
                begin(emails=rest, now=clock())
                for email in rest:
                    record_delivery(email=email, error=away, now=clock())
            rest.clear()
            return 0, False
        while rest and clock() < until:
            with scope():
                mine = begin(emails=rest[:1], now=clock())
            if mine:
                sent += _try(rest[0], connection, scope=scope, clock=clock, attach=attach)
            del rest[0]
        return sent, not rest
    finally:
        connection.close()
        if rest:
            with scope():
                hand_back(emails=rest)


def _open(connection: BaseEmailBackend) -> str | None:
    """Connect to the mail server. Returns why that did not work."""
    try:
        connection.open()
    except SoftTimeLimitExceeded:
        raise
    except Exception as away:  # each backend and resolver raises its own kinds; all mean: not now
        return in_words(away)
    return None


def _try(email: OutgoingEmail, connection: BaseEmailBackend, *, scope: OpenScope, clock: Clock, attach: Attach) -> bool:
    """Send one email and record how that went. A task that is out of time ends here, too, and not in silence."""
    error: str | None = "The time of the task was up."
    try:
        error = _send(email, connection, _attached(email, scope, attach))
    finally:
        with scope():
            record_delivery(email=email, error=error, now=clock())
    return error is None


def _attached(email: OutgoingEmail, scope: OpenScope, attach: Attach) -> list[AttachedFile]:
    try:
        with scope():
            made = [attach(line, email.organisation) for line in email.lines]
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # whatever cannot be made, the letter is due
        log.exception("OutgoingEmail %s goes without its files.", email.mail_id)
        return []
    return [one for one in made if one is not None]


def _send(email: OutgoingEmail, connection: BaseEmailBackend, attached: list[AttachedFile]) -> str | None:
    """Send one email. Returns what went wrong, if anything did; the connection is then as good as new."""
    try:
        if compose(email, connection, attached).send() != 1:
            return "The mail server took no message."
    except SoftTimeLimitExceeded:
        raise
    except Exception as failure:  # one bad address or message must not keep the others from being sent
        connection.close()
        return in_words(failure)
    return None


def in_words(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
