"""Everything that lies encrypted, put under the first of ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from lib.encryption import KeyMissing
from notifications.actions import rotate_letters
from organisations.second_factors import rotate_seeds


class Command(BaseCommand):
    help = "Put second factors' seeds and waiting letters under the first of ENCRYPTION_KEYS; then the old keys can go."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seeds, letters = rotate_seeds(), rotate_letters()
        except KeyMissing as missing:
            raise CommandError(f"{missing} Nothing was changed.") from missing
        self.stdout.write(f"{seeds} second factors and {letters} letters are under the first key.")
