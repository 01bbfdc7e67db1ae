"""The figures of a submission as a sheet: compared, copied and stored as a whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import connection

from contracts.models import Period
from measurements.models import Figure, Submission

# What is reported; two figures that differ in nothing of it say the same.
REPORTED = ("numerator", "denominator", "value", "downtime", "maintenance", "relieved", "incident", "note")
FED = ("fed_by", "fed_at")  # which key reported it, and when
Key = tuple[int, int, str]  # service level, period, part
Sheet = dict[Key, Figure]
FINGERPRINT = 16  # hexadecimal digits: it tells what was seen from what is there, and keeps nothing secret


def sheets_of(submissions: Iterable[Submission], periods: Mapping[int, Period] | None = None) -> dict[int, Sheet]:
    """The figures of submissions, by submission and by service level, period and part. One statement.

    `periods` are those of the figures by their ids, where they were read already: not one more object for each figure then.
    """
    sheets: dict[int, Sheet] = {}
    found = Figure.objects.filter(submission__in=list(submissions))
    for figure in found if periods else found.select_related("period"):
        key = (figure.service_level_id, figure.period_id, figure.part)
        if periods and figure.period_id in periods:
            figure.period = periods[figure.period_id]
        sheets.setdefault(figure.submission_id, {})[key] = figure
    return sheets


def reported(figure: Figure) -> tuple[Any, ...]:
    return tuple(getattr(figure, name) for name in REPORTED)


def same(before: Sheet, after: Sheet) -> bool:
    """Whether two sheets report the same."""
    return first_change(before, after) is None


def first_change(before: Sheet, after: Sheet) -> date | None:
    """The first day of the earliest period for which two sheets report differently; None where they report the same."""
    return min(changed_days(before, after), default=None)


def changed_days(before: Sheet, after: Sheet) -> Iterator[date]:
    """The first days of the periods for which two sheets report differently."""
    for key in before.keys() | after.keys():
        if key not in before or key not in after or reported(before[key]) != reported(after[key]):
            yield (after.get(key) or before[key]).period.starts_on


def fingerprint(stored: Sheet, slots: Collection[tuple[int, int]]) -> str:
    """What is stored for some slots (service level, period), as a text that is another one as soon as anything of it changes."""
    told = [(*key, *map(str, reported(figure))) for key, figure in stored.items() if key[:2] in slots]
    return sha256(repr(sorted(told)).encode()).hexdigest()[:FINGERPRINT]


def checksum(sheet: Sheet) -> str:
    """SHA-256 of all that a stored sheet reports: a line for each figure, in the order of service level, period and part.

    It holds no order of rows and no number of the database's beside the ids of service level and period, so the same figures give the same.
    """
    lines = [
        "\x1f".join([*map(str, key), *("" if one is None else str(one) for one in reported(figure))])
        for key, figure in sorted(sheet.items())
    ]
    return sha256("\n".join(lines).encode()).hexdigest()


def only_adds(before: Sheet, after: Sheet, today: date) -> bool:
    """Whether what is reported after says all that was reported before, and adds slots whose due day is not over: what was left out."""
    slots = {key[:2] for key in before}
    return before.keys() < after.keys() and all(
        reported(before[key]) == reported(figure)
        if key in before
        else key[:2] not in slots and figure.period.due_on >= today
        for key, figure in after.items()
    )


def copy_to(submission: Submission, figure: Figure) -> Figure:
    """The same figure in a submission, not stored yet, with the key that it came by."""
    return Figure(
        vendor_id=submission.vendor_id,
        submission=submission,
        service_level_id=figure.service_level_id,
        period_id=figure.period_id,
        part=figure.part,
        **{name: getattr(figure, name) for name in (*REPORTED, *FED)},
    )


def create_figures(figures: list[Figure]) -> None:
    """Store figures; one that stands for the same slot and part is overwritten. One statement."""
    Figure.objects.bulk_create(
        figures,
        update_conflicts=True,
        unique_fields=["organisation", "submission", "service_level", "period", "part"],
        update_fields=[*REPORTED, *FED],
    )


# Figures of a submission come and go, a slot by its parts: all of it is counted each time.
COUNT_REPORTED = """
WITH counted AS (
    SELECT organisation_id, vendor_id, submission_id, period_id, count(DISTINCT service_level_id) AS slots
    FROM measurements_figure WHERE submission_id = ANY(%(submissions)s)
    GROUP BY organisation_id, vendor_id, submission_id, period_id
),
gone AS (
    DELETE FROM measurements_reportedperiod AS r
    WHERE r.submission_id = ANY(%(submissions)s) AND NOT EXISTS (
        SELECT FROM counted AS c WHERE c.submission_id = r.submission_id AND c.period_id = r.period_id)
)
INSERT INTO measurements_reportedperiod AS r (organisation_id, vendor_id, submission_id, period_id, slots)
SELECT organisation_id, vendor_id, submission_id, period_id, slots FROM counted
ON CONFLICT (organisation_id, submission_id, period_id) DO UPDATE SET slots = excluded.slots WHERE r.slots <> excluded.slots
"""


def count_reported(submissions: Iterable[Submission]) -> None:
    """Keep with each submission how many slots it has figures for, by period. Called by whatever writes figures. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_REPORTED, {"submissions": [one.pk for one in submissions]})
