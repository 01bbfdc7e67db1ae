"""A month's figures typed by hand: the lines to fill in, and the rows that they come to."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.models import Contract, Period
from lib.months import after
from measurements.actions.expected import slots_of
from measurements.actions.sheets import Sheet, sheets_of
from measurements.figures_file import FigureProblem, FigureRow, RawRow
from measurements.figures_file.columns import LONGEST, NEEDED, RELIEVABLE
from measurements.models import Figure, Submission
from measurements.rules import LIVE, Status
from measurements.wording import describe_figure, format_figure, format_sign
from organisations.models import Membership
from reporting.preview import parts_before
from slas.models import ServiceLevel

LABELS = {"downtime": "Minutes down", "maintenance": "Minutes of agreed maintenance", "value": "Value"}
ASIDE = {"relieved": "Relieved", "incident": "Incident", "note": "Note"}
PRINTED = {one: re.compile(rf"-?[0-9]{{1,3}}({one}[0-9]{{3}})+(\.[0-9]{{1,6}})?") for one in (",", " ")}
NAMED = {"numerator": "of", "denominator": "among"}  # where a measure has the name of a count
EMPTY = "Enter a number; 0 if there were none"
NAMELESS = "is empty; give the part its name"


@dataclass
class Cell:
    """One input. `before` is what the month before had, `text` what stands in it."""

    name: str
    column: str
    label: str
    unit: str = ""
    before: str = ""
    text: str = ""
    longest: int = 20
    problems: list[str] = field(default_factory=list)
    same_as: "Cell | None" = (
        None  # the input of another service level that counts the same: left empty, this one takes what is typed there
    )
    same_in: str = ""  # the title of that service level

    @property
    def is_number(self) -> bool:
        return self.column not in LONGEST

    @property
    def described_by(self) -> str:
        """The id of what is said of it: what is wrong, or else where it is copied from."""
        return f"{self.name}-why" if self.problems else f"{self.name}-same" if self.same_as else ""

    @property
    def said_of(self) -> str:
        """The same on the month's sheet, where it is said of an empty input alone that it is copied."""
        return self.described_by if self.problems or not self.text else ""


@dataclass
class EntryLine:
    """One figure: a slot and a part. `is_new` lines ask for the name of a further part; left empty they say nothing."""

    level: ServiceLevel
    period: Period
    part: Cell
    cells: list[Cell]
    aside: list[Cell]
    is_new: bool = False
    former: str = ""  # what was reported for the month before

    @property
    def title(self) -> str:
        """The service level; with its period where that is not the month itself."""
        return self.level.name if self.level.cycle == "month" else f"{self.level.name}, {self.period.label}"

    @property
    def all_cells(self) -> list[Cell]:
        return [self.part, *self.cells, *self.aside]

    @property
    def said(self) -> bool:
        return any(cell.text for cell in (*self.cells, *self.aside))

    @property
    def opened(self) -> bool:
        """Whether what is rarely needed has something in it."""
        return any(cell.text or cell.problems for cell in self.aside)


@dataclass
class EntrySheet:
    """The lines of a month. `waits`: its figures are submitted, nothing can be entered until they are returned.
    `closed`: the vendor's work in progress, of which whoever looks may see nothing."""

    month: date
    lines: list[EntryLine]
    waits: bool
    accepted: bool
    closed: Submission | None = None
    holder: Submission | None = None  # what holds the month's figures, and its figures
    stored: Sheet = field(default_factory=dict)
    # slots (service level, period) whose figures are accepted, where another figure would be a correction that says why
    kept: frozenset[tuple[int, int]] = frozenset()

    @property
    def filled(self) -> list[EntryLine]:
        return [line for line in self.lines if line.said]

    @property
    def problems(self) -> list[tuple[EntryLine, Cell, str]]:
        return [(line, cell, text) for line in self.lines for cell in line.all_cells for text in cell.problems]

    def raw_rows(self) -> list[RawRow]:
        """What was filled in, numbered from 1; what was left empty is not in it, so that it stays as it is."""
        return [
            RawRow(
                number,
                {cell.column: as_number(cell.text) if cell.is_number else cell.text for cell in line.all_cells}
                | {"service_level": line.level.code, "period": line.period.starts_on.isoformat()},
                local=True,
            )
            for number, line in enumerate(self.filled, start=1)
        ]

    def nameless(self) -> bool:
        """Whether a further part has figures and no name; its input then says so."""
        found = [line.part for line in self.filled if line.is_new and not line.part.text]
        for part in found:
            part.problems.append(NAMELESS)
        return bool(found)

    def blame(self, problems: Iterable[FigureProblem]) -> None:
        """Put what is wrong with the rows to the inputs that they were made of."""
        filled = self.filled
        for problem in problems:
            line = filled[(problem.line or 1) - 1]
            cell = next((one for one in line.all_cells if one.column == problem.column), line.cells[0])
            cell.problems.append(problem.message if cell.text else EMPTY)


