"""How the work in the background stands, as the administrators' page shows it: where no page can be reached."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboards.pages.administration import background
from dashboards.querysets.administration import needs_administrator, state_of_organisation
from lib import clock
from organisations import heartbeats
from organisations.models import Organisation
from organisations.scope import open_scope

BEATS = {"tick": "beat", "mail": "letters' workers", "night": "nightly work"}


class Command(BaseCommand):
    help = (
        "Say when beat and the workers of letters were last heard of, and of each organisation what waits, since when, and what was "
        "given up. Exit 1 where work is late or fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", metavar="SLUG", help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        ages = heartbeats.ages()
        for name, words in BEATS.items():
            said = f"{round(ages[name])} seconds ago" if name in ages else "never"
            self.stdout.write(f"{words}: heard of {said}")
        found = Organisation.objects.order_by("slug")
        if options["organisation"]:
            found = found.filter(slug=options["organisation"])
            if not found:
                raise CommandError(f"There is no organisation at the address {options['organisation']}.")
        late = [one.slug for one in list(found) if self._tell(one)]
        if late:
            raise CommandError(f"Late or failing: {', '.join(late)}", returncode=1)

    def _tell(self, organisation: Organisation) -> bool:
        """Whether its work is late."""
        now = clock.database_now()
        with open_scope(organisation_id=organisation.pk):
            state = state_of_organisation(now)
            work, needed = background(state, now), needs_administrator(now)
        self.stdout.write(f"\n{organisation.name} (/o/{organisation.slug}/)")
        for what, (words, since, late) in work["rows"].items():
            age = f", for {round((now - since).total_seconds() / 60)} minutes" if since else ""
            self.stdout.write(f"  {what}: {words}{age}{' (late)' if late else ''}")
        self.stdout.write(f"  Letters given up: {state.letters_lost}; sent in 7 days: {state.letters_sent}")
        self.stdout.write(f"  Open invitations: {state.invitations}; without second factor: {state.without_factor}")
        for one in needed:
            self.stdout.write(f"  {one.kind}: {one.name}{f' ({one.more})' if one.more else ''}")
        return bool(work["late"])
