"""The workers' door: a task carries ids only, and its base class opens the scope in which the system acts.

A task that works inside one transaction gets it with the scope around it, and its turn: one such job at a time per organisation.
A task that has effects outside the database opens a scope for each step.
"""

from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

from celery import Task
from celery.utils.log import get_task_logger
from django.db import OperationalError, connection

from organisations.scope import Scope, open_scope

log = get_task_logger(__name__)

# Longer than the work of any but the largest organisation; who waits in vain leaves the work to the next beat.
LOCK_TIMEOUT = "60s"
LOCK_NOT_AVAILABLE = "55P03"


class ScopedTask(Task):
    """A task of one organisation. It opens its scopes itself, one transaction each."""

    abstract = True

    def scope(self, organisation_id: int) -> AbstractContextManager[Scope]:
        """A scope in which the system acts: no vendor, no member."""
        return open_scope(organisation_id=organisation_id, request_id=uuid4().hex[:12], limits="work")


class Job(ScopedTask):
    """A task that is one transaction in one scope. `run` takes the organisation's id, and returns how much it did.

    `alone`: one worker at a time for an organisation. `until_done`: again, in a new transaction, until it did nothing.
    """

    abstract = True
    alone = True
    until_done = False

    def __call__(self, organisation_id: int) -> int:
        total = 0
        while True:
            with self.scope(organisation_id):
                free = not self.alone or acquire_job_lock(self.name, organisation_id)
                done = self.run(organisation_id) if free else 0
            total += done
            if not (self.until_done and done):
                return total


def acquire_job_lock(job: str, organisation_id: int) -> bool:
    """Wait for the organisation's turn at a job; it is given back at the end of the transaction. False: leave it to somebody else.

    Who finds the job taken waits, because the holder may have read its input before the work was there that made us come.
    Who finds another one waiting leaves: that one has not read anything yet. So no wake-up is lost, and two workers
    at most stand at one job. The input is read by later statements, which see what was committed before the turn came.
    """
    key = (job, organisation_id % 2**31)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", key)
        if cursor.fetchone()[0]:
            return True
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 2 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND classid::bigint = hashtext(%s)::bigint & 4294967295 AND objid::bigint = %s)",
            key,
        )
        return not cursor.fetchone()[0] and _wait(cursor, key)


def _wait(cursor: Any, key: tuple[str, int]) -> bool:
    """Wait for the lock, in a savepoint so that giving up leaves the transaction usable."""
    patience = "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)"
    cursor.execute(f"SAVEPOINT job_lock; {patience}", [LOCK_TIMEOUT])
    before = cursor.fetchone()[0]
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", key)
    except OperationalError as away:
        if getattr(away.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT job_lock")
        log.warning(
            "%s of organisation %s is taken for more than %s; the next beat wakes the workers again.",
            *key,
            LOCK_TIMEOUT,
        )
        return False
    cursor.execute("RELEASE SAVEPOINT job_lock; SELECT set_config('lock_timeout', %s, true)", [before])
    return True
