"""The emails of invitations: found by query, claimed for a lease, sent under a constant id, tried again, given up visibly.

Like `delivery`, and apart from it, because who is written to here is no member, has no inbox and gets one email at a time.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from lib.clock import DatabaseClock
from lib.templatetags.dates import format_moment
from notifications.email import message_id
from notifications.models import InvitationLetter
from notifications.rules import BATCH, LEASE, TRIES, next_try
from organisations.actions import settings_in_scope
from organisations.links import invitation_address
from organisations.models import Invitation
from organisations.rules import InvitationStatus
from organisations.scope import Scope, current_organisation_id

log = logging.getLogger(__name__)

# An email for each open invitation whose present edition has none. A second worker writes none.
WRITE = """
INSERT INTO notifications_invitationletter
    (organisation_id, vendor_id, invitation_id, edition, mail_id, due_at, tries, last_error)
SELECT i.organisation_id, i.vendor_id, i.id, i.edition, gen_random_uuid(), %(now)s, 0, ''
FROM organisations_invitation AS i
WHERE i.organisation_id = %(organisation)s AND i.status = 'open' AND i.expires_at > %(now)s AND NOT EXISTS (
    SELECT FROM notifications_invitationletter AS l
    WHERE l.organisation_id = i.organisation_id AND l.invitation_id = i.id AND l.edition = i.edition
)
ON CONFLICT DO NOTHING
"""

# Whether an email of an open invitation waits to be written or sent.
IS_DUE = """
SELECT EXISTS (
    SELECT FROM organisations_invitation AS i
    LEFT JOIN notifications_invitationletter AS l
        ON l.organisation_id = i.organisation_id AND l.invitation_id = i.id AND l.edition = i.edition
    WHERE i.organisation_id = %(organisation)s AND i.status = 'open' AND i.expires_at > %(now)s
        AND (l.id IS NULL OR l.sent_at IS NULL AND l.given_up_at IS NULL AND l.due_at <= %(now)s)
)
"""


@dataclass(frozen=True)
class Claimed:
    """An email to send, outside any scope. `tries` counts this try, and says whose claim it is."""

    pk: int
    tries: int
    mail_id: UUID
    to: str
    subject: str
    body: str


def deliver_invitations(
    *, scope: Callable[[], AbstractContextManager[Scope]], clock: Callable[[], datetime] | None = None
) -> int:
    """Write and send the emails that are due, at most a batch. Outside a scope; returns how many were sent."""
    clock = clock or DatabaseClock()
    with scope():
        emails = claim_invitations(now=clock())
    if not emails:
        return 0
    sent, server = 0, mail.get_connection()
    try:
        for email in emails:
            error = _send(email, server)
            sent += error is None
            with scope():
                _record(email, error, clock())
    finally:
        server.close()
    return sent


def due(*, now: datetime) -> bool:
    """Whether an email of the organisation in scope waits to be written or sent. One statement."""
    newest = InvitationLetter.objects.filter(invitation=OuterRef("pk"), edition=OuterRef("edition"))
    waits = Q(letter_due__lte=now) | Q(letter_due=None) & ~Exists(newest)
    unsent = newest.filter(sent_at=None, given_up_at=None).values("due_at")
    return Invitation.objects.open(now).alias(letter_due=Subquery(unsent)).filter(waits).exists()


def claim_invitations(*, now: datetime) -> list[Claimed]:
    """Take what is due for the length of a lease. Letters of invitations that are no longer open are given up unsent."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE, {"organisation": current_organisation_id(), "now": now})
    unsent = InvitationLetter.objects.filter(sent_at=None, given_up_at=None)
    over = ~Q(invitation__status=InvitationStatus.OPEN) | ~Q(invitation__edition=F("edition"))
    gone = InvitationLetter.objects.filter(over | Q(tries__gte=TRIES, leased_until__lte=now)).values("pk")
    unsent.filter(pk__in=gone).update(
        given_up_at=now, leased_until=None, last_error="There was nothing to send any more."
    )
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    # SKIP LOCKED: workers that claim at the same moment take different emails and do not wait for each other.
    due = (
        unsent.filter(free, due_at__lte=now)
        .order_by("due_at", "pk")
        .select_related("invitation__vendor", "organisation")
    )
    found = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    InvitationLetter.objects.filter(pk__in=[one.pk for one in found]).update(
        leased_until=now + LEASE, tries=F("tries") + 1
    )
    if not found:
        return []
    with timezone.override(settings_in_scope().house.zone):
        return [
            Claimed(
                one.pk, one.tries + 1, one.mail_id, one.invitation.email, *_words(one.invitation, one.organisation.name)
            )
            for one in found
        ]


def _words(invitation: Invitation, organisation: str) -> tuple[str, str]:
    """Subject and text. Names are put on one line: nothing that people enter can begin a new header or paragraph."""
    by = " ".join(invitation.invited_by_name.split())
    name = " ".join(organisation.split())
    place = f"{invitation.get_role_display().lower()}"
    if invitation.vendor:
        place = f"{place} for {' '.join(invitation.vendor.name.split())}"
    lines = [
        f"{by or name} invites you to {name} on Plumbline, as {place}.",
        *(["", f"“{' '.join(invitation.note.split())}”"] if invitation.note else []),
        "",
        "To accept, open this link:",
        invitation_address(invitation),
        "",
        f"It works once, until {format_moment(invitation.expires_at)}, and for {invitation.email} only.",
        "If you do not expect this, you need do nothing.",
    ]
    return f"Invitation to {name} on Plumbline", "\n".join(lines)


def _send(email: Claimed, server: BaseEmailBackend) -> str | None:
    """Send one email. Returns what went wrong, if anything did."""
    message = EmailMessage(
        subject=email.subject,
        body=email.body,
        to=[email.to],
        headers={"Message-ID": message_id(email.mail_id), "Auto-Submitted": "auto-generated"},
        connection=server,
    )
    try:
        return None if message.send() == 1 else "The mail server took no message."
    except SoftTimeLimitExceeded:  # the lease runs out, and another sends it
        raise
    except (
        Exception
    ) as failure:  # each backend raises its own kinds; one bad address must not keep the others from being sent
        server.close()
        return f"{type(failure).__name__}: {failure}"


def _record(email: Claimed, error: str | None, now: datetime) -> None:
    """Note that an email was sent, or why not and when to try again. What another worker has claimed since is left to it."""
    rows = InvitationLetter.objects.filter(pk=email.pk, sent_at=None, given_up_at=None)
    if error is None:
        rows.update(sent_at=now, leased_until=None, last_error="")
        return
    again = next_try(email.tries, now)
    outcome = {"given_up_at": now} if again is None else {"due_at": again}
    rows.filter(tries=email.tries).update(leased_until=None, last_error=error[:300], **outcome)
    log.warning("Invitation email %s: try %s failed (%s); %s.", email.pk, email.tries, error, again or "given up")
