"""Letters that were given up, sent again."""

from typing import Any

from lib import clock
from notifications.actions import retry_letters
from organisations.management.of_organisation import OrganisationCommand


class Command(OrganisationCommand):
    help = "Send letters of an organisation again that were given up, once what kept them is mended."

    def act(self, options: dict[str, Any]) -> None:
        count = retry_letters(by=None, now=clock.database_now())
        self.stdout.write(f"{count} letter{'' if count == 1 else 's'} will be sent again.")
