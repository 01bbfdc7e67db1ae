"""A contract to report on, and figures files for it."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.models import Contract
from measurements.models import Figure, Submission
from slas.actions import import_contract
from tests.slas.contract_texts import document, level, text

APRIL, MAY, JUNE = date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)
MORNING = datetime(2024, 7, 3, 9, 0, tzinfo=UTC)
UPTIME = {"kind": "availability", "hours": "calendar"}


def contract() -> Contract:
    """SL-01 (monthly), SL-02 (quarterly) and SL-03 (monthly availability in working hours), from April 2024."""
    levels = [*document()["service_levels"], level("SL-03", measure=UPTIME)]
    return import_contract(by=None, source=text(document(service_levels=levels)))


def csv(*rows: str) -> bytes:
    """A figures file of ratios: `SL-01,2024-04-01,98,100`, or with a part or a note behind it."""
    return "\n".join(
        ["service_level,period,numerator,denominator,part,note", *(row + "," * (5 - row.count(",")) for row in rows)]
    ).encode()


def uptime(*rows: str) -> bytes:
    return "\n".join(["service_level,period,downtime,maintenance", *rows]).encode()


def sheet(submission: Submission) -> dict[tuple[str, str, str], Any]:
    """What a submission holds, by code, first day and part: the numerator, or the downtime."""
    figures = Figure.objects.filter(submission=submission).select_related("service_level", "period")
    return {
        (one.service_level.code, one.period.starts_on.isoformat(), one.part): one.downtime
        if one.numerator is None
        else one.numerator
        for one in figures
    }
