"""Tables to take along: what a list shows, under its filters and in its order, as CSV or as a workbook.

A list says its columns once (`Column`); `Export` reads what the address asks for, and makes the file or the menu that offers it.
A file is written row by row while its rows are read, in the scope of whoever asked, and sent from where it was written: docs/adr/0020.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from lib.errors import RuleBroken
from lib.formula_guard import guarded

AT_ONCE = 5_000  # rows of a file that is made while somebody waits
MOST = 50_000  # rows of any file
# Digits that a workbook's numbers keep; a longer one is written as text, so that it stays what it was.
EXACT_DIGITS = 15
# What a file and its sheet are not called: a reference like "MSA/2024" names a folder, and Excel takes no such sheet.
UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
WRITTEN_PLACES = 6
WIDEST = 60  # letters
IN_MEMORY = 1024 * 1024  # bytes of a file; what is longer is written to disk
CHUNK = 1_000  # rows that are read together

T = TypeVar("T")
R = TypeVar("R")
Cell = str | int | Decimal | date | datetime | None
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]  # title, heads, rows


_limit: ContextVar[int | None] = ContextVar("limit", default=None)


class MadeInBackground(RuleBroken):
    """There are more rows than somebody waits for. Where nobody offers to make them in the background, it says what to do."""

    def __init__(self, name: str, count: int, limit: int) -> None:
        sentence = f"There are {count:,} rows, and {limit:,} come at once. Filter the list first."
        super().__init__("too_many_rows", sentence)
        self.name, self.count, self.limit = name, count, limit


@contextmanager
def in_background(limit: int = MOST) -> Iterator[None]:
    """Inside, files have up to so many rows, and nobody waits."""
    token = _limit.set(limit)
    try:
        yield
    finally:
        _limit.reset(token)


@dataclass(frozen=True)
class Column:
    """`name` stands in addresses, `label` at the head; `cell` takes a row of the list. Moments come with their zone.

    `group`: what it is chosen together with, as the menu calls it: twelve months are one choice.
    """

    name: str
    label: str
    cell: Callable[[Any], Cell]
    group: str = ""


@dataclass(frozen=True)
class Export:
    """What the address of a list asks for: `form` is "", "csv" or "xlsx"; `columns` are those wanted, in the list's order.

    `state` are the filters of the list, as its address says them.
    """

    name: str
    every: Sequence[Column]
    columns: Sequence[Column]
    form: str
    state: Mapping[str, str]

    @classmethod
    def asked(
        cls, name: str, every: Sequence[Column], given: Any, state: Mapping[str, str], table: str = ""
    ) -> "Export":
        """`?export=xlsx&column=title&column=state`; without columns all of them. What nobody can mean is left out.

        `table`: of a page that has several, all but the first say which they are: `?table=credit&export=csv`. A `name` may hold what people
        call things; the file has of it what every program takes in the name of a file and of a sheet.
        """
        wanted = set(given.getlist("column"))
        form = given.get("export", "") if given.get("table", "") == table else ""
        state = {**state, "table": table}
        columns = [column for column in every if {column.name, column.group} & wanted] or list(every)
        kept = {key: text for key, text in state.items() if text}
        return cls(UNFIT.sub("-", name), every, columns, form if form in KINDS else "", kept)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Name and label of each column, or of the group that it is chosen with."""
        return list(dict.fromkeys((one.group or one.name, one.group or one.label) for one in self.every))

    def __bool__(self) -> bool:
        return bool(self.form)

    def answer(self, rows: Callable[[], Iterable[Any]], count: int) -> HttpResponseBase:
        """The file, complete before its first byte is sent. RuleBroken where there are too many rows, which are not read then;
        MadeInBackground where a worker could make it."""
        if count > MOST:
            sentence = f"There are {count:,} rows, and a file holds {MOST:,}. Filter the list first."
            raise RuleBroken("too_many_rows", sentence)
        limit = AT_ONCE if _limit.get() is None else _limit.get()
        if limit is not None and count > limit:
            raise MadeInBackground(self.name, count, limit)
        return spooled(f"{self.name}.{self.form}", KINDS[self.form], lambda file: self._write(file, rows()))

    def _write(self, file: Any, rows: Iterable[Any]) -> None:
        cells = ([column.cell(row) for column in self.columns] for row in rows)
        heads = [column.label for column in self.columns]
        if self.form == "csv":
            write_csv(file, heads, cells)
        else:
            write_workbook(file, [(self.name, heads, cells)])


