"""Somebody's notifications, and a mail server that can fail."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.mail.backends import locmem

from notifications.actions import deliver, publish_events
from notifications.models import Notification
from notifications.rules import NewEvent
from organisations.rules import Role
from tests.factories import organisations

NOW = datetime(2024, 7, 15, 9, tzinfo=UTC)


class Clock:
    """Says what it was set to, and goes on by `step` at each look."""

    def __init__(self, now=NOW, step=timedelta()):
        self.now, self.step = now, step

    def __call__(self):
        self.now += self.step
        return self.now


class Mail(locmem.EmailBackend):
    """Keeps messages in django.core.mail.outbox. Whom `refuses` names is not delivered to; `away` means no connection at all."""

    refuses: set[str] = set()
    away = False
    opened = 0

    def open(self):
        type(self).opened += 1
        if self.away:
            raise ConnectionRefusedError("connection refused")

    def send_messages(self, messages):
        if refused := self.refuses & set(messages[0].to):
            raise OSError(f"550 no such mailbox {refused.pop()}")
        return super().send_messages(messages)


@pytest.fixture
def mail(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Mail"
    settings.BASE_URL = "https://plumbline.example"
    settings.DEFAULT_FROM_EMAIL = "Plumbline <alerts@plumbline.example>"
    Mail.refuses, Mail.away, Mail.opened = set(), False, 0
    yield Mail
    Mail.refuses, Mail.away = set(), False


@pytest.fixture
def publish_event(cast, scope_of):
    """`publish_event(3)`: that many events, each for Marco alone (or for `members`), in the system's scope."""

    def to(count, *members, title="Breach"):
        told = tuple(member.pk for member in members or (cast.marco,))
        with scope_of(cast.aldermoor):
            first = Notification.objects.count()
            return publish_events(
                [
                    NewEvent(f"breach:{first + n}", "breach", f"{title} {n}", told, "Corvid Systems", f"breaches/{n}/")
                    for n in range(count)
                ],
                now=NOW,
            )

    return to


@pytest.fixture
def colleagues(cast, scope_of):
    """`colleagues(30)`: so many more account managers of Aldermoor; each gets emails of their own."""

    def joined(count):
        people = [organisations.user(f"Colleague {n}", f"colleague{n}@example.test") for n in range(count)]
        with scope_of(cast.aldermoor):
            return [organisations.member(person, Role.ACCOUNT_MANAGER) for person in people]

    return joined


@pytest.fixture
def post(cast, scope_of):
    """Deliver what is due at Aldermoor."""
    return partial(deliver, scope=partial(scope_of, cast.aldermoor))
