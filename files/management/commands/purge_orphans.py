"""Files that belong to nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from files.actions import purge_orphans
from lib import clock
from organisations.models import Organisation
from organisations.scope import open_scope


class Command(BaseCommand):
    help = "Remove the files that failed or removed uploads left behind, once they are a day old. Harmless at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        gone = 0
        for organisation in Organisation.objects.order_by("pk"):
            with open_scope(organisation_id=organisation.pk):
                gone += purge_orphans(now=clock.database_now())
        self.stdout.write(f"Removed {gone} file{'' if gone == 1 else 's'}.")
