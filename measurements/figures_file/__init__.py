"""The figures file: what a vendor reports, as CSV or XLSX, read as a whole or not at all."""

from __future__ import annotations

import difflib
from datetime import date

from measurements.figures_file.expected import Expectations, ExpectedLevel, ExpectedSlot, expectations
from measurements.figures_file.formula_guard import unguarded
from measurements.figures_file.problems import BadFigures, FigureProblem, refused
from measurements.figures_file.rows import COLUMNS, NUMBERS, FigureRow, checked_row, shown
from measurements.figures_file.tables import FileLine, lines

__all__ = [
    "COLUMNS",
    "BadFigures",
    "Expectations",
    "ExpectedLevel",
    "ExpectedSlot",
    "FigureProblem",
    "FigureRow",
    "expectations",
    "read",
]

REQUIRED = ("service_level", "period")
MOST_PROBLEMS = 200


def read(source: bytes, filename: str, contract: Expectations) -> list[FigureRow]:
    """The figures of a CSV (UTF-8, comma or semicolon) or XLSX file (first visible sheet), in its order.

    BadFigures with every problem by line and column, where anything is wrong with any row; then there are no figures.
    A file with a header and no rows has no figures, and is not wrong.
    """
    table = lines(source, filename)
    if not table:
        raise refused("the file is empty; the first line must be a header with service_level and period")
    columns = _header(table[0])
    problems: list[FigureProblem] = []
    figures: list[FigureRow] = []
    seen: dict[tuple[str, date, str], int] = {}
    for line, cells in table[1:]:
        said = _shape(columns, cells)
        if not said:
            row, said = checked_row(line, _by_column(columns, cells), contract)
            if row is not None:
                said = _repeated(row, seen)
                figures.append(row)
        problems.extend(FigureProblem(line, column, message) for column, message in said)
    if problems:
        raise BadFigures(_listed(problems))
    return figures


def _by_column(columns: list[str], cells: list[str]) -> dict[str, str]:
    """The cells by column, texts without the apostrophe that the template puts before what looks like a formula."""
    return {
        column: cell if column in NUMBERS else unguarded(cell) for column, cell in zip(columns, cells, strict=False)
    }


def _listed(problems: list[FigureProblem]) -> list[FigureProblem]:
    if len(problems) <= MOST_PROBLEMS:
        return problems
    more = FigureProblem(None, "", f"and {len(problems) - MOST_PROBLEMS} more; correct these first")
    return [*problems[:MOST_PROBLEMS], more]


def _header(first: FileLine) -> list[str]:
    """The column names, lower case; empty columns at the end of the line are dropped."""
    line, cells = first
    columns = [cell.lower() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not set(columns) & set(COLUMNS):
        known = ", ".join(COLUMNS)
        raise refused(f"the first line must be a header, separated by commas or semicolons; columns: {known}", line)
    problems = []
    for position, column in enumerate(columns):
        if not column:
            problems.append(FigureProblem(line, "", f"column {position + 1} has no name; name or remove it"))
        elif column not in COLUMNS:
            close = difflib.get_close_matches(column[:80], COLUMNS, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"columns: {', '.join(COLUMNS)}"
            problems.append(FigureProblem(line, column[:80], f"unknown column {shown(column)}; {hint}"))
        elif column in columns[:position]:
            problems.append(FigureProblem(line, column, "the column stands here twice; remove one"))
    problems += [
        FigureProblem(line, column, "the column is missing; add it") for column in REQUIRED if column not in columns
    ]
    if problems:
        raise BadFigures(_listed(problems))
    return columns


def _shape(columns: list[str], cells: list[str]) -> list[tuple[str, str]]:
    if any(cells[len(columns) :]):
        return [("", f"the line has {len(cells)} cells, the header {len(columns)}; check its separators and quotes")]
    if len(cells) < len(columns):
        return [("", f"the line has only {len(cells)} cells, the header {len(columns)}; fill it up with separators")]
    return []


def _repeated(row: FigureRow, seen: dict[tuple[str, date, str], int]) -> list[tuple[str, str]]:
    key = (row.service_level, row.period, row.part)
    first = seen.setdefault(key, row.line)
    if first == row.line:
        return []
    part = f" and part {shown(row.part)}" if row.part else ""
    remedy = "give each part its own name" if row.part else "use `part` for several"
    message = (
        f"{row.service_level} has a figure for {row.period}{part} on line {first} already; remove one, or {remedy}"
    )
    return [("part" if row.part else "period", message)]
