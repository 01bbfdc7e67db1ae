"""Nobody takes a breach up: others are told, one rung after the other, in the working hours of its contract."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from breaches.actions.audience import Audience, Told
from breaches.models import Breach, Escalation
from breaches.rules import Status
from breaches.rules.escalation import Severity
from breaches.wording import format_parts, format_period
from contracts.calendar import WorkingCalendar, after_working_hours
from contracts.models import Contract
from lib.templatetags.dates import format_day
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import settings_in_scope
from organisations.ladder import DEPUTY, IN_CHARGE, Ladder, Rung
from organisations.models import OrganisationSettings
from organisations.rules import Role

AT_ONCE = 500  # rungs in memory at a time
IS_DUE = """
EXISTS (
    SELECT FROM breaches_escalation AS e
    WHERE e.organisation_id = %(organisation)s AND e.reached_at IS NULL AND e.due_at <= %(now)s
)
OR EXISTS (
    SELECT FROM organisations_organisationsettings AS s
    JOIN breaches_escalation AS e ON e.organisation_id = s.organisation_id AND e.settings_version < s.version
    WHERE s.organisation_id = %(organisation)s
)
"""


@transaction.atomic
def climb_due(*, now: datetime) -> int:
    """Tell those whose rung is due, and plan the next one; drop what was planned for breaches that somebody took up.

    Where the settings were changed since, what is planned is planned again first, by the ladder of now, and what had no rung joins it.
    Returns how many were planned, told, put off or dropped; 0 the second time. Eleven statements, and six more after a change, whatever
    their number.
    """
    return _follow_settings(now) + _climb(now)


def _follow_settings(now: datetime) -> int:
    """Plan again what is planned of open breaches, where the settings are others than those by which it was; those that had no rung join
    from now on. How many breaches."""
    before = Escalation.objects.filter(settings_version__lt=settings_in_scope().version)
    of_open = before.filter(breach__status=Status.OPEN, opened_at=F("breach__opened_at")).values("breach")
    found = list(Breach.objects.filter(pk__in=of_open).select_related("contract", "service_level"))
    if found:
        plan_ladder(found, joins_at=now)
    before.update(settings_version=settings_in_scope().version)
    return len(found)


def _climb(now: datetime) -> int:
    due = list(
        Escalation.objects.filter(reached_at=None, due_at__lte=now)
        .select_related(*(f"breach__{name}" for name in ("vendor", "contract", "service_level", "period")))
        .order_by("due_at", "pk")[:AT_ONCE]
    )
    if not due:
        return 0
    settings = settings_in_scope()
    ladder = settings.ladder
    waits = [one for one in due if _stands(one) and ladder[one.breach.severity]]
    Escalation.objects.filter(pk__in={one.pk for one in due} - {one.pk for one in waits}).delete()
    waits = _put_off(waits, ladder, now)
    if not waits:
        return len(due)
    audience = Audience({one.breach.contract_id for one in waits}, now)
    events, following = [], []
    for one in waits:
        rung = _rung(ladder, one)
        members = _told(audience, one.breach, rung)
        one.reached_at, one.name = now, rung.name
        one.told = ", ".join(audience.name_of(member) for member in members)
        events.append(_event(one, rung, members))
        following += _planned(settings, one.breach, one.rung + 1, one.counted_from)
    Escalation.objects.bulk_update(waits, ["reached_at", "name", "told"])
    Escalation.objects.bulk_create(following, ignore_conflicts=True)
    publish_events(events, now=now)
    return len(due)


def plan_ladder(breaches: Iterable[Breach], joins_at: datetime | None = None) -> None:
    """Plan the first rung of breaches that nobody has acknowledged, or the first that is left; what was planned before is replaced.

    `joins_at`: where no rung was planned and the next one would be over by then, working hours count from then on: nobody is told at once,
    of all that is open, how long it has waited. Contract and service level are to be loaded with them. Four statements.
    """
    found = [breach for breach in breaches if breach.status == Status.OPEN]
    reached: defaultdict[int, int] = defaultdict(int)
    since: dict[int, datetime] = {}
    waiting = set()
    for one in Escalation.objects.filter(breach__in=found, opened_at=F("breach__opened_at")):
        if one.reached_at:
            reached[one.breach_id] = max(reached[one.breach_id], one.rung + 1)
        elif one.due_at:
            waiting.add(one.breach_id)
        if one.counted_from:
            since[one.breach_id] = one.counted_from
    Escalation.objects.filter(breach__in=found, reached_at=None).delete()
    settings, planned = settings_in_scope(), []
    for breach in found:
        nth, begins = reached[breach.pk], since.get(breach.pk)
        rungs = settings.ladder[breach.severity]
        if (
            joins_at
            and breach.pk not in waiting
            and nth < len(rungs)
            and moment_of(breach, rungs[nth], begins) < joins_at
        ):
            begins = joins_at
        planned += _planned(settings, breach, nth, begins) or _without(settings, breach)
    Escalation.objects.bulk_create(planned, ignore_conflicts=True)


def moment_of(breach: Breach, rung: Rung, since: datetime | None = None) -> datetime:
    """When a rung is due of a breach that is not acknowledged: so many working hours of its contract after it opened, or `since`."""
    contract: Contract = breach.contract
    begins = since or breach.opened_at
    clauses = contract.in_force(contract.day(begins))
    return after_working_hours(begins, rung.after, contract.timezone, WorkingCalendar.of(clauses.calendar))


def _stands(one: Escalation) -> bool:
    """Nobody has acknowledged the breach since the rung was planned."""
    return one.breach.status == Status.OPEN and one.breach.opened_at == one.opened_at


def _put_off(waits: list[Escalation], ladder: Ladder, now: datetime) -> list[Escalation]:
    """Those that are due by the ladder of now; the others, planned by an earlier one, wait until they are."""
    early = []
    for one in waits:
        moment = moment_of(one.breach, _rung(ladder, one), one.counted_from)
        if moment > now:
            one.due_at = moment
            early.append(one)
    Escalation.objects.bulk_update(early, ["due_at"])
    return [one for one in waits if one not in early]


def _rung(ladder: Ladder, one: Escalation) -> Rung:
    """A breach may have become less grave since, or the ladder shorter: then its last rung is asked once more."""
    rungs = ladder[one.breach.severity]
    return rungs[min(one.rung, len(rungs) - 1)]


def _planned(settings: OrganisationSettings, breach: Breach, nth: int, since: datetime | None) -> list[Escalation]:
    rungs = settings.ladder[breach.severity]
    if nth >= len(rungs):
        return []
    given = {
        "breach": breach,
        "opened_at": breach.opened_at,
        "counted_from": since,
        "settings_version": settings.version,
    }
    return [Escalation(**given, rung=nth, due_at=moment_of(breach, rungs[nth], since))]


def _without(settings: OrganisationSettings, breach: Breach) -> list[Escalation]:
    """That there is no rung for it, where there is none at all."""
    if settings.ladder[breach.severity]:
        return []
    return [Escalation(breach=breach, opened_at=breach.opened_at, rung=0, settings_version=settings.version)]


def _told(audience: Audience, breach: Breach, rung: Rung) -> Told:
    if rung.to == IN_CHARGE:
        return audience.staff(breach.contract_id)
    return audience.deputy(breach.contract_id) if rung.to == DEPUTY else audience.of_role(Role(rung.to))


def _event(one: Escalation, rung: Rung, members: Told) -> NewEvent:
    breach = one.breach
    when = format_period(breach.period.cycle, breach.period.starts_on, breach.period.ends_on)
    since = format_day(breach.contract.day(breach.opened_at))
    waits = f"open since {since}" if one.counted_from else f"open for {rung.after} working hours"
    return NewEvent(
        key=f"breach:{breach.pk}:escalated:{one.opened_at.isoformat()}:{one.rung}",
        kind="escalated",
        title=f"Nobody has acknowledged a breach: {breach.service_level.name}",
        detail=format_parts(breach.vendor.name, when, breach.get_severity_display().lower(), waits),
        path=f"breaches/{breach.pk}/",
        members=members,
        critical=breach.severity == Severity.CRITICAL,
    )


def ladder_of(breach: Breach, rungs: Iterable[Escalation], ladder: Ladder) -> list[tuple[str, datetime, str, bool]]:
    """The rungs of a breach for its page: who, when, the names that were told, and whether it was reached. Rungs ahead only while
    nobody has acknowledged it."""
    own = list(rungs)
    done = [(one.name, one.reached_at, one.told, True) for one in own if one.reached_at]
    if breach.status != Status.OPEN:
        return done
    now_open = [one for one in own if one.opened_at == breach.opened_at]
    last = max((one.rung for one in now_open if one.reached_at), default=-1)
    since = next((one.counted_from for one in now_open if one.counted_from), None)
    ahead = ladder[breach.severity][last + 1 :]
    return done + [(rung.name, moment_of(breach, rung, since), "", False) for rung in ahead]
