"""Reminders of figures: some working days before their due day, on it, and after it, once a day and to more people each time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models.functions import TruncDate

from breaches.actions.audience import Audience
from breaches.wording import format_parts
from contracts.calendar import WorkingCalendar, due_on, working_day_before
from contracts.models import Contract, Owner, Period
from contracts.rules import Duty
from lib.templatetags.dates import format_due, month_name
from measurements.models import Submission
from measurements.querysets import MonthState, month_states
from measurements.rules import Status
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import settings_in_scope

BEFORE, AFTER = 2, 2  # working days of the contract
AT = time(7)  # by the organisation's clock: what is due that day is one letter a person
FURTHEST = timedelta(days=30)  # beyond which no number of days off keeps a working day
KIND = "reminder"


@dataclass(frozen=True)
class Due:
    """A contract's month of which something is missing. `today`: the contract's day at the moment of the day's reminders."""

    contract: Contract
    state: MonthState
    today: date

    @property
    def due_on(self) -> date:
        assert self.state.due_on is not None  # noqa: S101  # such months are asked for alone
        return self.state.due_on

    def when(self) -> str:
        """`before`, `on` or `after`; empty on other days."""
        calendar = WorkingCalendar.of(self.contract.in_force(self.due_on).calendar)
        if self.today == self.due_on:
            return "on"
        if self.today > self.due_on:
            return "after" if self.today == due_on(self.due_on, AFTER, calendar) else ""
        return "before" if self.today == working_day_before(self.due_on, BEFORE, calendar) else ""


@transaction.atomic
def remind_due(*, now: datetime) -> int:
    """Remind of what is missing in the organisation in scope. Returns how many contracts' months; 0 the second time on a day.

    Before it is due whoever is in charge at the vendor hears of it, on the day their deputy, too, and after it the client's account manager
    besides. Nobody is reminded before the hour at which the day's letters go out. Seven statements.
    """
    moment = _moment(now)
    if now < moment:
        return 0
    found = [one for one in _missing(now, moment) if one.when()]
    if not found:
        return 0
    contracts = {one.contract.pk for one in found}
    audience, deputies = Audience(contracts, now), _deputies(contracts)
    return publish_events([_reminder(one, audience, deputies) for one in found], now=now)


def reminder_key(contract_id: int, month: date, today: date) -> str:
    """Of one reminder a contract, month and day, whoever sends it."""
    return f"reminder:{contract_id}:{month:%Y-%m}:{today}"


def _moment(now: datetime) -> datetime:
    here = now.astimezone(settings_in_scope().house.zone)
    return datetime.combine(here.date(), AT, here.tzinfo)


def _missing(now: datetime, moment: datetime) -> list[Due]:
    """The months of which somebody at a vendor has to hand something over around now. Four statements."""
    around = (now.date() - FURTHEST, now.date() + FURTHEST)
    # What was due before the contract was kept here, nobody could report here.
    kept = Period.objects.filter(due_on__range=around, due_on__gte=TruncDate("contract__created_at"))
    periods = kept.values_list("contract_id", "month")
    returned = Submission.objects.filter(status=Status.RETURNED, due_again_on__range=around)
    months = {*periods.distinct(), *returned.values_list("contract_id", "month")}
    contracts = {one.pk: one for one in Contract.objects.filter(pk__in={pk for pk, _ in months})}
    states = month_states(contracts.values(), {month for _, month in months}, now)
    return [
        Due(contracts[pk], state, contracts[pk].day(moment))
        for pk, month in sorted(months)
        if (state := states[pk, month]).due_on is not None and _is_wanted(state)
    ]


def _is_wanted(state: MonthState) -> bool:
    """Whether the vendor owes it: late, returned, due, or of the month that runs."""
    return any(state.counts[name] for name in ("late", "returned", "due", "not_due"))


def _deputies(contracts: Iterable[int]) -> Mapping[int, int]:
    """Who stood in last for the vendor's contact, by contract: away or not, they know the work. One statement."""
    rows = Owner.objects.filter(contract__in=list(contracts), duty=Duty.VENDOR_CONTACT, is_deputy=True)
    found = rows.filter(member__is_active=True).order_by("contract_id", "-ends_on").distinct("contract_id")
    return dict(found.values_list("contract_id", "member_id"))


def _reminder(one: Due, audience: Audience, deputies: Mapping[int, int]) -> NewEvent:
    contract, state, when = one.contract, one.state, one.when()
    members = audience.vendor(contract.pk, contract.vendor_id)
    if when != "before" and contract.pk in deputies:
        members += (deputies[contract.pk],)
    if when == "after":
        members += audience.staff(contract.pk)
    missing = state.counts["late"] + state.counts["due"] + state.counts["not_due"]
    what = "returned, not submitted again" if not missing else f"{missing} of {state.expected} service levels missing"
    due = f"due {format_due(one.due_on, contract.timezone)}"
    title = {"before": "are due soon", "on": "are due today", "after": "are still missing"}[when]
    return NewEvent(
        key=reminder_key(contract.pk, state.month, one.today),
        kind=KIND,
        title=f"{month_name(state.month)} figures {title}",
        detail=format_parts(contract.reference, what, due),
        path=f"contracts/{contract.pk}/{state.month:%Y-%m}/",
        members=tuple(dict.fromkeys(members)),
        vendor_id=contract.vendor_id,
    )
