"""The demo's data into the database, by the product's own actions: what each person would have done, in their place."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connections, transaction
from django.utils import timezone
from django.utils.text import slugify

from breaches.actions import acknowledge
from breaches.models import Breach
from config.tasks import STEPS, ask_for_delivery
from contracts.models import Contract
from demo.figures import Noise, Row, Submission, contract_files, figures, write_csv
from demo.people import ORGANISATIONS, PASSWORD, PEOPLE
from demo.stories import PLOTS
from measurements.actions import accept, import_figures
from measurements.models import Submission as StoredSubmission
from measurements.rules import Status
from organisations.actions import add_member, create_organisation, create_user
from organisations.models import Membership, Organisation, User, Vendor
from organisations.rules import Role
from organisations.scope import open_scope
from slas.actions import import_contract

Say = Callable[[str], object]
# Months older than this came in with the contract, in one file; later ones month by month, from the vendor.
HISTORY_AGE = 6
FRIDAY = 4
FOUND_AFTER = timedelta(days=70)  # a mistake is found in the next quarter's reconciliation


def load(today: date | None = None, say: Say = print) -> bool:
    """Load both organisations with people, contracts and figures, and judge them. False: they are there already.

    ``today`` (default: the current day) is the day up to which the stories are told. A load that was interrupted goes
    on where it was: each step is written as a whole or not at all.
    """
    now = _noon(today) if today else timezone.now()
    if not Organisation.objects.filter(slug__in=map(slugify, ORGANISATIONS)).exists():
        with transaction.atomic():
            users = _users()
            for name in ORGANISATIONS:
                client = _Client(create_organisation(name=name, slug=slugify(name)), now)
                client.settle_in(users)
                say(f"{name}: {len(client.contracts)} contracts, {client.report(1)} months of figures")
    clients = [_Client(found, now) for found in Organisation.objects.filter(slug__in=map(slugify, ORGANISATIONS))]
    if all(client.finished for client in clients):
        return False
    for client in clients:
        client.catch_up()
    with transaction.atomic():
        for client in clients:
            client.report(2)
    for client in clients:
        client.catch_up()
        client.acknowledge_old_breaches()
    return True


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), timezone.get_default_timezone())


def _users() -> dict[str, User]:
    """Everybody who signs in, by e-mail address. They share the password, and its hash: hashing is slow by design."""
    names = {person.email: person.name for person in PEOPLE}
    users = {email: create_user(email=email, name=name, password=None) for email, name in names.items()}
    User.objects.filter(email__in=users).update(password=make_password(PASSWORD))
    return users


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _file(rows: Iterable[Row]) -> bytes:
    written = io.StringIO()
    write_csv(list(rows), written)
    return written.getvalue().encode()


@dataclass
class _Client:
    """One organisation on its way through the demo's years."""

    organisation: Organisation
    now: datetime
    staff: dict[str, Membership] = field(default_factory=dict)
    reporters: dict[int, Membership] = field(default_factory=dict)  # by vendor: who sends its figures
    contracts: list[Contract] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._meet()

    def _meet(self) -> None:
        with open_scope(organisation_id=self.organisation.pk):
            # Contracts that somebody who tries the demo has brought in have no story here.
            ours = Contract.objects.filter(reference__in=ORGANISATIONS[self.organisation.name])
            self.contracts = list(ours.select_related("vendor").order_by("reference"))
            # Where a vendor has a manager and a reporter, the reporter comes last and is the one who sends.
            for member in Membership.objects.people().select_related("organisation").order_by("role"):
                if member.vendor_id is None:
                    self.staff[member.role] = member
                else:
                    self.reporters[member.vendor_id] = member

    @property
    def finished(self) -> bool:
        """Whether every contract with a correction in its story has one. Which month, time has moved on since the first load."""
        wanted = {c.pk for c in self._corrected() if any(one["revision"] == 2 for one in self._told(c))}
        with open_scope(organisation_id=self.organisation.pk):
            there = StoredSubmission.objects.filter(revision=2, contract_id__in=wanted).values_list(
                "contract_id", flat=True
            )
            return bool(self.contracts) and wanted == set(there)

    def _told(self, contract: Contract) -> list[Submission]:
        return figures(contract.reference, self.now.date())

    def _corrected(self) -> list[Contract]:
        return [contract for contract in self.contracts if PLOTS[contract.reference].corrections]

    def settle_in(self, users: dict[str, User]) -> None:
        """The client's people, their contracts, and the vendors' people."""
        mine = [person for person in PEOPLE if person.organisation == self.organisation.name]
        with open_scope(organisation_id=self.organisation.pk):
            staff = {p.role: add_member(by=None, user=users[p.email], role=p.role) for p in mine if not p.vendor}
        procurement, administrator = staff[Role.PROCUREMENT], staff[Role.ADMINISTRATOR]
        with open_scope(organisation_id=self.organisation.pk, actor_id=procurement.pk):
            for reference in ORGANISATIONS[self.organisation.name]:
                source = contract_files()[reference].read_bytes()
                import_contract(by=procurement, source=source, today=self.now.date())
        with open_scope(organisation_id=self.organisation.pk, actor_id=administrator.pk):
            vendors = {vendor.code: vendor for vendor in Vendor.objects.all()}
            for person in mine:
                if person.vendor:
                    user, vendor = users[person.email], vendors[person.vendor]
                    add_member(by=administrator, user=user, role=person.role, vendor=vendor)
        self._meet()

    def report(self, revision: int) -> int:
        """All first reports, or all corrections: sent by the vendors, decided on by the client. Returns how many."""
        count = 0
        begin = (self.now.date().replace(day=1) - timedelta(days=30 * HISTORY_AGE)).replace(day=1)
        for contract in self.contracts if revision == 1 else self._corrected():
            told = [one for one in self._told(contract) if one["revision"] == revision and one["rows"]]
            history = [one for one in told if _first_day(one["month"]) < begin]
            if history:
                self._bring_in(contract, history)
            self._exchange(contract, [one for one in told if one not in history])
            count += len(told)
        return count

    def _bring_in(self, contract: Contract, history: list[Submission]) -> None:
        """What was reported and accepted before the contract was kept here."""
        with open_scope(organisation_id=self.organisation.pk):
            import_figures(
                by=None,
                contract=contract,
                source=_file(row for one in history for row in one["rows"]),
                filename=f"{contract.reference.lower()}-until-{history[-1]['month']}.csv",
                reason="; ".join(one["reason"] for one in history if one["reason"]),
                accept=True,
                now=self._moments(contract, history[-1])[1],
            )

    def _exchange(self, contract: Contract, told: list[Submission]) -> None:
        reporter, manager = self.reporters[contract.vendor_id], self.staff[Role.ACCOUNT_MANAGER]
        moments = {_first_day(one["month"]): self._moments(contract, one) for one in told}
        with open_scope(organisation_id=self.organisation.pk, vendor_id=contract.vendor_id, actor_id=reporter.pk):
            for one in told:
                import_figures(
                    by=reporter,
                    contract=contract,
                    source=_file(one["rows"]),
                    filename=f"{contract.reference.lower()}-{one['month']}.csv",
                    reason=one["reason"],
                    submit=one["status"] != Status.DRAFT,
                    now=moments[_first_day(one["month"])][0],
                )
        accepted = [_first_day(one["month"]) for one in told if one["status"] == Status.ACCEPTED]
        with open_scope(organisation_id=self.organisation.pk, actor_id=manager.pk):
            waiting = StoredSubmission.objects.filter(contract=contract, status=Status.SUBMITTED, month__in=accepted)
            for submission in waiting.select_related("contract").order_by("month"):
                accept(by=manager, submission=submission, now=moments[submission.month][1])

    def _moments(self, contract: Contract, one: Submission) -> tuple[datetime, datetime]:
        """When a month's figures were sent, and when they were decided on: around their due day, and not after now."""
        noise = Noise(contract.reference, one["month"], str(one["revision"]))
        end = (_first_day(one["month"]) + timedelta(days=31)).replace(day=1)
        # Working days to calendar days, less a day or two; who is late is late from the due day on.
        days = contract.report_due * 7 // 5 + (one["days_late"] or -2 - int(2 * noise.uniform("days")))
        day = end + timedelta(days=days) + (FOUND_AFTER if one["revision"] == 2 else timedelta(0))
        day -= timedelta(days=max(0, day.weekday() - FRIDAY))
        decided = day + timedelta(days=1 if day.weekday() < FRIDAY else 3)

        def at(when: date, about: str) -> datetime:
            hour = datetime.combine(when, time(8, 30), ZoneInfo(contract.timezone))
            return hour + timedelta(minutes=int(480 * noise.uniform(about)))

        latest = self.now - timedelta(hours=1)
        return min(at(day, "sent"), latest - timedelta(hours=3)), min(at(decided, "decided"), latest)

    def catch_up(self) -> None:
        """Judge, score and open breaches as the workers would; the letters are left to them.

        Nobody has counted the new rows yet, and without statistics the planner takes the tables for empty.
        """
        owner = connections["owner"]
        with owner.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(map(owner.ops.quote_name, owner.introspection.django_table_names()))}")
        for step in STEPS:
            if step is not ask_for_delivery:
                step(self.organisation.pk)

    def acknowledge_old_breaches(self) -> None:
        """The account manager has seen what the month before last brought; the last month's breaches are news."""
        manager = self.staff[Role.ACCOUNT_MANAGER]
        last = (self.now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
        with open_scope(organisation_id=self.organisation.pk, actor_id=manager.pk):
            seen = Breach.objects.unacknowledged().filter(month__lt=last).select_related("vendor").order_by("pk")
            for breach in seen:
                acknowledge(by=manager, breach=breach, note=f"Raised with {breach.vendor.name} at the service review.")
