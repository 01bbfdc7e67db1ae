"""What somebody has to do for each client: read in that client's scope, as plain values that stand beside those of the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from contracts.models import Contract, Period
from lib import months
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.numbers import format_decimal
from measurements.querysets import late_months
from organisations.models import Membership
from reporting.pages.month_tasks import looked_at, month_tasks
from reporting.querysets import Duty, vendor_duties
from scorecards.models import Scorecard

WEEK, AHEAD = timedelta(days=7), timedelta(days=130)
LATE, THIS_WEEK, LATER, NO_DAY = "Late", "This week", "Later", "Without a day"
GROUPS = (LATE, THIS_WEEK, LATER, NO_DAY)


@dataclass(frozen=True)
class Task:
    """One thing to do, with its next act and its day. Days are those of the contract, and `today` is one of them."""

    key: str
    client: str
    what: str
    reference: str
    look: str
    shape: str
    word: str
    due_on: date | None
    today: date
    zone: str
    act: str
    url: str

    @property
    def group(self) -> str:
        if self.due_on is None:
            return LATE if self.look == "late" else NO_DAY
        if self.due_on < self.today or self.look == "late":
            return LATE
        return THIS_WEEK if self.due_on - self.today < WEEK else LATER

    @property
    def is_urgent(self) -> bool:
        """Late, or due by tomorrow: its act is the one that stands out."""
        return self.group == LATE or (self.due_on is not None and self.due_on - self.today <= timedelta(days=1))


@dataclass(frozen=True)
class DueDay:
    """A day on which figures are due that nobody has to touch yet."""

    key: str
    client: str
    what: str
    reference: str
    due_on: date
    url: str


@dataclass(frozen=True)
class Card:
    title: str
    month: date
    score: Decimal | None
    grade: str
    url: str


@dataclass(frozen=True)
class Client:
    """What was read of one client. `first_day` is the earliest day that it is in its contracts."""

    name: str
    slug: str
    vendor: str
    tasks: list[Task]
    coming: list[DueDay]
    cards: list[Card]
    breaches: int

    def __len__(self) -> int:
        return len(self.tasks)


def client_of(member: Membership, now: datetime) -> Client:
    """In the member's scope. Seven statements, whatever there is to do."""
    contracts = list(Contract.objects.select_related("vendor").order_by("reference"))
    read = _Reader(member, {one.pk: one for one in contracts}, now)
    listed = looked_at(contracts, now)
    rows = month_tasks(contracts, listed, now)
    earlier = late_months(contracts, listed[0], now)
    today = min((one.day(now) for one in contracts), default=now.date())
    duties = vendor_duties(today)
    tasks = [task for row in rows if (task := read.figures(row))]
    tasks += [read.earlier(read.contracts[pk], *found) for pk, found in earlier.items()]
    tasks += [task for duty in duties if (task := read.duty(duty))]
    listed_months = {(row["contract"].pk, row["month"]) for row in rows if row["state"] != "not_due"}
    return Client(
        member.organisation.name,
        member.organisation.slug,
        contracts[0].vendor.name if contracts else "",
        tasks,
        read.coming(today, listed_months),
        read.cards(),
        sum(duty.kind == "breach" for duty in duties),
    )


