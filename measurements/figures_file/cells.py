"""From the bytes of a CSV or XLSX file to numbered lines of cells, all of them text. Which columns there are: `columns.py`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from lib.file_kinds import ARCHIVE, WORKBOOK, ZIP, document_kind
from measurements.figures_file.cell_formats import GENERAL_DIGITS, Unreadable, shown, shown_text
from measurements.figures_file.problems import BadFigures, FigureProblem, refused
from measurements.figures_file.workbook_guard import SheetFacts, cell_name, check_workbook

MAX_BYTES = 10_000_000
LONG_NUMBER = "a long number"
MAX_ROWS = 20_000
MAX_COLUMNS = 50
MAX_UNREAD = 200  # cells without a value that are named
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00a0 \t\r\n"  # what programs put before a header without showing it
SEPARATOR = re.compile(r"sep=([;,\t])\Z", re.IGNORECASE | re.ASCII)


class Cell(str):
    """The text of a cell of which more is known: `held` says that a workbook holds a day or a long number there, not a text."""

    __slots__ = ("held",)
    held: str

    def __new__(cls, text: str, held: str) -> Cell:
        cell = super().__new__(cls, text)
        cell.held = held
        return cell


class FileLine(NamedTuple):
    """A line of a file: its number, from 1, and its cells. `hidden`: its reader does not see it, by hand or by a filter."""

    number: int
    cells: list[str]
    hidden: bool = False


def lines(source: bytes, filename: str) -> list[FileLine]:
    """The lines that are not empty, their cells without white space around them. BadFigures where the file cannot be read.
    The content decides what the file is, not its name."""
    kind = document_kind(source)
    if kind not in (None, WORKBOOK, ARCHIVE):  # what is in an archive is looked at below
        raise refused(f"this is {kind}; figures are read from CSV and .xlsx files, the template is one")
    if len(source) > MAX_BYTES:
        raise refused(f"the file has {len(source):,} bytes; at most {MAX_BYTES:,} are read")
    if source.startswith(ZIP):
        found = _from_workbook(source)
    elif filename.lower().endswith((".xlsx", ".xls", ".xlsm", ".xlsb")):
        raise refused("the file is no XLSX workbook (or protected by a password); save it as .xlsx, or as CSV")
    else:
        found = _from_csv(source)
    kept = []
    for count, line in enumerate(found, start=1):
        if any(line.cells):
            kept.append(line)
        # Empty lines count towards twice the limit: a file of nothing else takes as long to read.
        if len(kept) > 1 + MAX_ROWS or count > 1 + 2 * MAX_ROWS:
            raise refused(f"the file has more than {MAX_ROWS:,} rows; split it", line.number)
    return kept


# CSV -------------------------------------------------------------------------------------------------------------


def _from_csv(source: bytes) -> Iterator[FileLine]:
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = source[: error.start].count(b"\n") + 1
        raise refused("the file is not UTF-8 text; save it as CSV UTF-8", number) from None
    if "\0" in text:
        number = text[: text.index("\0")].count("\n") + 1
        raise refused("the file is not text, here stands a NUL; save it as CSV UTF-8 or .xlsx", number)
    # Old programs end lines with a carriage return alone: then a line is what they show as one.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    skipped, text = _header_first(text)
    header = text.partition("\n")[0]
    found = SEPARATOR.match(header.strip())
    if found:
        skipped, text = skipped + 1, text.partition("\n")[2]
    delimiter = found.group(1) if found else _delimiter(header)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1 + skipped
    try:
        for cells in reader:
            yield FileLine(number, [cell.strip() for cell in cells])
            number = reader.line_num + 1 + skipped
    except csv.Error as error:
        why = "a cell is longer than a file may have" if "field limit" in str(error) else error
        raise refused(f"the line is no CSV ({why}); check its quotes", number) from None


def _header_first(text: str) -> tuple[int, str]:
    """The text from its first letter that shows on, and how many lines stood before it."""
    rest = text.lstrip(INVISIBLE)
    return text[: len(text) - len(rest)].count("\n"), rest


def is_local(source: bytes) -> bool:
    """Whether a file is a CSV with semicolons: its writer's decimals are commas, and 1.500 may be fifteen hundred."""
    if source.startswith(ZIP):
        return False
    header = _header_first(source[:10_000].decode("utf-8-sig", "replace"))[1].partition("\n")[0]
    return SEPARATOR.match(header.strip()) is not None or _delimiter(header) == ";"


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


# XLSX ------------------------------------------------------------------------------------------------------------


def _from_workbook(source: bytes) -> Iterator[FileLine]:
    facts = check_workbook(source, MAX_ROWS + 1, MAX_COLUMNS)
    try:
        name, rows = _first_sheet(source)
    except (CalamineError, ValueError, OverflowError):
        raise refused("the workbook cannot be read; save it again as .xlsx, or as CSV") from None
    if rows is None:
        raise refused("the workbook has no visible sheet; show the one with the figures")
    sheet = facts.get(name) or SheetFacts()
    problems = sheet.unread[:MAX_UNREAD]
    found = []
    for number, cells in enumerate(rows, start=1):
        texts = []
        for column, cell in enumerate(cells, start=1):
            try:
                texts.append(_text(cell, sheet.formats.get((number, column), "")))
            except Unreadable as why:
                if len(problems) < MAX_UNREAD:
                    problems.append(FigureProblem(number, "", f"the cell {cell_name(number, column)} {why}"))
        found.append(FileLine(number, texts, number in sheet.hidden))
    if problems:
        raise BadFigures(sorted(problems, key=lambda one: one.line or 0))
    yield from found


def _first_sheet(source: bytes) -> tuple[str, list[list[Any]] | None]:
    """The name and the rows of the first sheet that can be seen."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(source))
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return sheet.name, workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    return "", None


def _text(cell: Any, code: str) -> str:
    """A cell as it is shown. Numbers have the 15 digits that a spreadsheet keeps: the binary fraction behind 0.1 is not what anyone
    entered."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        text = shown(float(cell), code)
        long = len(text.replace("-", "")) > GENERAL_DIGITS and text.isascii() and text.isdigit()
        return Cell(text, LONG_NUMBER) if long else text
    if isinstance(cell, datetime):
        return Cell(cell.date().isoformat() if cell.time() == time() else cell.isoformat(), "a date")
    if isinstance(cell, (date, time, timedelta)):
        return Cell(cell.isoformat() if not isinstance(cell, timedelta) else str(cell), "a date or a time")
    return shown_text(str(cell), code).strip()
