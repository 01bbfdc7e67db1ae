"""The stage of the journeys: the demo's data, a web process and a worker on it, and people at browsers."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from django.db import connections
from playwright.sync_api import Browser
from psycopg2 import sql

from embedded.places import CHECKOUT
from organisations.models import Membership
from organisations.scope import open_scope
from tests.databases import NAME, fresh_copy
from tests.journeys.person import Person
from tests.processes import Processes

DEMO = "test_demo"


def owner_of(database: str) -> str:
    return os.environ["DATABASE_OWNER_URL"].replace(f"/{NAME}?", f"/{database}?")


def copy(source: str, name: str) -> None:
    """Make the database `name` as a fresh copy."""
    connection = psycopg2.connect(owner_of("postgres"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            new, old = sql.Identifier(name), sql.Identifier(source)
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(new, old))
    finally:
        connection.close()


@pytest.fixture(scope="session")
def demo(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> str:
    """The name of a database with the whole demo. Loaded once in a run, by the product's own command; the others wait for it."""
    folder = Path(os.environ["PLUMBLINE_TEST_RUN"])
    done = folder / "demo-loaded"
    with (folder / "demo.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with django_db_blocker.unblock():
                connections.close_all()
                fresh_copy()
                copy(NAME, DEMO)
            urls = ("DATABASE_URL", "DATABASE_OWNER_URL")
            environment = os.environ | {url: os.environ[url].replace(f"/{NAME}?", f"/{DEMO}?") for url in urls}
            command = [sys.executable, "manage.py", "load_demo"]
            loaded = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
            assert loaded.returncode == 0, loaded.stderr
            done.touch()
    return DEMO


class Stage:
    """A web process on the demo's data. `worker()` starts one, once."""

    def __init__(self, processes: Processes):
        self.processes = processes
        self.address = processes.web()

    def worker(self) -> None:
        self.processes.worker()

    def member(self, name: str, organisation: str = "aldermoor-energy") -> Membership:
        """Somebody of the demo, by the first name."""
        found = Membership.unscoped.select_related("organisation", "user").filter(organisation__slug=organisation)
        return found.get(email__startswith=f"{name.lower()}@")

    def scope_of(self, member: Membership):
        return open_scope(organisation_id=member.organisation_id, vendor_id=member.vendor_id, actor_id=member.pk)


@pytest.fixture
def stage(demo: str, committed: None, processes: Processes) -> Stage:
    connections.close_all()
    copy(demo, NAME)
    return Stage(processes)


@pytest.fixture
def person(browser: Browser, stage: Stage) -> Iterator[Callable[..., Person]]:
    """`person()`: somebody at a browser of their own. What goes wrong on any page fails the test at its end."""
    people: list[Person] = []

    def arrives(**options: object) -> Person:
        people.append(Person(browser, stage.address, **options))
        return people[-1]

    yield arrives
    for one in people:
        one.context.close()
    wrong = [fault for one in people for fault in one.wrong]
    assert wrong == []
