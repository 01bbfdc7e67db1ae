"""How long a session lives: so long after its last request, and so long after it began, whichever comes first."""

import time
from collections.abc import Callable
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from organisations.models import CacheEntry

BEGAN, SEEN = "began", "seen"
EVERY = 300  # seconds between two notes that a session is in use


def begin(request: HttpRequest) -> None:
    """A person has signed in: both clocks start."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


class SessionLimits:
    """Ends a session that was idle for too long, or is too old. Stands after the middleware that says who is signed in.

    The process's own clock is good enough: it is minutes that count, and a wrong clock ends a session early or late, no more.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self.check(request)
        return self.get_response(request)

    @staticmethod
    def check(request: HttpRequest) -> None:
        now = int(time.time())
        if SEEN not in request.session:
            begin(request)
        elif (
            now - request.session[SEEN] > settings.SESSION_IDLE
            or now - request.session[BEGAN] > settings.SESSION_COOKIE_AGE
        ):
            UserSession.objects.filter(session_key=request.session.session_key).delete()
            logout(request)
        elif now - request.session[SEEN] > min(EVERY, settings.SESSION_IDLE // 4):
            request.session[SEEN] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())


def purge(*, now: datetime) -> None:
    """Remove what has run out: sessions with what is noted of them, and counts in the cache."""
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    CacheEntry.objects.filter(expires__lt=now).delete()
