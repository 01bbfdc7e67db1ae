"""Contract files into an organisation."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lib.errors import Refused
from lib.wakeup import wake_workers
from organisations.models import Organisation
from organisations.scope import open_scope
from slas.actions import contract_changes, import_contract


class Command(BaseCommand):
    help = "Import contract files (YAML or JSON). All are taken, or none: exit 1 with what is wrong with the first refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation", help="its address, as in /o/<organisation>/")
        parser.add_argument("files", nargs="+", type=Path, metavar="file")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation at /o/{options['organisation']}/.")
        with open_scope(organisation_id=organisation.pk):
            for path in options["files"]:
                self._import(path, options["dry_run"])
            if not options["dry_run"]:
                wake_workers(organisation.pk)

    def _import(self, path: Path, dry_run: bool) -> None:
        try:
            source = path.read_bytes()
            changes = contract_changes(by=None, source=source)
            if not dry_run:
                contract = import_contract(by=None, source=source)
        except OSError as missing:
            raise CommandError(f"{path}: {missing.strerror}") from missing
        except Refused as refused:
            said = refused.problems or [refused.sentence]
            raise CommandError("\n  ".join([f"{path}:", *map(str, said)])) from refused
        if dry_run:
            for change in changes:
                self.stdout.write(f"{change.path}: {change.was} -> {change.becomes}")
        self.stdout.write(
            f"{path}: {'would be ' if dry_run else ''}{_said(changes)}" + ("" if dry_run else f" ({contract})")
        )


def _said(changes: list[Any]) -> str:
    return f"imported, {len(changes)} changes" if changes else "imported; it says nothing new"
