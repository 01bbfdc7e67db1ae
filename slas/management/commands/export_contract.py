"""A contract of an organisation as a file."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.contract_file import write
from contracts.models import Contract
from lib.names import one_name
from organisations.models import Organisation
from organisations.scope import open_scope
from slas.actions import export_contract


class Command(BaseCommand):
    help = "Write a contract to standard output as a contract file. Importing it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation", help="its address, as in /o/<organisation>/")
        parser.add_argument("reference", help="the contract's reference")
        parser.add_argument("--format", choices=["yaml", "json"], default="yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation at /o/{options['organisation']}/.")
        with open_scope(organisation_id=organisation.pk):
            contract = Contract.objects.filter(reference=one_name(options["reference"])).first()
            if contract is None:
                raise CommandError(f"{organisation} has no contract with the reference {options['reference']}.")
            document = export_contract(by=None, contract=contract)
        if options["format"] == "yaml":
            self.stdout.write(write(document), ending="")
        else:
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
