"""Compute every month's money again and compare it with the credit ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from credits.actions import contracts_to_verify, verify_share
from evaluation.pipeline import SHARE
from organisations.models import Organisation
from organisations.scope import open_scope


class Command(BaseCommand):
    help = "Compute every month's money again, from figures and terms, and compare it with the credit ledger. Exit 1 on a difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", help="only this organisation, by the name in its address")

    def handle(self, *args: Any, **options: Any) -> None:
        organisations = Organisation.objects.order_by("slug")
        if options["organisation"]:
            organisations = organisations.filter(slug=options["organisation"])
            if not organisations.exists():
                raise CommandError(f"There is no organisation at the address {options['organisation']}.", returncode=2)
        found: list[str] = []
        for organisation in organisations:
            months, waiting = 0, list[str]()
            with open_scope(organisation_id=organisation.pk):
                contracts = contracts_to_verify()
            for at in range(0, len(contracts), SHARE):
                with open_scope(organisation_id=organisation.pk):
                    share = verify_share(contracts[at : at + SHARE])
                months += share.months
                waiting += share.waiting
                found += [f"{organisation.slug}: {difference}" for difference in share.differences]
            self.stdout.write(f"{organisation.slug}: {months} months judged again.")
            for reference in waiting:
                self.stdout.write(
                    f"{organisation.slug}: {reference} has changes that are still to be judged; left out."
                )
        if found:
            raise CommandError("\n".join(found), returncode=1)
        self.stdout.write("The ledger agrees.")
