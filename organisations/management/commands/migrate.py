"""`migrate` as the owner, and then the walls."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from lib.postgres import describe_too_old, server_version
from lib.short_locks import PAUSE, short_locks, try_patiently
from organisations import login_limits, row_security, wall_building

# What an index is called that CREATE INDEX CONCURRENTLY has left behind when it was broken off.
BROKEN_OFF = """SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace"""


class Command(migrate.Command):
    help = "Migrate as the owner of the database, then bring roles, row security, keys and triggers into line with the models."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        connection.ensure_connection()
        if too_old := describe_too_old(server_version(connection)):
            raise CommandError(f"{too_old}. Nothing was changed.")
        migrate_all = super().handle
        if options["check_unapplied"] or options["plan"]:
            migrate_all(*args, **options)
            return
        with alone(connection), short_locks(connection), connection.cursor() as cursor:
            _drop_broken_off(cursor)
            # A migration that does not get its lock is undone whole, and the next try goes on with it.
            try_patiently(connection, lambda: migrate_all(*args, **options))
            if options["app_label"]:
                return
            count = wall_building.apply(cursor)
            login_limits.apply(cursor)
            left = [*row_security.drift(cursor), *login_limits.missing(cursor)]
        if options["verbosity"]:
            self.stdout.write(f"Walls: {count} statements." if count else "Walls: as they should be.")
        for (
            difference
        ) in left:  # what only a person can do: about a view, a function, a table without a model, a role of another's
            self.stderr.write(f"Walls: {difference}")


@contextmanager
def alone(connection: Any) -> Iterator[None]:
    """One `migrate` at a time. Asked again and again, not waited for: a statement that waits would hold up what is built CONCURRENTLY."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('plumbline_migrate'))")
            if cursor.fetchone()[0]:
                break
            time.sleep(PAUSE)
        try:
            yield
        finally:
            if connection.is_usable():
                cursor.execute("SELECT pg_advisory_unlock(hashtext('plumbline_migrate'))")


def _drop_broken_off(cursor: Any) -> None:
    cursor.execute(BROKEN_OFF)
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