class _Reader:
    """Tells rows of one client as tasks."""

    def __init__(self, member: Membership, contracts: dict[int, Contract], now: datetime) -> None:
        self.member, self.contracts, self.now = member, contracts, now
        self.slug, self.name = member.organisation.slug, member.organisation.name

    def _url(self, name: str, *args: Any) -> str:
        return reverse(name, args=[self.slug, *args])

    def _task(self, contract: Contract, key: str, **given: Any) -> Task:
        return Task(
            key=f"{self.slug}-{key}",
            client=self.name,
            reference=contract.reference,
            today=contract.day(self.now),
            zone=contract.timezone,
            **given,
        )

    def _sheet(self, contract: Contract, month: date) -> str:
        return f"{self._url('figures-enter', contract.pk)}?period={month:%Y-%m}"

    def figures(self, row: dict[str, Any]) -> Task | None:
        """Of a month that somebody has to touch; none of one that waits for the client, or is not due."""
        state, contract, submission = row["state"], row["contract"], row["submission"]
        if state in ("submitted", "not_due"):
            return None
        what = f"{month_name(row['month'])} figures"
        if state == "returned":
            what += f", returned: {row['reason']}" if row["reason"] else ", returned"
        elif row["expected"] and row["there"]:
            what += f", {row['there']} of {row['expected']} entered"
        may = self.member.may("figures.import")
        act = "Correct" if state == "returned" else "Continue" if submission else "Enter"
        url = self._url("submission", submission.pk) if submission else self._sheet(contract, row["month"])
        return self._task(
            contract,
            f"figures-{contract.pk}-{row['month']:%Y-%m}",
            what=what,
            look=row["look"],
            shape=row["shape"],
            word=row["word"],
            due_on=row["due_on"],
            act=act if may else "Open",
            url=url if may or submission else self._url("vendor-home"),
        )

    def earlier(self, contract: Contract, count: int, first: date) -> Task:
        what = f"{count} earlier month{'' if count == 1 else 's'} of figures, from {month_name(first)} on"
        given = {"look": "late", "shape": "late", "word": "Late", "due_on": None, "act": "Enter"}
        return self._task(contract, f"earlier-{contract.pk}", what=what, url=self._sheet(contract, first), **given)

    def duty(self, duty: Duty) -> Task | None:
        contract = self.contracts[duty.contract_id]
        if duty.kind == "published" and duty.until is not None and duty.until < contract.day(self.now):
            return None
        if duty.kind == "breach" and duty.words == "answered":
            return None  # it is the client's turn
        return self._task(contract, f"{duty.kind}-{duty.pk}", due_on=duty.until, **TOLD[duty.kind](self, duty))

    def plan(self, duty: Duty) -> dict[str, Any]:
        more = f" and {duty.number - 1} more" if duty.number > 1 else ""
        what = f"Plan asked for: {duty.about}{more}, {month_name(duty.month)}"
        url = self._url("plan-propose", duty.pk)
        return {"what": what, "look": "breach", "shape": "breach", "word": "Plan", "act": "Write plan", "url": url}

    def breach(self, duty: Duty) -> dict[str, Any]:
        what = f"{duty.about}, {month_name(duty.month)}"
        url = self._url("breach", duty.pk)
        return {"what": what, "look": "breach", "shape": "breach", "word": "Breach", "act": "Answer", "url": url}

    def hearing(self, duty: Duty) -> dict[str, Any]:
        about = "Dispute" if duty.kind == "dispute" else "Relief"
        what = f"{about}, {duty.about}, {month_name(duty.month)}: {duty.words} wrote to you"
        url = self._url(duty.kind, duty.pk)
        return {"what": what, "look": "info", "shape": "info", "word": "Disputed", "act": "Answer", "url": url} | (
            {} if duty.kind == "dispute" else {"word": "Relief"}
        )

    def revision(self, duty: Duty) -> dict[str, Any]:
        from_day = f", from {format_day(duty.until)}" if duty.until else ""
        what = f"Revision {duty.number}: {duty.about}{from_day}"
        url = self._url("revision-consent", duty.pk)
        return {"what": what, "look": "none", "shape": "pending", "word": "Consent", "act": "Compare", "url": url}

    def published(self, duty: Duty) -> dict[str, Any]:
        score = f": {format_decimal(Decimal(duty.about), 1)}" if duty.about else ""
        what = f"Scorecard of {month_name(duty.month)} published{score}, accept it or dispute it"
        url = self._url("publication", duty.contract_id, f"{duty.month:%Y-%m}")
        return {"what": what, "look": "lock", "shape": "lock", "word": "Published", "act": "Read", "url": url}

    def coming(self, today: date, listed: set[tuple[int, date]]) -> list[DueDay]:
        """The days on which figures of the running month and of later ones are due. One statement."""
        rows = Period.objects.filter(contract__in=self.contracts, due_on__range=(today, today + AHEAD))
        found = rows.values_list("contract_id", "month", "due_on").distinct().order_by("due_on", "contract_id")
        return [
            DueDay(
                f"{self.slug}-figures-{pk}-{month:%Y-%m}-{due_on}",
                self.name,
                f"{month_name(month)} figures",
                self.contracts[pk].reference,
                due_on,
                self._sheet(self.contracts[pk], month),
            )
            for pk, month, due_on in found
            if (pk, month) not in listed
        ]

    def cards(self) -> list[Card]:
        """The latest complete month of each contract. One statement."""
        since = months.after(self.now.date().replace(day=1), -12)
        found = Scorecard.objects.filter(contract__in=self.contracts, month__gte=since, provisional=False)
        latest = found.order_by("contract_id", "-month").distinct("contract_id")
        return [
            Card(
                self.contracts[one.contract_id].title,
                one.month,
                one.score,
                one.grade or "",
                f"{self._url('scorecard', one.contract_id)}?period={one.month:%Y-%m}",
            )
            for one in latest
        ]


TOLD: dict[str, Callable[[_Reader, Duty], dict[str, Any]]] = {
    "plan": _Reader.plan,
    "breach": _Reader.breach,
    "dispute": _Reader.hearing,
    "relief-request": _Reader.hearing,
    "revision": _Reader.revision,
    "published": _Reader.published,
}


def merged(clients: Sequence[Client]) -> list[tuple[str, list[Task]]]:
    """The tasks of all of them by urgency, what is due first on top; a group without any is not there."""
    tasks = sorted(
        (task for client in clients for task in client.tasks),
        key=lambda task: (task.due_on or date.max, task.client, task.reference, task.key),
    )
    grouped = [(name, [task for task in tasks if task.group == name]) for name in GROUPS]
    return [(name, found) for name, found in grouped if found]
