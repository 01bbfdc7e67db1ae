"""Check an organisation's sealed trail."""

from typing import Any

from django.core.management.base import CommandError

from audit import actions
from organisations.management.of_organisation import OrganisationCommand


class Command(OrganisationCommand):
    help = "Compute the hashes of an organisation's trail again. Exit 1 where something was changed, removed or put in between."

    def act(self, options: dict[str, Any]) -> None:
        wrong, last = actions.verify(), actions.last_hash()
        if wrong:
            raise CommandError("\n".join(wrong), returncode=1)
        self.stdout.write(f"The trail is as it was sealed. Last hash: {last}")
