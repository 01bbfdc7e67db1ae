"""Relief: asked for by the vendor, granted in full or in part or refused by the client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.core.files import File
from django.db import IntegrityError, transaction

from contracts.models import Period
from disputes.actions.hearings import asked, figure_of, write
from disputes.models import ReliefRequest
from disputes.rules import RELIEF_TRANSITIONS, HearingKind, ReliefGround, ReliefStatus, relief_ruling
from files.actions import examine
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
from measurements.actions import grant_relief, granted_of
from measurements.figures_file.columns import RELIEVABLE
from measurements.wording import format_figure
from organisations.actions import require
from organisations.models import Membership
from slas.models import ServiceLevel


@transaction.atomic
def ask_for_relief(
    *,
    by: Membership,
    service_level: ServiceLevel,
    period: Period,
    amount: Decimal,
    ground: ReliefGround,
    explanation: str,
    part: str = "",
    files: Sequence[File[bytes]] = (),
    now: datetime | None = None,
) -> ReliefRequest:
    """Ask that so many cases, or minutes of an availability, do not count. RuleBroken where the measure has none, the amount is not
    above 0 or more than was reported; Conflict where a request for the same figure waits already."""
    require(by, "relief.ask")
    shown = examine(files)
    now = now or clock.database_now()
    if service_level.measure["kind"] not in RELIEVABLE:
        raise RuleBroken("service_level", f"{service_level.name} is a plain value: there are no cases to leave out.")
    if amount <= 0:
        raise RuleBroken("amount", "Ask for more than 0.")
    given = asked(by, service_level, period, part, explanation, now)
    request = ReliefRequest(**given, ground=ReliefGround(ground), amount=amount)
    figure = figure_of(request, given["counted"])
    if figure and figure.denominator is not None and amount > figure.denominator:
        raise RuleBroken(
            "amount", f"Only {format_figure(figure.denominator)} were reported. Ask for no more than that."
        )
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as twice:
        if "relief_one_open" not in str(twice):
            raise
        raise Conflict(
            "relief", "Relief for this figure is asked for already. Wait for the answer, or withdraw it."
        ) from twice
    write(request, HearingKind.ASKED, by=by, at=now, text=request.explanation, files=shown)
    return request


@transaction.atomic
def decide_on_relief(
    *,
    by: Membership,
    relief_request: ReliefRequest,
    granted: Decimal,
    reason: str = "",
    seen: int | None = None,
    now: datetime | None = None,
) -> ReliefRequest:
    """Grant all of it, some of it, or nothing (0); with less than all goes the reason.

    What is granted comes on top of what was granted for the same figure before. Open figures have it at once; accepted ones are
    corrected, and judged again by the usual steps. RuleBroken for another amount, Conflict where it was decided or withdrawn meanwhile.
    """
    require(by, "relief.decide")
    must_be_as_seen(relief_request, seen)
    now = now or clock.database_now()
    if not 0 <= granted <= relief_request.amount:
        most = format_figure(relief_request.amount)
        raise RuleBroken("granted", f"Grant between 0 and the {most} that were asked for.")
    ruling = relief_ruling(relief_request.amount, granted)
    why = checked(reason, "reason") if reason.strip() or ruling != ReliefStatus.GRANTED else ""
    ruled = {"granted": granted, "reason": why, "ruled_by": by, "ruled_by_name": by.name, "ruled_at": now}
    move(relief_request, ruling, RELIEF_TRANSITIONS, **ruled)
    if granted:
        level, period, part = relief_request.service_level, relief_request.period, relief_request.part
        relief_request.corrected = grant_relief(
            by=by,
            service_level=level,
            period=period,
            part=part,
            relieved=granted_of(level, period, part) + granted,
            reason=f"{format_figure(granted)} relieved: {relief_request.get_ground_display().lower()}",
            now=now,
        )
        ReliefRequest.objects.filter(pk=relief_request.pk).update(corrected=relief_request.corrected)
    said = f"{relief_request.get_status_display()}: {format_figure(granted)} of {format_figure(relief_request.amount)}"
    write(relief_request, HearingKind.RULED, by=by, at=now, text=f"{said}. {why}".strip())
    return relief_request


@transaction.atomic
def withdraw_relief(
    *, by: Membership, relief_request: ReliefRequest, seen: int | None = None, now: datetime | None = None
) -> ReliefRequest:
    """The vendor does not ask any more. Conflict where it was decided meanwhile."""
    require(by, "relief.ask")
    must_be_as_seen(relief_request, seen)
    move(relief_request, ReliefStatus.WITHDRAWN, RELIEF_TRANSITIONS)
    write(relief_request, HearingKind.WITHDRAWN, by=by, at=now or clock.database_now())
    return relief_request
