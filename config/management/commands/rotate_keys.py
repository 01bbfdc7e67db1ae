"""Everything that lies encrypted or is signed, put under the first of ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.actions import sign_again
from lib import clock
from lib.encryption import KeyMissing
from notifications.actions import rotate_letters
from organisations.models import Organisation
from organisations.scope import open_scope
from organisations.second_factors import rotate_seeds


class Command(BaseCommand):
    help = (
        "Put second factors' seeds and waiting letters under the first of ENCRYPTION_KEYS, and sign checkpoints of trails with it; "
        "then the old keys can go."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seeds, letters = rotate_seeds(), rotate_letters()
        except KeyMissing as missing:
            raise CommandError(f"{missing} Nothing was changed.") from missing
        checkpoints = 0
        for organisation_id in list(Organisation.objects.order_by("pk").values_list("pk", flat=True)):
            with open_scope(organisation_id=organisation_id):
                checkpoints += sign_again(now=clock.database_now())
        self.stdout.write(f"{seeds} second factors and {letters} letters are under the first key.")
        self.stdout.write(f"{checkpoints} checkpoints of trails are signed with it.")
