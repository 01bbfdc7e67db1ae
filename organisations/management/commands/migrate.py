"""`migrate` as the owner, and then the walls."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections, transaction

from lib.postgres import describe_too_old, server_version
from organisations import row_security


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
        super().handle(*args, **options)
        if options["check_unapplied"] or options["plan"] or options["app_label"]:
            return
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            count = row_security.apply(cursor)
            left = row_security.drift(cursor)
        if options["verbosity"]:
            self.stdout.write(f"Walls: {count} statements." if count else "Walls: as they should be.")
        for difference in left:  # what only a person can decide about: a view, a function, a table without a model
            self.stderr.write(f"Walls: {difference}")
