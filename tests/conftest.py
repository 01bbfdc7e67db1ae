"""What every test may use: the cast, people who are signed in, scopes, a clock.

The databases, real processes and the browser are in `databases.py`, `processes.py` and `browser.py`.
"""

import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from organisations.models import Membership, Organisation, Presence
from organisations.rules import Factor
from organisations.scope import Scope, open_scope
from tests.cast import Cast, assemble

# Contracts with money in them, and with a judged month: more than one folder needs them.
pytest_plugins = ("tests.books", "tests.dashboard_world")


def pytest_configure() -> None:
    """Nothing is collected for tests: the web process warns of a folder of static files that is not there. Nor is any file kept."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]
    settings.STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through all of it after every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """Two clients, three vendors and their people (see tests/cast.py). Uses `committed` where the test does, else `db`."""
    if "committed" not in request.fixturenames:
        request.getfixturevalue("db")
    return assemble()


class MemberClient(Client):
    """A browser of somebody who is signed in. A path without a leading slash lies below the organisation's address:
    `client.get("contracts/")`."""

    def __init__(self, member: Membership, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.member = member
        self.base = f"/o/{member.organisation.slug}/"
        self.force_login(member.user)
        seen_just_now(member)
        session = self.session  # as after signing in, so that no request need note that it is the first
        session["began"] = session["seen"] = int(time.time())
        session.save()

    def generic(self, method: str, path: str, *args: Any, **extra: Any) -> Any:
        address = str(path)
        return super().generic(method, address if address.startswith("/") else self.base + address, *args, **extra)


def seen_just_now(member: Membership) -> None:
    """As after a first request, so that the second and third need the same statements."""
    with open_scope(organisation_id=member.organisation_id):
        now = timezone.now()
        given = {"vendor_id": member.vendor_id, "seen_at": now, "factor": Factor.NONE}
        Presence.objects.update_or_create(member_id=member.pk, defaults=given)


@pytest.fixture
def client_for() -> Callable[..., MemberClient]:
    """`client_for(cast.petra)`: a signed-in test client; keywords go to Django's (`raise_request_exception=False`)."""
    return MemberClient


@pytest.fixture
def scope_of() -> Callable[[Membership | Organisation], AbstractContextManager[Scope]]:
    """`with scope_of(cast.vera):` the scope in which a request of that member runs; of an organisation, the system's."""

    def of(who: Membership | Organisation) -> AbstractContextManager[Scope]:
        if isinstance(who, Organisation):
            return open_scope(organisation_id=who.pk)
        place = {"vendor_id": who.vendor_id, "actor_id": who.pk, "contracts": who.contracts}
        return open_scope(organisation_id=who.organisation_id, **place)

    return of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`clock(datetime(2024, 5, 16, tzinfo=UTC))`: what this process and, for it, the database say is now from here on."""

    def set_to(now: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        monkeypatch.setattr("lib.clock.database_now", lambda: now)

    return set_to
