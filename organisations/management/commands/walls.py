"""Say where the database differs from the walls that the models want."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from organisations import login_limits, row_security


class Command(BaseCommand):
    help = "Compare roles, row security, keys and triggers with the models. Exit 1 where they differ."

    def handle(self, *args: Any, **options: Any) -> None:
        with connections["owner"].cursor() as cursor:
            differences = row_security.drift(cursor)
            differences += [f"role without its limits; run: {statement}" for statement in login_limits.missing(cursor)]
        if differences:
            raise CommandError("\n".join(differences), returncode=1)
        self.stdout.write("No drift.")
