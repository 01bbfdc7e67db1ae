"""The demo's data into the database, by the product's own actions: what each person would have done, in their place."""

import io
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connections, transaction
from django.utils import timezone
from django.utils.text import slugify

from breaches.actions import acknowledge
from breaches.models import Breach
from config.tasks import alert, judge, open_breaches, post, score, seal
from contracts.actions import Absence, assign_owner
from contracts.models import Contract, Owner, Period
from contracts.rules import Duty
from demo.clock import standing_at
from demo.figures import Noise, Row, Submission, contract_files, figures, write_csv
from demo.people import FILED, ORGANISATIONS, PASSWORD, PEOPLE
from demo.publishing import answer, publish_months
from lib import months
from lib.templatetags.dates import month_name
from measurements.actions import accept, import_figures
from measurements.actions.answers import Unanswered
from measurements.models import Submission as StoredSubmission
from measurements.rules import Status
from notifications.actions import deliver, mark_all_read
from notifications.models import Notification
from organisations.actions import add_member, create_organisation, create_user, edit_vendor
from organisations.models import Membership, Organisation, User, Vendor
from organisations.rules import Filed, Role
from organisations.scope import open_scope
from slas.actions import import_contract

Say = Callable[[str], object]
# Clients have kept their contracts here for so many months. What was reported before came in with the contract, in one file.
HISTORY_AGE = 6
FRIDAY = 4
ANSWERS = (
    "Counted once more from the tickets of the month; the figures are right.",
    "Checked with the service desk: nothing is missing, and nothing is counted twice.",
    "The work of the month was as uneven as it looks; the records are attached to the service review.",
)
FOUND_AFTER = timedelta(days=70)  # a mistake is found in the next quarter's reconciliation
JUDGED_AFTER = timedelta(minutes=1)  # an acceptance
DAY = (judge, score, open_breaches, alert)
# By their address: whoever tries the demo may call an organisation otherwise.
REFERENCES = {slugify(name): references for name, references in ORGANISATIONS.items()}


def load(today: date | None = None, say: Say = print) -> bool:
    """Load both organisations with people, contracts and figures, and judge them. False: they are there already.

    ``today`` (default: the current day) is the day up to which the stories are told, day by day, each act at its time; see `told_until`.
    A load that was interrupted goes on where it was: each act is written as a whole or not at all. ``say`` is told how far it is.
    """
    now = told_until(_noon(today) if today else timezone.now())
    found = Organisation.objects.filter(slug__in=REFERENCES)
    if not found.exists():
        _settle(now, say)
    clients = [_Client(client, now) for client in found.order_by("pk")]
    if all(client.finished for client in clients):
        return False
    for client in clients:
        client.tell(say)
    return True


def _settle(now: datetime, say: Say) -> None:
    """Both organisations on their first day here: people, contracts, and what was reported before."""
    first_day = _noon(months.after(now.date().replace(day=1), -HISTORY_AGE))
    with transaction.atomic(), standing_at(first_day):
        users = _users()
        for name in ORGANISATIONS:
            client = _Client(create_organisation(name=name, slug=slugify(name)), now)
            client.settle_in(users)
            count = sum(client.bring_in(contract) for contract in client.contracts)
            say(f"{name}: {len(client.contracts)} contracts, {count} months of figures from before")


def told_until(now: datetime) -> datetime:
    """On the first morning of a month, the evening before: to the west the old month still runs, and nobody can have reported it."""
    begun = _noon(now.date().replace(day=1))
    return now if now >= begun else begun - timedelta(hours=12, seconds=1)


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


def _noted(rows: Iterable[Row], lines: Collection[int | None]) -> list[Row]:
    """With a note in the lines of a file that something is asked about, as its reporter would answer."""
    return [
        row | {"note": ANSWERS[line % len(ANSWERS)]} if line in lines else row
        for line, row in enumerate(rows, start=2)  # after the header
    ]


