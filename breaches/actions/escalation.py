"""Nobody takes a breach up: others are told, one rung after the other, in the working hours of its contract."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from breaches.actions.audience import Audience, Told
from breaches.models import Breach, Escalation
from breaches.rules import Status
from breaches.rules.escalation import DEPUTY, IN_CHARGE, LADDER, Rung
from breaches.wording import format_parts, format_period
from contracts.calendar import WorkingCalendar, after_working_hours
from contracts.models import Contract
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.rules import Role

AT_ONCE = 500  # rungs in memory at a time
IS_DUE = """
EXISTS (
    SELECT FROM breaches_escalation AS e
    WHERE e.organisation_id = %(organisation)s AND e.reached_at IS NULL AND e.due_at <= %(now)s
)
"""


@transaction.atomic
def climb_due(*, now: datetime) -> int:
    """Tell those whose rung is due, and plan the next one; drop what was planned for breaches that somebody took up.

    Returns how many were told or dropped; 0 the second time. Seven statements, whatever their number.
    """
    due = list(
        Escalation.objects.filter(reached_at=None, due_at__lte=now)
        .select_related(*(f"breach__{name}" for name in ("vendor", "contract", "service_level", "period")))
        .order_by("due_at", "pk")[:AT_ONCE]
    )
    if not due:
        return 0
    waits = [one for one in due if one.breach.status == Status.OPEN and one.breach.opened_at == one.opened_at]
    Escalation.objects.filter(pk__in={one.pk for one in due} - {one.pk for one in waits}).delete()
    if not waits:
        return len(due)
    audience = Audience({one.breach.contract_id for one in waits}, now)
    events, following = [], []
    for one in waits:
        rung = _rung(one.breach, one.rung)
        members = _told(audience, one.breach, rung)
        one.reached_at, one.name = now, rung.name
        one.told = ", ".join(audience.name_of(member) for member in members)
        events.append(_event(one, rung, members))
        following += _planned(one.breach, one.rung + 1)
    Escalation.objects.bulk_update(waits, ["reached_at", "name", "told"])
    Escalation.objects.bulk_create(following, ignore_conflicts=True)
    publish_events(events, now=now)
    return len(due)


def plan_ladder(breaches: Iterable[Breach]) -> None:
    """Plan the first rung of breaches that nobody has acknowledged, or the first that is left; what was planned before is replaced.

    Contract and service level are to be loaded with them. Three statements.
    """
    found = [breach for breach in breaches if breach.status == Status.OPEN]
    Escalation.objects.filter(breach__in=found, reached_at=None).delete()
    reached: defaultdict[int, int] = defaultdict(int)
    for one in Escalation.objects.filter(breach__in=found).select_related("breach"):
        if one.opened_at == one.breach.opened_at:
            reached[one.breach_id] = max(reached[one.breach_id], one.rung + 1)
    planned = [one for breach in found for one in _planned(breach, reached[breach.pk])]
    Escalation.objects.bulk_create(planned, ignore_conflicts=True)


def moment_of(breach: Breach, rung: Rung) -> datetime:
    """When a rung is due of a breach that is not acknowledged: so many working hours of its contract after it opened."""
    contract: Contract = breach.contract
    clauses = contract.in_force(contract.day(breach.opened_at))
    return after_working_hours(breach.opened_at, rung.after, contract.timezone, WorkingCalendar.of(clauses.calendar))


def _rung(breach: Breach, nth: int) -> Rung:
    """A breach may have become less grave since: then its ladder is shorter, and its last rung is asked once more."""
    ladder = LADDER[breach.severity]
    return ladder[min(nth, len(ladder) - 1)]


def _planned(breach: Breach, nth: int) -> list[Escalation]:
    ladder = LADDER[breach.severity]
    if nth >= len(ladder):
        return []
    return [Escalation(breach=breach, opened_at=breach.opened_at, rung=nth, due_at=moment_of(breach, ladder[nth]))]


def _told(audience: Audience, breach: Breach, rung: Rung) -> Told:
    if rung.to == IN_CHARGE:
        return audience.staff(breach.contract_id)
    return audience.deputy(breach.contract_id) if rung.to == DEPUTY else audience.of_role(Role(rung.to))


def _event(one: Escalation, rung: Rung, members: Told) -> NewEvent:
    breach = one.breach
    when = format_period(breach.period.cycle, breach.period.starts_on, breach.period.ends_on)
    return NewEvent(
        key=f"breach:{breach.pk}:escalated:{one.opened_at.isoformat()}:{one.rung}",
        kind="escalated",
        title=f"Nobody has acknowledged a breach: {breach.service_level.name}",
        detail=format_parts(
            breach.vendor.name, when, breach.get_severity_display().lower(), f"open for {rung.after} working hours"
        ),
        path=f"breaches/{breach.pk}/",
        members=members,
    )


def ladder_of(breach: Breach, reached: Iterable[Escalation]) -> list[tuple[str, datetime, str, bool]]:
    """The rungs of a breach for its page: who, when, the names that were told, and whether it was reached. Rungs ahead only while
    nobody has acknowledged it."""
    done = [(one.name, one.reached_at, one.told, True) for one in reached if one.reached_at]
    if breach.status != Status.OPEN:
        return done
    last = max((one.rung for one in reached if one.reached_at and one.opened_at == breach.opened_at), default=-1)
    ahead = LADDER[breach.severity][last + 1 :]
    return done + [(rung.name, moment_of(breach, rung), "", False) for rung in ahead]
