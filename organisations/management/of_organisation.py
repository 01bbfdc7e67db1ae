"""What commands about one organisation have in common: which one it is, its scope, and refusals as people read them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lib.errors import Refused
from lib.wakeup import wake_workers
from organisations.models import Organisation
from organisations.scope import open_scope


class OrganisationCommand(BaseCommand):
    """`--organisation SLUG`; `act` runs in its scope as the system. Whatever is refused is exit 1, and nothing is changed."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Organisation.objects.filter(slug=options["organisation"]).first()
        if found is None:
            raise CommandError(f"There is no organisation at the address {options['organisation']}.")
        try:
            with open_scope(organisation_id=found.pk, request_id="command"):
                self.act(options)
        except Refused as refused:
            raise CommandError(refused.sentence, returncode=1) from refused
        wake_workers(found.pk)

    def act(self, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def table(self, rows: list[tuple[Any, ...]]) -> None:
        """Columns with tabs between them, for eyes and for `cut`."""
        for row in rows:
            self.stdout.write("\t".join("-" if cell in (None, "") else str(cell) for cell in row))

    @staticmethod
    def day(moment: Any) -> str:
        return f"{timezone.localtime(moment):%Y-%m-%d}" if moment else ""