@dataclass
class _Client:
    """One organisation on its way through the demo's years."""

    organisation: Organisation
    now: datetime
    staff: dict[str, Membership] = field(default_factory=dict)
    reporters: dict[int, Membership] = field(default_factory=dict)  # by vendor: who sends its figures
    managers: dict[int, Membership] = field(default_factory=dict)  # by vendor: who answers for it
    contracts: list[Contract] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._meet()

    def _meet(self) -> None:
        with open_scope(organisation_id=self.organisation.pk):
            # Contracts that somebody who tries the demo has brought in have no story here.
            ours = Contract.objects.filter(reference__in=REFERENCES[self.organisation.slug])
            self.contracts = list(ours.select_related("vendor").order_by("reference"))
            # Where a vendor has a manager and a reporter, the reporter comes last and is the one who sends.
            for member in Membership.objects.people().select_related("organisation").order_by("role"):
                if member.vendor_id is None:
                    self.staff[member.role] = member
                else:
                    self.reporters[member.vendor_id] = member
                    if member.role == Role.VENDOR_MANAGER:
                        self.managers[member.vendor_id] = member

    @property
    def finished(self) -> bool:
        """Whether all months that had ended when the load began have their figures. Time has moved on since."""
        wanted = {
            (contract.pk, _first_day(one["month"]), one["revision"])
            for contract in self.contracts
            for one in self._told(contract)
            if one["rows"] and _first_day(one["month"]) < months.after(self.first_month, HISTORY_AGE)
        }
        return bool(self.contracts) and wanted <= self._there()

    def _there(self) -> set[tuple[int, date, int]]:
        """Contract, month and revision of every submission."""
        with open_scope(organisation_id=self.organisation.pk):
            return set(StoredSubmission.objects.values_list("contract_id", "month", "revision"))

    @property
    def first_month(self) -> date:
        """The month in which the client began to keep contracts here."""
        return self.organisation.created_at.date().replace(day=1)

    def _told(self, contract: Contract) -> list[Submission]:
        """What has been reported since then, up to now or to the end of the month in which the load began."""
        end = months.after(self.first_month, HISTORY_AGE + 1) - timedelta(days=1)
        told = figures(contract.reference, min(self.now.date(), end))
        return [one for one in told if _first_day(one["month"]) >= self.first_month]

    def settle_in(self, users: dict[str, User]) -> None:
        """The client's people, their contracts, and the vendors' people."""
        mine = [person for person in PEOPLE if person.organisation == self.organisation.name]
        with open_scope(organisation_id=self.organisation.pk):
            staff = {p.role: add_member(by=None, user=users[p.email], role=p.role) for p in mine if not p.vendor}
        procurement, administrator = staff[Role.PROCUREMENT], staff[Role.ADMINISTRATOR]
        with open_scope(organisation_id=self.organisation.pk, actor_id=procurement.pk):
            for reference in REFERENCES[self.organisation.slug]:
                source = contract_files()[reference].read_bytes()
                import_contract(by=procurement, source=source, today=self.first_month)
        with open_scope(organisation_id=self.organisation.pk, actor_id=administrator.pk):
            vendors = {vendor.code: vendor for vendor in Vendor.objects.all()}
            for person in mine:
                if person.vendor:
                    user, vendor = users[person.email], vendors[person.vendor]
                    add_member(by=administrator, user=user, role=person.role, vendor=vendor)
            for vendor in vendors.values():
                given = {"code": vendor.code, "name": vendor.name, "identifiers": {}, "version": vendor.version}
                edit_vendor(by=administrator, vendor=vendor, filed=Filed(*FILED[vendor.code]), **given)
        self._meet()
        self._put_in_charge(procurement)

    def _put_in_charge(self, procurement: Membership) -> None:
        """Of each contract the account manager, procurement, and the vendor's manager as its contact."""
        with open_scope(organisation_id=self.organisation.pk, actor_id=procurement.pk):
            managers = {one.vendor_id: one for one in Membership.objects.filter(role=Role.VENDOR_MANAGER)}
            for contract in self.contracts:
                people = {
                    Duty.ACCOUNT_MANAGER: self.staff[Role.ACCOUNT_MANAGER],
                    Duty.PROCUREMENT: self.staff[Role.PROCUREMENT],
                    Duty.VENDOR_CONTACT: managers[contract.vendor_id],
                }
                for duty, member in people.items():
                    assign_owner(by=procurement, contract=contract, duty=duty, member=member, now=timezone.now())

    def _send_on_holiday(self) -> None:
        """Where a vendor has a reporter, too, its contact is away next week, and the reporter stands in."""
        procurement = self.staff[Role.PROCUREMENT]
        begins = self.now.date() + timedelta(days=3)
        with standing_at(self.now), open_scope(organisation_id=self.organisation.pk, actor_id=procurement.pk):
            for owner in Owner.objects.filter(duty=Duty.VENDOR_CONTACT, is_deputy=False).select_related("contract"):
                stands_in = self.reporters[owner.vendor_id]
                if stands_in.pk != owner.member_id:
                    away = Absence(stands_in, begins, begins + timedelta(days=7))
                    assign_owner(
                        by=procurement,
                        contract=owner.contract,
                        duty=owner.duty,
                        member=Membership.objects.get(pk=owner.member_id),
                        absence=away,
                        now=self.now,
                    )

    def bring_in(self, contract: Contract) -> int:
        """What was reported and accepted before the contract was kept here. Returns of how many months."""
        told = [
            one for one in figures(contract.reference, self.now.date()) if _first_day(one["month"]) < self.first_month
        ]
        history = [one for one in told if one["rows"]]
        if history:
            with open_scope(organisation_id=self.organisation.pk):
                import_figures(
                    by=None,
                    contract=contract,
                    source=_file(row for one in history for row in one["rows"]),
                    filename=f"{contract.reference.lower()}-until-{history[-1]['month']}.csv",
                    reason="; ".join(one["reason"] for one in history if one["reason"]),
                    accept=True,
                )
        return len(history)

    def tell(self, say: Say) -> None:
        """All that has happened since the client came, day by day, and what the workers made of it each time."""
        say(f"{self.organisation.name}: results of earlier months")
        self._count_rows()
        self._catch_up(self.organisation.created_at)
        self._publish(self.organisation.created_at)
        there = self._there()
        for month, of_the_month in groupby(self._acts(), key=lambda act: act.at.date().replace(day=1)):
            say(f"{self.organisation.name}: {month_name(month)}")
            for day, of_the_day in groupby(of_the_month, key=lambda act: act.at.date()):
                self._acknowledge(_noon(day))
                last = [self._do(act, there) for act in of_the_day][-1] + JUDGED_AFTER
                self._catch_up(min(last, self.now))
            self._publish(min(last, self.now))
            self._end_month(min(last, self.now))
        self._read_notices()
        self._acknowledge(self.now)
        self._send_on_holiday()
        self._count_rows()
        self._catch_up(self.now, (*DAY, post, seal))

    @cached_property
    def _due_days(self) -> dict[int, dict[date, date]]:
        """By contract and month: the last day on which any of the month's figures are due."""
        days: dict[int, dict[date, date]] = defaultdict(dict)
        with open_scope(organisation_id=self.organisation.pk):
            for period in Period.objects.filter(contract__in=self.contracts).order_by("due_on"):
                days[period.contract_id][period.month] = period.due_on
        return days

    def _acts(self) -> list["_Act"]:
        """Each month's figures sent, and those that were decided on accepted, in the order of time."""
        acts = []
        for contract in self.contracts:
            for one in self._told(contract):
                sent, decided = self._moments(contract, one)
                if one["rows"]:
                    acts.append(_Act(sent, self._send, contract, one))
                if one["rows"] and one["status"] == Status.ACCEPTED:
                    acts.append(_Act(decided, self._accept, contract, one))
        return sorted(acts, key=lambda act: act.at)

    def _do(self, act: "_Act", there: set[tuple[int, date, int]]) -> datetime:
        key = (act.contract.pk, _first_day(act.one["month"]), act.one["revision"])
        if act.what != self._send or key not in there:
            with standing_at(act.at):
                act.what(act.contract, act.one)
        return act.at

    def _send(self, contract: Contract, one: Submission) -> None:
        reporter = self.reporters[contract.vendor_id]
        with open_scope(organisation_id=self.organisation.pk, vendor_id=contract.vendor_id, actor_id=reporter.pk):
            try:
                self._import(reporter, contract, one, one["rows"])
            except Unanswered as asked:
                lines = {problem.line for problem in asked.problems}
                self._import(reporter, contract, one, _noted(one["rows"], lines))

    def _import(self, reporter: Membership, contract: Contract, one: Submission, rows: Iterable[Row]) -> None:
        import_figures(
            by=reporter,
            contract=contract,
            source=_file(rows),
            filename=f"{contract.reference.lower()}-{one['month']}.csv",
            reason=one["reason"],
            submit=one["status"] != Status.DRAFT,
        )

    def _accept(self, contract: Contract, one: Submission) -> None:
        manager = self.staff[Role.ACCOUNT_MANAGER]
        with open_scope(organisation_id=self.organisation.pk, actor_id=manager.pk):
            waiting = StoredSubmission.objects.filter(
                contract=contract, status=Status.SUBMITTED, month=_first_day(one["month"]), revision=one["revision"]
            )
            for submission in waiting.select_related("contract"):
                accept(by=manager, submission=submission)

    def _moments(self, contract: Contract, one: Submission) -> tuple[datetime, datetime]:
        """When a month's figures were sent, and when they were decided on: around their due day, and not after now."""
        noise = Noise(contract.reference, one["month"], str(one["revision"]))
        due = self._due_days[contract.pk].get(_first_day(one["month"]), self.now.date())
        day = due + timedelta(days=one["days_late"] or -2 - int(2 * noise.uniform("days")))
        day += FOUND_AFTER if one["revision"] == 2 else timedelta(0)
        day -= timedelta(days=max(0, day.weekday() - FRIDAY))
        decided = day + timedelta(days=1 if day.weekday() < FRIDAY else 3)

        def at(when: date, about: str) -> datetime:
            hour = datetime.combine(when, time(8, 30), ZoneInfo(contract.timezone))
            return hour + timedelta(minutes=int(480 * noise.uniform(about)))

        latest = self.now - timedelta(hours=1)
        return min(at(day, "sent"), latest - timedelta(hours=3)), min(at(decided, "decided"), latest)

    def _count_rows(self) -> None:
        """Nobody has counted the new rows yet, and without statistics the planner takes the tables for empty."""
        owner = connections["owner"]
        with owner.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(map(owner.ops.quote_name, owner.introspection.django_table_names()))}")

    def _catch_up(self, at: datetime, steps: Iterable[Callable[[int], object]] = DAY) -> None:
        """What the workers would have done then."""
        with standing_at(at):
            for step in steps:
                step(self.organisation.pk)

    def _publish(self, at: datetime) -> None:
        """What is complete, but of the last month nothing yet: its meeting is still to come."""
        last, manager = months.after(self.now.date().replace(day=1), -2), self.staff[Role.ACCOUNT_MANAGER]
        answer(publish_months(self.contracts, last, manager=manager, at=at), self.managers, self.now)

    def _end_month(self, at: datetime) -> None:
        """The credits of a month, and the letters about it, which cost more than all else and whose day matters least."""
        self._catch_up(at, (post, alert))
        with standing_at(at):
            deliver(scope=lambda: open_scope(organisation_id=self.organisation.pk), clock=lambda: at)

    def _acknowledge(self, at: datetime) -> None:
        """The account manager has seen what the month before last brought; the last month's breaches are news."""
        manager = self.staff[Role.ACCOUNT_MANAGER]
        with standing_at(at), open_scope(organisation_id=self.organisation.pk, actor_id=manager.pk):
            last = months.after(self.now.date().replace(day=1), -1)
            seen = Breach.objects.unacknowledged().filter(month__lt=last, opened_at__lt=at - timedelta(hours=12))
            for breach in seen.select_related("vendor").order_by("pk"):
                acknowledge(by=manager, breach=breach, note=f"Raised with {breach.vendor.name} at the service review.")

    def _read_notices(self) -> None:
        """Everybody has read what came before this month."""
        first_day = _noon(self.now.date().replace(day=1))
        for member in {*self.staff.values(), *self.reporters.values(), *self.managers.values()}:
            scope = open_scope(organisation_id=self.organisation.pk, vendor_id=member.vendor_id, actor_id=member.pk)
            with standing_at(min(first_day, self.now)), scope:
                latest = Notification.objects.filter(member=member, created_at__lt=first_day).order_by("pk").last()
                if latest:
                    mark_all_read(by=member, up_to=latest.pk)


class _Act(NamedTuple):
    """Somebody did something with a month's figures at a moment."""

    at: datetime
    what: Callable[[Contract, Submission], None]
    contract: Contract
    one: Submission