def spooled(name: str, kind: str, write: Callable[[Any], None]) -> HttpResponseBase:
    """What is written to a file as an answer. A long file is sent from the disk, piece by piece; one that fits into the memory as it
    stands there."""
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    try:
        write(file)
        length = file.tell()
        file.seek(0)
        if length > IN_MEMORY:
            return FileResponse(file, as_attachment=True, filename=name, content_type=kind)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        answer = HttpResponse(file.read(), content_type=kind, headers=headers)
    except BaseException:
        file.close()
        raise
    file.close()
    return answer


def content_of(answer: HttpResponseBase) -> bytes:
    """The bytes of a file that is sent to nobody, but kept."""
    if not isinstance(answer, FileResponse):
        return answer.getvalue()
    file: Any = answer.file_to_stream
    with file:
        return b"".join(answer)


def in_chunks(rows: Iterable[T], make: Callable[[list[T]], Iterable[R]]) -> Iterator[R]:
    """What is made of so many rows together, one after the other: never more than those are in memory."""
    ahead = iter(rows)
    while some := list(islice(ahead, CHUNK)):
        yield from make(some)


class _Encoded:
    """A file of bytes that takes texts."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, text: str) -> None:
        self.file.write(text.encode())


def write_csv(file: Any, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """With a byte order mark for spreadsheet programs; numbers and dates as machines read them, texts that no program computes."""
    out = _Encoded(file)
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return guarded(cell) if isinstance(cell, str) else _digits(cell) if isinstance(cell, Decimal) else str(cell)


def _digits(cell: Decimal) -> str:
    """All that are known, and no zeros beyond the places that people write: the database's columns have twelve."""
    text = format(cell, "f")
    _, _, places = text.partition(".")
    return text.rstrip("0").rstrip(".") if len(places) > WRITTEN_PLACES else text


def as_workbook_of(sheets: Iterable[Sheet]) -> bytes:
    """See `write_workbook`."""
    out = io.BytesIO()
    write_workbook(out, sheets)
    return out.getvalue()


def write_workbook(file: Any, sheets: Iterable[Sheet]) -> None:
    """A sheet for each title with heads and rows, whose first row stays in sight and filters.

    Texts are texts, whatever they begin with; moments are in their own zone. The file says no moment of its making: the same tables make
    the same bytes.
    """
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  the library takes no zone
    formats = {"head": book.add_format({"bold": True}), "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"})}
    for title, heads, rows in sheets:
        _add_sheet(book, title, heads, rows, formats)
    book.close()


def _add_sheet(book: Any, title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], formats: Any) -> None:
    sheet = book.add_worksheet(title[:31])
    widths = [len(head) for head in heads]
    sheet.write_row(0, 0, heads, formats["head"])
    last = 0
    for last, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            _write(sheet, last, at, cell, formats["moment"])
            widths[at] = max(widths[at], len(str(cell)) if cell is not None else 0)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, min(width, WIDEST) + 2)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(heads) - 1)


def _write(sheet: Any, row: int, at: int, cell: Cell, moment: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(row, at, cell.replace(tzinfo=None, microsecond=0), moment)
    elif isinstance(cell, date):
        sheet.write_datetime(row, at, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, at, cell)
    elif isinstance(cell, Decimal) and len(cell.as_tuple().digits) > EXACT_DIGITS:
        sheet.write_string(row, at, format(cell, "f"))
    else:
        sheet.write_number(row, at, cell)


def in_zone(moment: datetime | None, zone: str) -> datetime | None:
    """A moment as the clocks of a zone show it."""
    return moment.astimezone(ZoneInfo(zone)) if moment else None
