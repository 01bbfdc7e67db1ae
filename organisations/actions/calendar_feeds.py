"""The secret address of a person's calendar: made, revoked, and found by whoever fetches it."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction

from organisations.models import CalendarFeed, User

SECRET = 32  # bytes, of the operating system's chance: its hash needs no salt
MOST_FETCHES = 60  # in an hour; programs ask a few times a day

COUNT = """
UPDATE organisations_calendarfeed AS f SET
    fetches = CASE WHEN f.hour = date_trunc('hour', %(now)s::timestamptz) THEN f.fetches + 1 ELSE 1 END,
    hour = date_trunc('hour', %(now)s::timestamptz), fetched_at = %(now)s
FROM organisations_user AS u
WHERE u.id = f.user_id AND u.is_active AND f.secret_hash = %(hash)s
RETURNING f.user_id, f.fetches
"""


class TooManyFetches(Exception):
    """A program asks for a calendar far more often than anybody needs."""


@transaction.atomic
def make_feed(*, user: User, now: datetime) -> str:
    """A new secret, which is returned this once; an address that was there before leads nowhere from now on."""
    secret = secrets.token_urlsafe(SECRET)
    CalendarFeed.objects.update_or_create(
        user=user,
        defaults={"secret_hash": _hash(secret), "made_at": now, "hour": None, "fetches": 0, "fetched_at": None},
    )
    return secret


def revoke_feed(*, user: User) -> bool:
    """Whether there was one."""
    return bool(CalendarFeed.objects.filter(user=user).delete()[0])


def find_feed(secret: str, *, now: datetime) -> int | None:
    """The id of the user whose calendar it is; None where there is none, it was revoked or the person is disabled. Counts the fetch in
    the same statement: TooManyFetches beyond what an hour allows."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"now": now, "hash": _hash(secret)})
        found = cursor.fetchone()
    if found is None:
        return None
    user_id, fetches = found
    if fetches > MOST_FETCHES:
        raise TooManyFetches
    return int(user_id)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
