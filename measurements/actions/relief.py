"""Relief: what is relieved of a figure is what the client granted, whoever reports the figure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from contracts.models import Period
from lib import clock
from lib.errors import RuleBroken
from measurements.actions.corrections import put_right
from measurements.actions.expected import Slots, granted_relief
from measurements.figures_file.rows import not_granted
from measurements.models import Figure, GrantedRelief, Submission
from organisations.actions import require
from organisations.models import Membership
from slas.models import ServiceLevel


def settle_relief(
    by: Membership | None,
    slots: Slots,
    figures: list[Figure],
    now: datetime,
    known: Mapping[tuple[str, date, str], Decimal] | None = None,
) -> None:
    """Give figures that are about to be stored the relief that was granted for them.

    Where the client's side, or a history, says another amount, that is granted from now on. RuleBroken where the vendor does.
    One statement, none where what was granted is `known`; one more where something is granted.
    """
    if known is None:
        known = granted_relief(slots.of_levels({figure.service_level.code for figure in figures}))
    said = []
    for figure in figures:
        granted = known.get((figure.service_level.code, figure.period.starts_on, figure.part))
        if figure.relieved is None:
            figure.relieved = granted
        elif figure.relieved != (granted or 0):
            if by is not None and by.vendor_id is not None:
                what = f"{figure.service_level.name}, {figure.period.label}"
                raise RuleBroken("relief", f"{what}: {not_granted(figure.relieved, granted)}.")
            said.append((figure, figure.relieved))
    if said:
        _note_granted(said, by, now, imported=True)


def granted_of(service_level: ServiceLevel, period: Period, part: str) -> Decimal:
    """How much was granted so far; 0 where nothing was."""
    found = GrantedRelief.objects.filter(service_level=service_level, period=period, part=part)
    return found.values_list("relieved", flat=True).first() or Decimal(0)


@transaction.atomic
def grant_relief(
    *,
    by: Membership,
    service_level: ServiceLevel,
    period: Period,
    part: str,
    relieved: Decimal,
    reason: str,
    now: datetime | None = None,
) -> Submission | None:
    """From now on this much is relieved of a slot and part, in all. Figures that are there follow (`put_right`).

    RuleBroken where it is more than the figure can have.
    """
    require(by, "submission.decide")
    now = now or clock.database_now()
    figure = Figure(
        vendor_id=service_level.vendor_id, service_level=service_level, period=period, part=part, relieved=relieved
    )
    _note_granted([(figure, relieved)], by, now, imported=False)
    return put_right(
        by=by,
        service_level=service_level,
        period=period,
        part=part,
        numbers={"relieved": relieved},
        reason=reason,
        now=now,
    )


def _note_granted(
    said: Iterable[tuple[Figure, Decimal]], by: Membership | None, now: datetime, *, imported: bool
) -> None:
    rows = [
        GrantedRelief(
            vendor_id=figure.vendor_id,
            service_level_id=figure.service_level_id,
            period_id=figure.period_id,
            part=figure.part,
            relieved=relieved,
            imported=imported,
            by=by,
            by_name=by.name if by else "",
            at=now,
        )
        for figure, relieved in said
    ]
    GrantedRelief.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["organisation", "service_level", "period", "part"],
        update_fields=["relieved", "imported", "by", "by_name", "at"],
    )
