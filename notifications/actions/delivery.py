"""The post: notices that are due are claimed, sent and settled, each in a transaction of its own.

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

from notifications.letters import Letter, compose
from notifications.models import Notice
from notifications.rules import BATCH, LEASE, STOP_AFTER, next_try
from organisations.scope import Scope

log = logging.getLogger(__name__)

OpenScope = Callable[[], AbstractContextManager[Scope]]
Clock = Callable[[], datetime]


def deliver(*, scope: OpenScope, clock: Clock = timezone.now, limit: int = 1000) -> int:
    """Send what is due, at most `limit` notices and for at most two minutes. Returns how many were sent.

    Outside a scope: `scope` opens one for each claim and each settlement. No more than a batch is ever in memory. Any number of
    workers may do this at once. A mail server that cannot be reached costs one batch a try, and the rest waits for the next call.
    """
    began, sent = clock(), 0
    while limit > 0:
        with scope():
            letters = claim(now=clock(), limit=min(BATCH, limit))
        if not letters:
            break
        limit -= len(letters)
        done, go_on = _send_batch(letters, scope=scope, clock=clock, until=began + STOP_AFTER)
        sent += done
        if not go_on:
            break
    return sent


def claim(*, now: datetime, limit: int) -> list[Letter]:
    """Take up to `limit` notices that are due, for the length of a lease. Commit before sending.

    Also ends what can never be sent: notices whose last try was never settled, and those of people who are no longer there.
    """
    Notice.objects.abandoned(now).update(
        given_up_at=now, leased_until=None, last_error="Each worker that tried to send this ended before it was done."
    )
    # SKIP LOCKED: workers that claim at the same moment take different notices and do not wait for each other.
    notices = list(
        Notice.objects.claimable(now)
        .select_related("event", "member", "organisation")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    gone = [notice.pk for notice in notices if not notice.member.is_active]
    if gone:
        Notice.objects.filter(pk__in=gone).update(given_up_at=now, last_error="The member is not active any more.")
    live = [notice for notice in notices if notice.member.is_active]
    Notice.objects.filter(pk__in=[notice.pk for notice in live]).update(leased_until=now + LEASE, tries=F("tries") + 1)
    return [_letter(notice) for notice in live]


def _letter(notice: Notice) -> Letter:
    event, organisation = notice.event, notice.organisation
    return Letter(
        notice_id=notice.pk,
        tries=notice.tries + 1,
        mail_id=notice.mail_id,
        to=notice.member.email,
        organisation=organisation.name,
        slug=organisation.slug,
        title=event.title,
        detail=event.detail,
        path=event.path,
    )


def settle(*, letter: Letter, error: str | None, now: datetime) -> None:
    """Note that a letter was sent, or why not and when to try again. What another worker has claimed since is left to it."""
    notices = Notice.objects.filter(pk=letter.notice_id).unsent()
    if error is None:
        notices.update(sent_at=now, leased_until=None, last_error="")
        return
    again = next_try(letter.tries, now)
    outcome = {"given_up_at": now} if again is None else {"due_at": again}
    notices.filter(tries=letter.tries).update(leased_until=None, last_error=error[:300], **outcome)
    log.warning("Notice %s: try %s failed (%s); %s.", letter.notice_id, letter.tries, error, again or "given up")


def hand_back(*, letters: list[Letter]) -> None:
    """Free letters that were claimed and not tried: they are due as before, and the try is not counted."""
    for letter in letters:
        Notice.objects.filter(pk=letter.notice_id, tries=letter.tries).unsent().update(
            leased_until=None, tries=letter.tries - 1
        )


def _send_batch(letters: list[Letter], *, scope: OpenScope, clock: Clock, until: datetime) -> tuple[int, bool]:
    """Send over one connection, settling each at once, so that a worker that is killed has at most one letter sent
    and not noted. Returns how many were sent, and whether to go on with a next batch."""
    connection = mail.get_connection()
    try:
        connection.open()
    except Exception as away:  # each backend and resolver raises its own kinds; all mean: not now
        with scope():
            for letter in letters:
                settle(letter=letter, error=in_words(away), now=clock())
        return 0, False
    sent = 0
    try:
        for position, letter in enumerate(letters):
            if clock() >= until:
                with scope():
                    hand_back(letters=letters[position:])
                return sent, False
            error = _send(letter, connection)
            sent += error is None
            with scope():
                settle(letter=letter, error=error, now=clock())
    finally:
        connection.close()
    return sent, True


def _send(letter: Letter, connection: BaseEmailBackend) -> str | None:
    """Send one letter. Returns what went wrong, if anything did; the connection is then as good as new."""
    try:
        if compose(letter, connection).send() != 1:
            return "The mail server took no message."
    except Exception as failure:  # one bad address or message must not keep the others from being sent
        connection.close()
        return in_words(failure)
    return None


def in_words(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
