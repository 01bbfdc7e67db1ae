"""The post: notifications that are due are claimed, sent and settled, each in a transaction of its own.

A claim is committed before anything is sent, and nothing is sent inside a transaction. Whoever dies in between leaves a lease
that runs out; then another sends the same message with the same id. So it is sent at least once, and usually once.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from notifications.email import OutgoingEmail, compose
from notifications.models import Notification
from notifications.rules import BATCH, LEASE, STOP_AFTER, next_try
from organisations.scope import Scope

log = logging.getLogger(__name__)

OpenScope = Callable[[], AbstractContextManager[Scope]]
Clock = Callable[[], datetime]


def deliver(*, scope: OpenScope, clock: Clock = timezone.now, limit: int = 1000) -> int:
    """Send what is due, at most `limit` notifications and for at most two minutes. Returns how many were sent.

    Outside a scope: `scope` opens one for each claim and each settlement. No more than a batch is ever in memory. Any number of
    workers may do this at once. A mail server that cannot be reached costs one batch a try, and the rest waits for the next call.
    """
    began, sent = clock(), 0
    while limit > 0:
        with scope():
            emails = claim(now=clock(), limit=min(BATCH, limit))
        if not emails:
            break
        limit -= len(emails)
        done, go_on = _send_batch(emails, scope=scope, clock=clock, until=began + STOP_AFTER)
        sent += done
        if not go_on:
            break
    return sent


def claim(*, now: datetime, limit: int) -> list[OutgoingEmail]:
    """Take up to `limit` notifications that are due, for the length of a lease. Commit before sending.

    Also ends what can never be sent: notifications whose last try was never settled, and those of people who are no longer there.
    """
    Notification.objects.abandoned(now).update(
        given_up_at=now, leased_until=None, last_error="Each worker that tried to send this ended before it was done."
    )
    # SKIP LOCKED: workers that claim at the same moment take different notifications and do not wait for each other.
    notifications = list(
        Notification.objects.claimable(now)
        .select_related("event", "member", "organisation")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    gone = [notification.pk for notification in notifications if not notification.member.is_active]
    if gone:
        Notification.objects.filter(pk__in=gone).update(
            given_up_at=now, last_error="The member is not active any more."
        )
    live = [notification for notification in notifications if notification.member.is_active]
    Notification.objects.filter(pk__in=[notification.pk for notification in live]).update(
        leased_until=now + LEASE, tries=F("tries") + 1
    )
    return [_outgoing_email(notification) for notification in live]


def _outgoing_email(notification: Notification) -> OutgoingEmail:
    event, organisation = notification.event, notification.organisation
    return OutgoingEmail(
        notification_id=notification.pk,
        tries=notification.tries + 1,
        mail_id=notification.mail_id,
        to=notification.member.email,
        organisation=organisation.name,
        slug=organisation.slug,
        title=event.title,
        detail=event.detail,
        path=event.path,
    )


def record_delivery(*, email: OutgoingEmail, error: str | None, now: datetime) -> None:
    """Note that a email was sent, or why not and when to try again. What another worker has claimed since is left to it."""
    notifications = Notification.objects.filter(pk=email.notification_id).unsent()
    if error is None:
        notifications.update(sent_at=now, leased_until=None, last_error="")
        return
    again = next_try(email.tries, now)
    outcome = {"given_up_at": now} if again is None else {"due_at": again}
    notifications.filter(tries=email.tries).update(leased_until=None, last_error=error[:300], **outcome)
    log.warning(
        "Notification %s: try %s failed (%s); %s.", email.notification_id, email.tries, error, again or "given up"
    )


def hand_back(*, emails: list[OutgoingEmail]) -> None:
    """Free emails that were claimed and not tried: they are due as before, and the try is not counted."""
    for email in emails:
        Notification.objects.filter(pk=email.notification_id, tries=email.tries).unsent().update(
            leased_until=None, tries=email.tries - 1
        )


def _send_batch(emails: list[OutgoingEmail], *, scope: OpenScope, clock: Clock, until: datetime) -> tuple[int, bool]:
    """Send over one connection, settling each at once, so that a worker that is killed has at most one email sent
    and not noted. Returns how many were sent, and whether to go on with a next batch."""
    connection = mail.get_connection()
    try:
        connection.open()
    except Exception as away:  # each backend and resolver raises its own kinds; all mean: not now
        with scope():
            for email in emails:
                record_delivery(email=email, error=in_words(away), now=clock())
        return 0, False
    sent = 0
    try:
        for position, email in enumerate(emails):
            if clock() >= until:
                with scope():
                    hand_back(emails=emails[position:])
                return sent, False
            error = _send(email, connection)
            sent += error is None
            with scope():
                record_delivery(email=email, error=error, now=clock())
    finally:
        connection.close()
    return sent, True


def _send(email: OutgoingEmail, connection: BaseEmailBackend) -> str | None:
    """Send one email. Returns what went wrong, if anything did; the connection is then as good as new."""
    try:
        if compose(email, connection).send() != 1:
            return "The mail server took no message."
    except Exception as failure:  # one bad address or message must not keep the others from being sent
        connection.close()
        return in_words(failure)
    return None


def in_words(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
