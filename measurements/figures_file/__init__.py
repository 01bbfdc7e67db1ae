"""The figures file: what a vendor reports, as CSV or XLSX, read as a whole or not at all."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from lib.formula_guard import unguarded
from lib.names import one_name
from measurements.figures_file.cells import LONG_NUMBER, Cell, FileLine, is_local, lines
from measurements.figures_file.columns import COLUMNS, FOR_PEOPLE, LONGEST, NUMBERS, REQUIRED
from measurements.figures_file.expected import Expectations, ExpectedLevel, ExpectedSlot, expectations
from measurements.figures_file.problems import BadFigures, FigureProblem, listed, refused
from measurements.figures_file.rows import (
    FigureRow,
    RawRow,
    check_rows,
    shown,
    sort_rows,
)

__all__ = [
    "COLUMNS",
    "NUMBERS",
    "BadFigures",
    "Expectations",
    "ExpectedLevel",
    "ExpectedSlot",
    "FigureProblem",
    "FigureRow",
    "FigureRows",
    "RawRow",
    "check_rows",
    "expectations",
    "raw_rows",
    "read",
    "sort_rows",
]

HELD = "the cell holds {}, not a text; format the column as text and enter it again"
HELD_DAY = "the cell holds {}, not a number; format the column as a number and enter what is meant, such as the minutes"


def read(source: bytes, filename: str, contract: Expectations) -> list[FigureRow]:
    """The figures of a CSV (UTF-8, comma or semicolon) or XLSX file (first visible sheet), in its order.

    BadFigures with every problem by line and column, where anything is wrong with any row; then there are no figures.
    A file with a header and no rows has no figures, and is not wrong.
    """
    file = raw_rows(source, filename)
    rows, wrong = sort_rows(file.rows, contract)
    if file.problems or wrong:
        raise BadFigures(listed(sorted([*file.problems, *wrong], key=lambda one: one.line or 0)))
    return rows


@dataclass(frozen=True)
class FigureRows:
    """The rows of a file as they stand there, the lines that do not fit its header, and how many of all its rows its reader does not
    see: a filter, or somebody, hides them, and they are read like the others."""

    rows: list[RawRow]
    problems: list[FigureProblem]
    hidden: int

    @property
    def local(self) -> bool:
        return any(row.local for row in self.rows)


def raw_rows(source: bytes, filename: str) -> FigureRows:
    """What a file holds. BadFigures where it is no figures file."""
    table = lines(source, filename)
    if not table:
        raise refused("the file is empty; the first line must be a header with service_level and period")
    columns = _header(table[0])
    rows: list[RawRow] = []
    problems: list[FigureProblem] = []
    local = is_local(source)
    for line, cells, _ in table[1:]:
        wrong = _shape(columns, cells)
        held = [(column, said) for column, cell in zip(columns, cells, strict=False) if (said := _held(column, cell))]
        problems += [FigureProblem(line, column, said) for column, said in held]
        if wrong:
            problems.append(FigureProblem(line, "", wrong))
        elif not held:
            rows.append(RawRow(line, _by_column(columns, cells), local))
    return FigureRows(rows, problems, hidden=sum(line.hidden for line in table[1:]))


def _held(column: str, cell: str) -> str:
    """What to say of a day, or a number that is cut, where a text names something, and of a day or a span where a number belongs."""
    if not isinstance(cell, Cell):
        return ""
    if column in NUMBERS:
        return "" if cell.held == LONG_NUMBER else HELD_DAY.format(cell.held)
    return HELD.format(cell.held) if column in ("service_level", *LONGEST) else ""


def _by_column(columns: list[str], cells: list[str]) -> dict[str, str]:
    """The cells by column, texts without the apostrophe that the template puts before what looks like a formula."""
    return {
        column: str(cell) if column in NUMBERS else unguarded(cell)
        for column, cell in zip(columns, cells, strict=False)
        if column not in FOR_PEOPLE
    }


def _header(first: FileLine) -> list[str]:
    """The column names, lower case; empty columns at the end of the line are dropped."""
    line, cells, _ = first
    columns = [one_name(cell).lower() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not set(columns) & set(COLUMNS):
        known = ", ".join(COLUMNS)
        raise refused(f"the first line must be a header, separated by commas or semicolons; columns: {known}", line)
    problems = []
    for position, column in enumerate(columns):
        if not column:
            problems.append(FigureProblem(line, "", f"column {position + 1} has no name; name or remove it"))
        elif column not in (*COLUMNS, *FOR_PEOPLE):
            close = difflib.get_close_matches(column[:80], COLUMNS, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"columns: {', '.join(COLUMNS)}"
            problems.append(FigureProblem(line, column[:80], f"unknown column {shown(column)}; {hint}"))
        elif column in columns[:position]:
            problems.append(FigureProblem(line, column, "the column stands here twice; remove one"))
    problems += [
        FigureProblem(line, column, "the column is missing; add it") for column in REQUIRED if column not in columns
    ]
    if problems:
        raise BadFigures(listed(problems))
    return columns


def _shape(columns: list[str], cells: list[str]) -> str:
    """What is wrong with the number of cells; empty where nothing is. Spreadsheet programs leave out the empty ones at the end."""
    if any(cells[len(columns) :]):
        return f"the line has {len(cells)} cells, the header {len(columns)}; check its separators and quotes"
    return ""
