"""The stage of the faults: a private PostgreSQL and Redis, the product's processes on them, and two clients with work to do."""

import os
from collections.abc import Callable, Iterator

import psycopg2
import pytest
from celery import Celery
from django.db import connections

from config.databases import broker_url
from lib.wakeup import WORK
from organisations.models import Membership
from tests.cast import Cast
from tests.faults.firm import Firm
from tests.faults.invariants import broken, settled
from tests.faults.visitor import Visitor
from tests.processes import Processes, Servers, wait_for

# How long a server stays away. Short, so that the tests are; FAULT_SECONDS=60 is the real thing.
AWAY = float(os.environ.get("FAULT_SECONDS", "5"))


@pytest.fixture
def firm(servers: Servers, cast: Cast) -> Firm:
    """Contracts with history that nobody has judged yet, in the database that the test may stop."""
    return Firm(cast)


@pytest.fixture
def wake(servers: Servers) -> Iterator[Callable[..., None]]:
    """`wake()`: what beat does each minute; `wake(organisation)`: what a page does after a write."""
    app = Celery(broker=broker_url(os.environ), set_as_current=False)

    def wake_workers(organisation=None):
        name, args = ("plumbline.tick", []) if organisation is None else (WORK, [organisation.pk])
        app.send_task(name, args=args, retry=False)

    yield wake_workers
    app.close()


@pytest.fixture
def visitor(processes: Processes, firm: Firm) -> Callable[[Membership], Visitor]:
    """`visitor(cast.marco)`: signed in at a web process that this starts the first time."""
    addresses: list[str] = []

    def arrives(member: Membership) -> Visitor:
        if not addresses:
            addresses.append(processes.web())
        return Visitor(addresses[0], member)

    return arrives


@pytest.fixture
def all_done(firm: Firm) -> Callable[[], None]:
    """`all_done()`: wait until nothing is left to do for any client."""

    def wait() -> None:
        wait_for(lambda: all(settled(one) for one in firm.organisations), "all work is done")

    return wait


@pytest.fixture
def must_hold(firm: Firm, processes: Processes, all_done: Callable[[], None]) -> Callable[..., None]:
    """`must_hold(writes, sent_twice=…)`: everything is done, and every invariant holds."""

    def check(*visitors: Visitor, sent_twice: int = 0) -> None:
        all_done()
        writes = [write for one in visitors for write in one.writes]
        assert broken(firm.organisations, mail=processes.mail, writes=writes, sent_twice=sent_twice) == []

    return check


class Barrier:
    """Holds a table, so that whoever is about to write to it stands still in the middle of a transaction."""

    def __init__(self) -> None:
        self.connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])

    def hold(self, table: str) -> None:
        """Readers pass, writers wait."""
        with self.connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{table}" IN SHARE MODE')

    def reached(self) -> bool:
        """Whether somebody waits at it."""
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND NOT granted")
            return cursor.fetchone()[0] > 0

    def let_go(self) -> None:
        self.connection.rollback()


@pytest.fixture
def barrier(servers: Servers) -> Iterator[Barrier]:
    found = Barrier()
    yield found
    found.connection.close()
