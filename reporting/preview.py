"""What a figures file would change: row by row, month by month. Nothing is written."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.utils import timezone

from contracts.models import Contract, Period
from lib.formula_guard import guarded
from measurements.actions.expected import Slots, slots_of
from measurements.actions.sheets import Sheet, fingerprint, only_adds, reported, sheets_of
from measurements.actions.submissions import add_from
from measurements.figures_file import COLUMNS, FigureRow
from measurements.figures_file.columns import NUMBERS
from measurements.models import Figure, Submission
from measurements.rules import LIVE, OPEN, Status
from measurements.wording import describe_figure
from organisations import kept_plans
from organisations.models import Membership

PARTS_BEFORE = (Path(__file__).parent / "sql" / "parts_before.sql").read_text()
NEW, CHANGED, SAME, REMOVED = "New", "Changed", "Same", "Removed"


@dataclass(frozen=True)
class PreviewLine:
    """One figure: what the month has for it now, what the file says. `line` is None for what the file leaves out of a slot."""

    line: int | None
    code: str
    name: str
    period: str
    part: str
    now: str
    becomes: str
    outcome: str


@dataclass
class MonthPreview:
    """One month: its lines, and what stands in the way of saving them."""

    month: date
    waits: bool  # its figures are submitted and wait for a decision
    corrects: bool  # its figures are accepted: a change is a correction, which needs a reason
    holder: Submission | None  # what is stored for it
    closed: bool  # to whoever looks: the vendor prepares its figures
    lines: list[PreviewLine] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return sum(1 for line in self.lines if line.outcome != SAME)

    @property
    def is_open(self) -> bool:
        """Whether there is a draft, or a returned submission, that can be submitted as it is."""
        return self.holder is not None and self.holder.status in OPEN and not self.closed


@dataclass
class Preview:
    months: list[MonthPreview]
    fingerprint: str  # of what is stored for the slots of the file

    @property
    def lines(self) -> list[PreviewLine]:
        return [line for month in self.months for line in month.lines]

    @property
    def changes(self) -> int:
        return sum(month.changes for month in self.months)

    @property
    def waiting(self) -> list[MonthPreview]:
        return [month for month in self.months if month.waits]

    @property
    def closed(self) -> list[MonthPreview]:
        return [month for month in self.months if month.closed]

    @property
    def corrections(self) -> list[MonthPreview]:
        return [month for month in self.months if month.corrects and month.changes]

    def count(self, outcome: str) -> int:
        return sum(1 for line in self.lines if line.outcome == outcome)


def preview(contract: Contract, rows: Iterable[FigureRow], by: Membership) -> Preview:
    """The rows of a checked file beside what is stored, as far as whoever looks may see it. Four statements, whatever the
    number of rows."""
    slots, rows, now = slots_of(contract), list(rows), timezone.now()
    months: dict[date, list[FigureRow]] = {}
    for row in rows:
        months.setdefault(slots.periods[row.service_level, row.period].month, []).append(row)
    current: dict[date, dict[bool, Submission]] = {}
    for one in Submission.objects.filter(contract=contract, month__in=months).exclude(status=Status.SUPERSEDED):
        current.setdefault(one.month, {})[one.status in LIVE] = one
    sheets = sheets_of(one for found in current.values() for one in found.values())
    made: list[MonthPreview] = []
    before: Sheet = {}
    for month, found in sorted(months.items()):
        live, accepted = (current.get(month, {}).get(is_live) for is_live in (True, False))
        holder = live or accepted
        closed = holder is not None and holder.is_closed_to(by)
        stored = sheets.get(holder.pk, {}) if holder and not closed else {}
        before |= stored
        waits = live is not None and live.status == Status.SUBMITTED
        corrects = accepted is not None and not (live and live.reason)
        if corrects and accepted is not None:
            corrects = not _adds(slots, found, sheets.get(accepted.pk, {}), add_from(live, contract.day(now)))
        one = MonthPreview(month, waits, corrects=corrects, holder=holder, closed=closed)
        one.lines = _lines(slots, found, stored)
        made.append(one)
    asked = {(slots.levels[row.service_level].pk, slots.periods[row.service_level, row.period].pk) for row in rows}
    return Preview(made, fingerprint(before, asked))


def _adds(slots: Slots, rows: list[FigureRow], accepted: Sheet, today: date) -> bool:
    """Whether rows say nothing else than what is accepted, and add what was left out and is not past its due day."""
    given = {}
    for row in rows:
        level, period = slots.levels[row.service_level], slots.periods[row.service_level, row.period]
        given[level.pk, period.pk, row.part] = _figure(row, period)
    asked = {key[:2] for key in given}
    return only_adds(accepted, {key: one for key, one in accepted.items() if key[:2] not in asked} | given, today)


def _figure(row: FigureRow, period: Period) -> Figure:
    return Figure(period=period, **{name: getattr(row, name) for name in (*NUMBERS, "incident", "note")})


def _lines(slots: Slots, rows: list[FigureRow], stored: Sheet) -> list[PreviewLine]:
    lines, seen = [], set()
    for row in rows:
        level, period = slots.levels[row.service_level], slots.periods[row.service_level, row.period]
        key = (level.pk, period.pk, row.part)
        seen.add(key)
        given = _figure(row, period)
        before = stored.get(key)
        outcome = NEW if before is None else SAME if reported(before) == reported(given) else CHANGED
        now = describe_figure(level.measure, before) if before else "–"
        becomes = describe_figure(level.measure, given)
        lines.append(PreviewLine(row.line, level.code, level.name, period.label, row.part, now, becomes, outcome))
    there = {key[:2] for key in seen}
    by_id = {level.pk: level for level in slots.levels.values()}
    for key, figure in stored.items():
        if key[:2] in there and key not in seen:
            level = by_id[key[0]]
            label = figure.period.label
            now = describe_figure(level.measure, figure)
            lines.append(PreviewLine(None, level.code, level.name, label, figure.part, now, "–", REMOVED))
    return lines


# Files -----------------------------------------------------------------------------------------------------------


def template(contract: Contract, month: date, by: Membership) -> str:
    """A figures file to fill in: the header, and a line for each slot whose period ends in the month.

    The parts that were reported before are given again, so that nobody has to look them up.
    """
    parts = parts_before(contract, month, by)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for level, period in slots_of(contract).ending_in(month):
        for part in parts.get(level.pk, [""]):
            line = [guarded(level.code), period.starts_on.isoformat(), guarded(part)]
            writer.writerow([*line, *[""] * (len(COLUMNS) - 3)])
    return out.getvalue()


def parts_before(contract: Contract, month: date, by: Membership) -> dict[int, list[str]]:
    """The parts that were ever submitted for earlier months, by service level, as far as whoever looks may see them. One statement."""
    parts: dict[int, list[str]] = {}
    values = {"contract": contract.pk, "month": month, "of_client": by.vendor_id is None}
    for level_id, part in kept_plans.rows(PARTS_BEFORE, values):
        parts.setdefault(level_id, []).append(part)
    return parts
