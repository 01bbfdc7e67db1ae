"""The databases of tests: one is migrated, once per run; every process that runs tests has a copy of it.

Fixtures: `db` (pytest-django's: everything is rolled back), `committed` (really committed, then thrown away),
`redis_url` (an empty Redis database). `tests/processes.py` and `tests/browser.py` add real processes and a browser.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from embedded.postgres import DATABASE
from tests.run import NAME

ALIASES = ("default", "owner")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Takes the place of pytest-django's: a migrated database, copied for this process."""
    with django_db_blocker.unblock():
        migrate_once()
        fresh_copy()
        yield
        connections.close_all()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest, redis_url: str) -> Iterator[None]:
    """For tests whose data other processes or connections must see: no transaction around the test, and a fresh
    database after it. A copy rather than TRUNCATE: sequences, rows of migrations and append-only tables come back too.
    """
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        fresh_copy()


@pytest.fixture
def redis_url() -> str:
    """The address of this process's own Redis database, emptied."""
    url = os.environ["REDIS_URL"]
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


def migrate_once() -> None:
    """Migrate the database that the others are copied from; one process does, the others wait for it."""
    folder = Path(os.environ["PLUMBLINE_TEST_RUN"])
    done = folder / "migrated"
    with (folder / "migrate.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        _point_to(DATABASE)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        _point_to(NAME)
        done.touch()


def _point_to(name: str) -> None:
    connections.close_all()
    for alias in ALIASES:
        connections.settings[alias]["NAME"] = name


def fresh_copy() -> None:
    """Make this process's database afresh from the migrated one."""
    copy(DATABASE, NAME)


def copy(source: str, name: str) -> None:
    """Make the database `name` afresh from another; whoever is still connected to the old one is cut off."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"].replace(f"/{NAME}?", "/postgres?"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            new, old = sql.Identifier(name), sql.Identifier(source)
            # FILE_COPY: half the time of copying through the log, and it keeps the log short.
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(new, old))
    finally:
        connection.close()


def made_once(name: str, fill: Callable[[], object]) -> None:
    """Make the database `name`, to be copied from: what `fill` writes into this process's, once in a run; other processes wait for it."""
    folder = Path(os.environ["PLUMBLINE_TEST_RUN"])
    done = folder / f"{name}-made"
    with (folder / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            connections.close_all()
            fresh_copy()
            fill()
            connections.close_all()
            copy(NAME, name)
            done.touch()
    connections.close_all()
