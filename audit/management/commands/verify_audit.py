"""Check an organisation's sealed trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import actions
from organisations.models import Organisation
from organisations.scope import open_scope


class Command(BaseCommand):
    help = "Compute the hashes of an organisation's trail again. Exit 1 where something was changed, removed or put in between."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation at the address {options['organisation']}.")
        with open_scope(organisation_id=organisation.pk):
            wrong, last = actions.verify(), actions.last_hash()
        if wrong:
            raise CommandError("\n".join(wrong), returncode=1)
        self.stdout.write(f"The trail is as it was sealed. Last hash: {last}")
