"""The workers' door: a task carries ids only, and its base class opens the scope in which the system acts.

A task that works inside one transaction gets it with the scope around it, and its turn: one such job at a time per organisation.
A task that has effects outside the database opens a scope for each step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from celery import Task
from django.db import connection

from lib import formats
from lib.wakeup import leave_note
from organisations.actions import settings_in_scope
from organisations.models import Membership
from organisations.scope import Scope, open_scope


class ScopedTask(Task):
    """A task of one organisation. It opens its scopes itself, one transaction each."""

    abstract = True

    @contextmanager
    def scope(self, organisation_id: int) -> Iterator[Scope]:
        """A scope in which the system acts: no vendor, no member. What it writes to people, it writes as the organisation's pages do."""
        with _working(organisation_id=organisation_id) as scope:
            yield scope

    @contextmanager
    def scope_of(self, member: Membership) -> Iterator[Scope]:
        """A scope in which a member acts, as behind the door of their pages: nothing is read for them that they may not see."""
        given = {"vendor_id": member.vendor_id, "actor_id": member.pk, "contracts": member.contracts}
        with _working(organisation_id=member.organisation_id, **given) as scope:
            yield scope


@contextmanager
def _working(**whose: Any) -> Iterator[Scope]:
    with (
        open_scope(**whose, request_id=uuid4().hex[:12], limits="work") as scope,
        formats.override(lambda: settings_in_scope().house.formats),
    ):
        yield scope


class Job(ScopedTask):
    """A task that is one transaction in one scope. `run` takes the organisation's id, and returns how much it did.

    `alone`: one worker at a time for an organisation; who finds it taken does nothing.
    """

    abstract = True
    alone = True

    def __call__(self, organisation_id: int) -> int:
        with self.scope(organisation_id):
            free = not self.alone or take_turn(self.name, organisation_id)
            return self.run(organisation_id) if free else 0


def take_turn(job: str, organisation_id: int) -> bool:
    """Take the organisation's turn at a job until the end of the transaction. False: somebody else has it, and is told.

    The holder may have read its input before the work was there that made us come; so whoever leaves asks for another run after
    theirs (`lib.wakeup`), and tries once more: either the turn is free by then, or its holder has not looked for the note yet.
    Nobody waits, so however much one organisation has to do, at most one worker stands at each of its jobs.
    """
    if _try_turn(job, organisation_id):
        return True
    leave_note(organisation_id)
    return _try_turn(job, organisation_id)


def _try_turn(job: str, organisation_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [job, organisation_id % 2**31])
        return bool(cursor.fetchone()[0])
