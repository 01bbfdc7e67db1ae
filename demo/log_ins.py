"""Who can sign in to the demo and finds something to do there: the client's people, and of the vendors those with figures due."""

import json
from datetime import date, datetime, time
from pathlib import Path

from django.utils import timezone
from django.utils.text import slugify

from contracts.models import Contract
from demo.people import CLIENTS_LOG_INS, PEOPLE, LogIn, Person
from lib import months
from measurements.querysets import month_states
from organisations.models import Organisation, Vendor
from organisations.rules import Role
from organisations.scope import open_scope

LOOKED_BACK = 6  # months in which something may still be owed
TO_DO = {"late", "returned", "due"}


def write(path: Path, today: date) -> None:
    """Keep them where the demo's supervisor, which does without Django, finds them (`demo.people.log_ins`)."""
    path.write_text(json.dumps(log_ins(today)))


def log_ins(today: date) -> list[LogIn]:
    """Who, e-mail address, password. Where no vendor owes any figures, the managers of all."""
    vendors = [(person, *_owed(person, today)) for person in PEOPLE if person.vendor]
    busy = [one for one in vendors if one[2]]
    idle = [one for one in vendors if one[0].role == Role.VENDOR_MANAGER]
    return [*CLIENTS_LOG_INS, *(_log_in(*one) for one in busy or idle)]


def _owed(person: Person, today: date) -> tuple[str, int]:
    """The vendor's name, and how many months of figures it has still to report to this client."""
    organisation = Organisation.objects.get(slug=slugify(person.organisation))
    with open_scope(organisation_id=organisation.pk):
        vendor = Vendor.objects.get(code=person.vendor)
        contracts = list(Contract.objects.filter(vendor=vendor))
        looked_at = [months.after(today.replace(day=1), -back) for back in range(LOOKED_BACK, -1, -1)]
        noon = datetime.combine(today, time(12), timezone.get_default_timezone())
        states = month_states(contracts, looked_at, noon)
    return vendor.name, sum(state.state in TO_DO for state in states.values())


def _log_in(person: Person, vendor: str, owed: int) -> LogIn:
    role = "manager" if person.role == Role.VENDOR_MANAGER else "reporter"
    due = f": {owed} month{'s' if owed > 1 else ''} to report" if owed else ""
    return f"{person.name.split()[0]}, {role} of {vendor} for {person.organisation}{due}", person.email, person.password
