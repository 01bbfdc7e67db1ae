"""From the bytes of a CSV or XLSX file to numbered lines of cells, all of them text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from measurements.figures_file.problems import BadFigures, refused
from measurements.figures_file.workbook_guard import check_workbook

MAX_BYTES = 10_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 50
MAX_UNREAD = 200  # cells without a value that are named
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

FileLine = tuple[int, list[str]]


def lines(source: bytes, filename: str) -> list[FileLine]:
    """The lines that are not empty: number (from 1) and cells without white space around them. BadFigures where the
    file cannot be read. The content decides what the file is, not its name."""
    if len(source) > MAX_BYTES:
        raise refused(f"the file has {len(source):,} bytes; at most {MAX_BYTES:,} are read")
    if source.startswith(ZIP):
        found = _from_workbook(source)
    elif source.startswith(OLE) or filename.lower().endswith((".xlsx", ".xls", ".xlsm", ".xlsb")):
        raise refused("the file is no XLSX workbook (or protected by a password); save it as .xlsx, or as CSV")
    else:
        found = _from_csv(source)
    kept = []
    for number, cells in found:
        if any(cells):
            kept.append((number, cells))
        if len(kept) > 1 + MAX_ROWS:
            raise refused(f"the file has more than {MAX_ROWS:,} rows; split it", number)
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
    header = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(header), strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1
    except csv.Error as error:
        why = "a cell is longer than a file may have" if "field limit" in str(error) else error
        raise refused(f"the line is no CSV ({why}); check its quotes", number) from None


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


# XLSX ------------------------------------------------------------------------------------------------------------


def _from_workbook(source: bytes) -> Iterator[FileLine]:
    unread = check_workbook(source, MAX_ROWS + 1, MAX_COLUMNS)
    try:
        name, rows = _first_sheet(source)
    except (CalamineError, ValueError, OverflowError):
        raise refused("the workbook cannot be read; save it again as .xlsx, or as CSV") from None
    if rows is None:
        raise refused("the workbook has no visible sheet; show the one with the figures")
    if unread.get(name):
        raise BadFigures(unread[name][:MAX_UNREAD])
    for number, cells in enumerate(rows, start=1):
        yield number, [_text(cell) for cell in cells]


def _first_sheet(source: bytes) -> tuple[str, list[list[Any]] | None]:
    """The name and the rows of the first sheet that can be seen."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(source))
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return sheet.name, workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    return "", None


def _text(cell: Any) -> str:
    """A cell as text. Numbers have the 15 digits that a spreadsheet shows: the binary fraction behind 0.1 is not what
    anyone entered."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float)):
        return format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
