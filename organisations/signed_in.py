"""Where a person is signed in: the sessions that would still let them in, and how they end."""

from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session

from organisations.client_address import shortened
from organisations.devices import describe_browser
from organisations.models import User
from organisations.sessions import EVERY


class SignedIn(NamedTuple):
    """One session. `here`: the one that asks. `seen_at` is right to within a few minutes."""

    pk: int
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime
    here: bool


def sessions_of(user: User, *, key: str, now: datetime) -> list[SignedIn]:
    """The person's sessions, that with the key `key` first, the others by when they were seen. Two statements."""
    idle = now - timedelta(seconds=settings.SESSION_IDLE + EVERY)
    noted = UserSession.objects.filter(user=user, last_seen_at__gt=idle)
    rows = noted.order_by("-last_seen_at", "-pk")
    stored = Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=now)
    proof = user.get_session_auth_hash()  # another password has been set since: it lets nobody in
    live = {one.session_key for one in stored if one.get_decoded().get(HASH_SESSION_KEY) == proof}
    found = [
        SignedIn(
            row.pk,
            describe_browser(row.user_agent),
            shortened(row.ip),
            row.created_at,
            row.last_seen_at,
            row.session_key == key,
        )
        for row in rows
        if row.session_key in live
    ]
    return sorted(found, key=lambda one: not one.here)


def end_sessions(user: User, *, key: str, only: int | None = None) -> int:
    """End the person's other sessions, or of these only the one with that id; returns how many. The one with the key `key` stays."""
    ending = UserSession.objects.filter(user=user).exclude(session_key=key)
    if only is not None:
        ending = ending.filter(pk=only)
    keys = list(ending.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    ending.delete()
    return len(keys)
