"""Letters about accounts: written down in the request, sent outside it, each tried alone.

A request that sent its mail itself would wait for the mail server, and by how long would tell whether an address is known.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.db import transaction
from django.db.models import F

from lib import clock
from lib.clock import DatabaseClock
from lib.encryption import encrypt, rotate
from notifications.account_letters import compose_account_letter
from notifications.models import AccountLetter
from notifications.rules import LEASE, LetterKind, next_try

log = logging.getLogger(__name__)


def write_account_letter(*, to: str, subject: str, body: str) -> AccountLetter:
    """An email that is ready to be sent. Outside a scope."""
    return AccountLetter.objects.create(
        kind=LetterKind.READY, to=to, subject=subject, body=encrypt(body), mail_id=uuid4(), due_at=clock.database_now()
    )


def ask_for_reset(*, email: str) -> AccountLetter:
    """Somebody asked for a new password. Whether there is such an account is only looked at when the email is sent."""
    return AccountLetter.objects.create(
        kind=LetterKind.RESET, to=email.strip().lower(), mail_id=uuid4(), due_at=clock.database_now()
    )


def deliver_account_letters(*, clock: Callable[[], datetime] | None = None, limit: int = 200) -> int:
    """Send what is due, one by one, and return how many emails were dealt with. Outside a scope; any number of workers may do it.

    An email is claimed before it is sent and removed afterwards: whoever dies in between leaves a lease that runs out, and
    the next worker sends it under the same id. After 8 tries it is given up, and stays to be seen.
    """
    clock = clock or DatabaseClock()
    now = clock()
    AccountLetter.objects.abandoned(now).update(
        given_up_at=now, last_error="Each worker that tried to send this ended."
    )
    done = 0
    while done < limit and (email := _claim(clock())):
        done += 1
        try:
            for message in compose_account_letter(email):
                message.connection = mail.get_connection()
                message.send()
        except SoftTimeLimitExceeded:
            _put_off(email, "The time of the task was up.", clock())
            raise
        except Exception as failure:  # each backend and resolver raises its own kinds; all mean: not now
            _put_off(email, f"{type(failure).__name__}: {failure}", clock())
            if isinstance(failure, OSError):
                break  # the mail server is away: the others need not find that out, too
        else:
            email.delete()
    return done


@transaction.atomic
def rotate_letters() -> int:
    """Put the emails that wait under the first of ENCRYPTION_KEYS; returns how many. Raises KeyMissing, and then changes none."""
    emails = list(AccountLetter.objects.exclude(body="").select_for_update())
    for email in emails:
        email.body = rotate(email.body)
    AccountLetter.objects.bulk_update(emails, ["body"], batch_size=500)
    return len(emails)


@transaction.atomic
def _claim(now: datetime) -> AccountLetter | None:
    """The next email, for the length of a lease."""
    email: AccountLetter | None = (
        AccountLetter.objects.claimable(now).select_for_update(skip_locked=True).order_by("due_at", "pk").first()
    )
    if email is not None:
        AccountLetter.objects.filter(pk=email.pk).update(leased_until=now + LEASE, tries=F("tries") + 1)
        email.tries += 1
    return email


def _put_off(email: AccountLetter, error: str, now: datetime) -> None:
    again = next_try(email.tries, now)
    outcome = {"given_up_at": now} if again is None else {"due_at": again}
    AccountLetter.objects.filter(pk=email.pk).update(leased_until=None, last_error=error[:300], **outcome)
    log.warning("Account email %s: try %s failed (%s); %s.", email.pk, email.tries, error, again or "given up")
