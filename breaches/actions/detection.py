"""Breaches follow the results: opened where a slot counts as a default, restated where it no longer does."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from breaches import wording
from breaches.actions.acknowledgement import acknowledged
from breaches.actions.audience import Audience
from breaches.actions.consequences import follow_rules
from breaches.actions.escalation import plan_ladder
from breaches.models import Breach
from breaches.rules import HISTORY_NOTE, LIVE, NEWS_MONTHS, TRANSITIONS, Status
from breaches.rules.escalation import Severity
from evaluation.follow_up import judged_since, note_seen
from evaluation.models import PastResult, Result
from lib.templatetags.dates import format_day
from lib.transitions import move_all, sources
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.scope import current_organisation_id

STEP = "open"
SQL = Path(__file__).parent.parent / "sql"
OPEN, SEVERITY = (SQL / "open.sql").read_text(), (SQL / "severity.sql").read_text()
CHUNK = 500  # breaches in memory at a time
Slot = tuple[int, date]  # service level, first day of the period


@transaction.atomic
def open_due(*, now: datetime) -> int:
    """Bring the breaches of contracts that were judged since into line with the results, and notify those who have to know.

    Returns how many were opened, opened again or restated; 0 the second time. The number of statements grows only with the number of
    those that are news, by a few for each 500. Who is in charge on both sides is notified of each that is opened,
    and of each that was live and is none any more.
    """
    judged = judged_since(STEP, now=now)
    if not judged:
        return 0
    contracts = list(judged)
    restated, live = _restate(contracts)
    reopened = _reopen(contracts, now)
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN,
            {
                "organisation": current_organisation_id(),
                "contracts": contracts,
                "now": now,
                "news_months": NEWS_MONTHS,
                "history_note": HISTORY_NOTE,
            },
        )
        opened, news = cursor.fetchone()
        cursor.execute(
            SEVERITY, {"organisation": current_organisation_id(), "contracts": contracts, "live": list(LIVE)}
        )
        graver = [pk for (pk,) in cursor.fetchall()]
    followed = follow_rules(contracts, now=now)
    # Who is told when nobody takes them up is planned with them, or again where they are graver, or less grave, by now.
    for chunk in _chunks(sorted({*news, *reopened, *graver})):
        plan_ladder(Breach.objects.filter(pk__in=chunk).with_names())
    if live or reopened or news:
        for chunk in _chunks(live):
            breaches = _loaded(chunk)
            audience, reasons = _audience(breaches, now), _reasons(breaches)
            publish_events([_restated(one, reasons.get(_slot(one), ""), audience, now) for one in breaches], now=now)
        for chunk in _chunks([*reopened, *news]):
            breaches = _loaded(chunk)
            audience, results = _audience(breaches, now), _results(breaches)
            publish_events([_opened(one, results[_slot(one)], audience) for one in breaches], now=now)
    note_seen(STEP, judged)
    return restated + len(reopened) + opened + len({*graver} - {*news, *reopened}) + followed


def _defaulted() -> Exists:
    """Whether the slot of a breach counts as a default now."""
    slot = {"service_level_id": OuterRef("service_level_id"), "starts_on": OuterRef("starts_on")}
    return Exists(Result.objects.filter(streak__gt=0, **slot))


def _restate(contracts: list[int]) -> tuple[int, list[int]]:
    """Breaches whose slot is no default any more. Returns how many, and the ids of those that somebody was dealing with."""
    gone = list(
        Breach.objects.filter(~_defaulted(), contract__in=contracts, status__in=sources(Status.RESTATED, TRANSITIONS))
        .order_by("pk")
        .values_list("pk", "status")
    )
    rows = Breach.objects.filter(pk__in=[pk for pk, _ in gone])
    count = move_all(rows, Status.RESTATED, TRANSITIONS) if gone else 0
    return count, [pk for pk, status in gone if status in LIVE]


def _reopen(contracts: list[int], now: datetime) -> list[int]:
    """Breaches that were restated and whose slot is a default again: they are news, and nobody has acknowledged them."""
    back = Breach.objects.filter(_defaulted(), contract__in=contracts, status=Status.RESTATED)
    ids = list(back.order_by("pk").values_list("pk", flat=True))
    if ids:
        reopened = {"opened_at": now} | acknowledged(None, None)
        move_all(Breach.objects.filter(pk__in=ids, status=Status.RESTATED), Status.OPEN, TRANSITIONS, **reopened)
    return ids


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _loaded(ids: list[int]) -> list[Breach]:
    return list(Breach.objects.filter(pk__in=ids).with_names().order_by("pk"))


def _slot(breach: Breach) -> Slot:
    return breach.service_level_id, breach.starts_on


def _slots(breaches: list[Breach]) -> dict[str, set[Any]]:
    levels, days = zip(*map(_slot, breaches), strict=True)
    return {"service_level_id__in": set(levels), "starts_on__in": set(days)}


def _results(breaches: list[Breach]) -> dict[Slot, Result]:
    """The default that each is about. One statement."""
    found = Result.objects.filter(**_slots(breaches)).select_related("terms").defer("trace")
    return {(result.service_level_id, result.starts_on): result for result in found}


def _reasons(breaches: list[Breach]) -> dict[Slot, str]:
    """Why each was restated last. One statement."""
    found = PastResult.objects.filter(**_slots(breaches)).order_by("revision")
    rows = found.values_list("service_level_id", "starts_on", "restated_because")
    return {(level, day): reason for level, day, reason in rows}


def _audience(breaches: list[Breach], now: datetime) -> Audience:
    return Audience({breach.contract_id for breach in breaches}, now)


def _when(breach: Breach) -> str:
    return wording.format_period(breach.period.cycle, breach.period.starts_on, breach.period.ends_on)


def _opened(breach: Breach, result: Result, audience: Audience) -> NewEvent:
    level, clauses = breach.service_level, result.terms.full
    said = {"band_outcome": result.band_outcome, "clauses": clauses}
    title = wording.describe_breach(name=level.name, outcome=result.outcome, **said)
    reading = wording.describe_reading(
        value=result.value, unit=level.measure.get("unit") or "", cycle=level.cycle, **said
    )
    # Letters and inboxes keep what they said; a correction may change the value, so it stands there with its day. How many
    # defaults came before depends on other months, too, and is left to the page.
    facts = f"{reading}, as judged on {format_day(breach.contract.day(result.judged_at))}" if reading else ""
    return NewEvent(
        key=f"breach:{breach.pk}:opened:{breach.opened_at.isoformat()}",
        kind="breach",
        title=title,
        detail=wording.format_parts(breach.vendor.name, _when(breach), facts),
        path=f"breaches/{breach.pk}/",
        members=audience.both(breach.contract_id, breach.vendor_id),
        vendor_id=breach.vendor_id,
        critical=breach.severity == Severity.CRITICAL,
    )


def _restated(breach: Breach, reason: str, audience: Audience, now: datetime) -> NewEvent:
    return NewEvent(
        key=f"breach:{breach.pk}:restated:{now.isoformat()}",
        kind="restated",
        title=f"{breach.service_level.name} no longer in breach",
        detail=wording.format_parts(breach.vendor.name, _when(breach), reason),
        path=f"breaches/{breach.pk}/",
        members=audience.both(breach.contract_id, breach.vendor_id),
        vendor_id=breach.vendor_id,
    )
