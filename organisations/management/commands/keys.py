"""The API keys of an organisation where the page cannot be reached: the list, and the end of one."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from lib import clock
from organisations.actions import revoke_key
from organisations.management.of_organisation import OrganisationCommand
from organisations.models import ApiKey


class Command(OrganisationCommand):
    help = "List the API keys of an organisation, or revoke one by its prefix: from the next call on it lets nobody in."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        acts = parser.add_subparsers(dest="what", required=True)
        acts.add_parser("list", help="prefix, name, scope, owner, vendor, state, last day, last used")
        acts.add_parser("revoke").add_argument("prefix", help="the eight letters after plb_")

    def act(self, options: dict[str, Any]) -> None:
        if options["what"] == "list":
            now = clock.database_now()
            self.table([self._row(key, now) for key in ApiKey.objects.listed()])
            return
        prefix = options["prefix"].removeprefix("plb_")[:8]
        key = ApiKey.objects.select_related("owner", "member", "vendor").filter(prefix=prefix).first()
        if key is None:
            raise CommandError(f"There is no key with the prefix {prefix}.")
        revoke_key(by=None, key=key, now=clock.database_now())
        self.stdout.write(f"{key.name} is revoked.")

    def _row(self, key: Any, now: datetime) -> tuple[Any, ...]:
        state = "revoked" if key.revoked_at else "ended" if key.expires_at <= now else "live"
        who = (key.owner.name, key.vendor and key.vendor.code)
        return (key.prefix, key.name, key.scope, *who, state, self.day(key.expires_at), self.day(key.last_used_at))
