"""Whether all evidence is what was attached."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from measurements.actions import verify_evidence
from organisations.models import Organisation
from organisations.scope import open_scope


class Command(BaseCommand):
    help = "Compare all evidence with what was attached. Exit 1 where any is missing, cut or altered; administrators are told."

    def handle(self, *args: Any, **options: Any) -> None:
        looked, damaged = 0, 0
        for organisation in Organisation.objects.order_by("pk"):
            last: int | None = 0
            while last is not None:
                with open_scope(organisation_id=organisation.pk):
                    found, count, last = verify_evidence(after=last, now=timezone.now())
                    looked, damaged = looked + count, damaged + len(found)
                    for one in found:
                        said = f"{organisation.slug}, {one.evidence.submission.contract.reference}, {one.evidence.submission}"
                        self.stderr.write(f"{said}: {one.evidence.name} is {one.what} ({one.evidence.stored_name})")
        if damaged:
            raise CommandError(f"{damaged} of {looked} files are not what was attached.")
        self.stdout.write(f"{looked} files are what was attached.")