def as_number(text: str) -> str:
    """A number as it is printed beside its field, 32,180 or 27 900, as digits; anything else as it was typed."""
    bare = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ").replace("\u2212", "-")
    for separator in (",", " "):
        if PRINTED[separator].fullmatch(bare):
            return bare.replace(separator, "")
    return bare


def entry_sheet(
    contract: Contract,
    month: date,
    by: Membership,
    typed: Mapping[str, str] | None = None,
    rows: Iterable[FigureRow] = (),
) -> EntrySheet:
    """The lines of a month with what is stored, or with what was typed. Six statements, whatever the number of lines.

    `rows` are what was typed and checked already: they stand in their lines instead of what is stored.
    """
    holders = holders_of(contract, month)
    if holders.live and holders.live.is_closed_to(by):
        return EntrySheet(month, [], waits=False, accepted=False, closed=holders.live)
    sheets = sheets_of(one for one in holders if one)
    before = sheets.get(holders.former.pk, {}) if holders.former else {}
    slots, parts = slots_of(contract).ending_in(month), parts_before(contract, month, by)
    lines = lines_of(slots, holders.stored(sheets), before.values(), parts, rows, typed)
    return sheet_with(month, lines, holders, sheets)


class Holders(NamedTuple):
    """What holds a month's figures: the submission that is being worked on, and the accepted one; and what holds the month before's."""

    live: Submission | None
    accepted: Submission | None
    former: Submission | None

    def stored(self, sheets: Mapping[int, Sheet]) -> Sheet:
        holder = self.live or self.accepted
        return sheets.get(holder.pk, {}) if holder else {}


def holders_of(contract: Contract, month: date) -> Holders:
    """One statement."""
    there = Submission.objects.filter(contract=contract, month__in=(month, after(month, -1)))
    found = {(one.month, one.status in LIVE): one for one in there.exclude(status=Status.SUPERSEDED)}
    return Holders(found.get((month, True)), found.get((month, False)), found.get((after(month, -1), False)))


def sheet_with(month: date, lines: list[EntryLine], holders: Holders, sheets: Mapping[int, Sheet]) -> EntrySheet:
    """These lines of a month, with what is stored for it."""
    live, accepted, _ = holders
    kept = sheets.get(accepted.pk, {}) if accepted and not (live and live.reason) else {}
    return EntrySheet(
        month,
        lines,
        waits=live is not None and live.status == Status.SUBMITTED,
        accepted=accepted is not None and live is None,
        holder=live or accepted,
        stored=holders.stored(sheets),
        kept=frozenset(key[:2] for key in kept),
    )


def lines_of(
    slots: Iterable[tuple[ServiceLevel, Period]],
    stored: Sheet,
    before: Iterable[Figure],
    parts: Mapping[int, list[str]],
    rows: Iterable[FigureRow] = (),
    typed: Mapping[str, str] | None = None,
) -> list[EntryLine]:
    """The lines of some slots. `before` are the figures of the month before, `parts` those that were reported earlier, by service level."""
    given = {(row.service_level, row.period, row.part): row for row in rows}
    former = {(figure.service_level_id, figure.part): figure for figure in before}
    reported = parts_in(stored)
    lines = []
    for level, period in slots:
        named = set(reported.get((level.pk, period.pk), ()))
        named |= {part for code, starts_on, part in given if (code, starts_on) == (level.code, period.starts_on)}
        known = known_parts(level, named, parts)
        further = [""] if known != [""] else []  # whoever reports by parts may have one more
        for at, part in enumerate([*known, *further]):
            figure = given.get((level.code, period.starts_on, part)) or stored.get((level.pk, period.pk, part))
            line = _line(level, period, at, part, figure, former.get((level.pk, part)))
            line.is_new = at >= len(known)
            if typed is not None:
                type_into(line, typed)
            lines.append(line)
    _share(lines, copied=typed is not None)
    return lines


