"""Changes of tables beside people who work: a short wait for each lock, then everybody else first, then again.

Whoever waits for a table's lock makes all who come after wait too, readers included. So nobody waits for longer than LOCK_TIMEOUT.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError, transaction

log = logging.getLogger(__name__)

LOCK_TIMEOUT = 3_000  # milliseconds; readers of a table wait so long at most, each time
TRIES = 30
PAUSE = 4  # seconds between two tries
T = TypeVar("T")

LOCK_NOT_AVAILABLE = "55P03"
# What blocks nobody while it waits, and would have to begin again if it gave up.
IN_PEACE = "CONCURRENTLY"

OLDEST = """SELECT pid, coalesce(usename, ''), extract(epoch FROM clock_timestamp() - xact_start)::int, left(query, 80)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 3"""


def run_patiently(connection: Any, statements: Sequence[str]) -> None:
    """The statements together, in one transaction; those that run CONCURRENTLY without one. Tried again while locks are held."""

    def run() -> None:
        with connection.cursor() as cursor:
            if any(IN_PEACE in statement for statement in statements):
                for statement in statements:
                    cursor.execute(statement)
                return
            with transaction.atomic(using=connection.alias):
                for statement in statements:
                    cursor.execute(statement)

    with short_locks(connection):
        try_patiently(connection, run)


def try_patiently(connection: Any, attempt: Callable[[], T]) -> T:
    """What the attempt gives. It is tried again where a lock was not to be had; it must leave nothing behind then."""
    for rest in reversed(range(TRIES)):
        try:
            return attempt()
        except OperationalError as held:
            if getattr(held.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE or not rest:
                raise
            log.warning("A table is held; everybody else first, then again. %s", _oldest(connection))
            time.sleep(PAUSE)
    raise AssertionError("The last try returns or raises.")


@contextmanager
def short_locks(connection: Any) -> Iterator[None]:
    """No statement of the connection waits for a lock longer than LOCK_TIMEOUT, but those that wait in peace."""

    def limited(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        if IN_PEACE not in str(sql):
            return execute(sql, parameters, many, context)
        with connection.connection.cursor() as cursor:  # not Django's, whose statements come here
            cursor.execute("SET lock_timeout = 0")
            try:
                return execute(sql, parameters, many, context)
            finally:
                cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT}")

    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT}")
    try:
        with connection.execute_wrapper(limited):
            yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _oldest(connection: Any) -> str:
    if connection.needs_rollback:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        found = [f"{pid} ({who}), for {age} s: {query}" for pid, who, age, query in cursor.fetchall()]
    return f"The oldest transactions: {'; '.join(found)}" if found else ""
