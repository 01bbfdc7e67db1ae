"""Whether all files are what was attached."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from files.actions import verify_files
from files.models import StoredFile
from files.registry import tables
from lib import clock
from organisations.models import Organisation
from organisations.scope import open_scope


class Command(BaseCommand):
    help = "Compare all files with what was attached. Exit 1 where any is missing, cut or altered; administrators are told."

    def handle(self, *args: Any, **options: Any) -> None:
        looked, damaged = 0, 0
        for organisation in Organisation.objects.order_by("pk"):
            for model in tables():
                compared, wrong = self._compare(organisation, model)
                looked, damaged = looked + compared, damaged + wrong
        if damaged:
            raise CommandError(f"{damaged} of {looked} files are not what was attached.")
        self.stdout.write(f"{looked} file{' is' if looked == 1 else 's are'} what was attached.")

    def _compare(self, organisation: Organisation, model: type[StoredFile]) -> tuple[int, int]:
        """How many files of a table there are, and how many are damaged; each of these in a line."""
        looked, damaged = 0, 0
        last: int | None = 0
        while last is not None:
            with open_scope(organisation_id=organisation.pk):
                found, count, last = verify_files(model, after=last, now=clock.database_now())
                looked, damaged = looked + count, damaged + len(found)
                for one in found:
                    said = f"{organisation.slug}, {one.row.place[0]}"
                    self.stderr.write(f"{said}: {one.row.name} is {one.what} ({one.row.stored_name})")
        return looked, damaged