def parts_in(stored: Sheet) -> dict[tuple[int, int], set[str]]:
    """The parts that are stored, by slot."""
    reported: dict[tuple[int, int], set[str]] = {}
    for level_id, period_id, part in stored:
        reported.setdefault((level_id, period_id), set()).add(part)
    return reported


def known_parts(level: ServiceLevel, named: Collection[str], parts: Mapping[int, list[str]]) -> list[str]:
    """By which parts a service level is reported: those `named` for the month, and those of earlier months; one without a name else."""
    return sorted({*named, *parts.get(level.pk, [] if named else [""])})


def _line(
    level: ServiceLevel,
    period: Period,
    at: int,
    part: str,
    figure: Figure | FigureRow | None,
    former: Figure | None,
) -> EntryLine:
    measure, key = level.measure, f"{level.pk}-{period.pk}-{at}"

    def cell(column: str, label: str, unit: str = "") -> Cell:
        return Cell(
            f"{key}-{column}",
            column,
            label,
            unit,
            before=format_figure(getattr(former, column)) if former and column not in LONGEST else "",
            text=_text(getattr(figure, column)) if figure else "",
            longest=LONGEST.get(column, 20),
        )

    labels = LABELS | {
        "numerator": measure.get("of") or "Numerator",
        "denominator": measure.get("among") or "Denominator",
    }
    unit = format_sign(measure.get("unit") or "") if measure["kind"] == "value" else ""
    aside = ASIDE if measure["kind"] in RELIEVABLE else {"incident": ASIDE["incident"], "note": ASIDE["note"]}
    return EntryLine(
        level,
        period,
        Cell(f"{key}-part", "part", "Further part", text=part, longest=LONGEST["part"]),
        [
            cell(column, "Count" if measure["kind"] == "count" else labels[column], unit)
            for column in NEEDED[measure["kind"]]
        ],
        [cell(column, label) for column, label in aside.items()],
        former=describe_figure(measure, former) if former else "",
    )


def _share(lines: Iterable[EntryLine], *, copied: bool) -> None:
    """Point inputs that have one name in one period and part at the first of them, as far as they had the same number in the month before.

    Where they are `copied`, one that is empty in a line with something else in it takes over what the first has.
    """
    first: dict[tuple[str, str, date, str], tuple[EntryLine, Cell]] = {}
    for line in lines:
        measure = line.level.measure
        for cell in line.cells:
            name = measure.get(NAMED.get(cell.column, ""))
            if not name or line.is_new:
                continue
            key = (name.casefold(), line.level.cycle, line.period.starts_on, line.part.text)
            of, other = first.setdefault(key, (line, cell))
            if other is cell or of is line or (cell.before and other.before and cell.before != other.before):
                continue
            cell.same_as, cell.same_in = other, of.title
        if copied:
            take_over(line)


def take_over(line: EntryLine) -> None:
    """Inputs that are empty in a line with something else in it take over what stands where they are counted first."""
    for cell in line.cells if line.said else ():
        if cell.same_as and not cell.text:
            cell.text = cell.same_as.text


def _text(value: Any) -> str:
    """A stored value as it would be typed."""
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in text else text


def type_into(line: EntryLine, typed: Mapping[str, str]) -> None:
    """What was typed into a line; of a part that has a name already only the figures."""
    for cell in line.all_cells if line.is_new else (*line.cells, *line.aside):
        text = typed.get(cell.name, "").replace("\r\n", "\n").replace("\r", "\n").strip()
        cell.text = text if cell.column == "note" else " ".join(text.split())
