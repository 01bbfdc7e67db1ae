"""Tables to take along: what a list shows, under its filters and in its order, as CSV or as a workbook.

A list says its columns once (`Column`); `Export` reads what the address asks for, and makes the file or the menu that offers it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import HttpResponse

from lib.errors import RuleBroken
from lib.formula_guard import guarded

AT_ONCE = 5_000  # rows of a file that is made while somebody waits
MOST = 50_000  # rows of any file
# Digits that a workbook's numbers keep; a longer one is written as text, so that it stays what it was.
EXACT_DIGITS = 15
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
WIDEST = 60  # letters

Cell = str | int | Decimal | date | datetime | None


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
    def asked(cls, name: str, every: Sequence[Column], given: Any, state: Mapping[str, str]) -> "Export":
        """`?export=xlsx&column=title&column=state`; without columns all of them. What nobody can mean is left out."""
        wanted = set(given.getlist("column"))
        form = given.get("export", "")
        columns = [column for column in every if {column.name, column.group} & wanted] or list(every)
        return cls(
            name, every, columns, form if form in KINDS else "", {key: text for key, text in state.items() if text}
        )

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Name and label of each column, or of the group that it is chosen with."""
        return list(dict.fromkeys((one.group or one.name, one.group or one.label) for one in self.every))

    def __bool__(self) -> bool:
        return bool(self.form)

    def answer(self, rows: Callable[[], Iterable[Any]], count: int) -> HttpResponse:
        """The file. RuleBroken where there are too many rows, which are not read then; MadeInBackground where a worker could make it."""
        if count > MOST:
            sentence = f"There are {count:,} rows, and a file holds {MOST:,}. Filter the list first."
            raise RuleBroken("too_many_rows", sentence)
        limit = AT_ONCE if _limit.get() is None else _limit.get()
        if limit is not None and count > limit:
            raise MadeInBackground(self.name, count, limit)
        cells = ([column.cell(row) for column in self.columns] for row in rows())
        heads = [column.label for column in self.columns]
        content = as_csv(heads, cells) if self.form == "csv" else as_workbook(self.name, heads, cells)
        answer = HttpResponse(content, content_type=KINDS[self.form])
        answer["Content-Disposition"] = f'attachment; filename="{self.name}.{self.form}"'
        return answer


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """With a byte order mark for spreadsheet programs; numbers and dates as machines read them, texts that no program computes."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return guarded(cell) if isinstance(cell, str) else format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def as_workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; see `as_workbook_of`."""
    return as_workbook_of([(title, heads, rows)])


def as_workbook_of(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """A sheet for each title with heads and rows, whose first row stays in sight and filters.

    Texts are texts, whatever they begin with; moments are in their own zone. The file says no moment of its making: the same tables make
    the same bytes.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  the library takes no zone
    formats = {"head": book.add_format({"bold": True}), "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"})}
    for title, heads, rows in sheets:
        _add_sheet(book, title, heads, rows, formats)
    book.close()
    return out.getvalue()


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
