"""A figures file into a contract of an organisation."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.models import Contract
from lib.errors import Refused
from lib.names import one_name
from lib.wakeup import wake_workers
from measurements.actions import import_figures
from organisations.models import Organisation
from organisations.scope import open_scope


class Command(BaseCommand):
    help = "Import a figures file (CSV or XLSX). The whole file is taken, or nothing: exit 1 with all that is wrong with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation", help="its address, as in /o/<organisation>/")
        parser.add_argument("reference", help="the contract's reference")
        parser.add_argument("file", type=Path)
        parser.add_argument("--reason", default="", help="why figures that are accepted already are corrected")
        then = parser.add_mutually_exclusive_group()
        then.add_argument("--submit", action="store_true", help="submit the figures for a decision")
        then.add_argument("--accept", action="store_true", help="accept the figures at once, to bring in history")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation at /o/{options['organisation']}/.")
        with open_scope(organisation_id=organisation.pk):
            contract = Contract.objects.filter(reference=one_name(options["reference"])).first()
            if contract is None:
                raise CommandError(f"{organisation} has no contract with the reference {options['reference']}.")
            self._import(contract, options)
            wake_workers(organisation.pk)

    def _import(self, contract: Contract, options: dict[str, Any]) -> None:
        path = options["file"]
        choice = {name: options[name] for name in ("reason", "submit", "accept")}
        try:
            submissions = import_figures(
                by=None, contract=contract, source=path.read_bytes(), filename=path.name, **choice
            )
        except OSError as missing:
            raise CommandError(f"{path}: {missing.strerror}") from missing
        except Refused as refused:
            said = refused.problems or [refused.sentence]
            raise CommandError("\n  ".join([f"{path}:", *map(str, said)])) from refused
        for submission in submissions:
            self.stdout.write(f"{contract.reference}, {submission}: {submission.get_status_display().lower()}")
