"""Tables as files: what is exact stays exact, what looks like a formula stays a text."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

from django.http import QueryDict
from python_calamine import CalamineWorkbook

from lib.tables import Column, Export, as_workbook_of, in_zone, write_csv

HEADS = ["Name", "Amount", "Day", "At", "Long", "None"]
AT = in_zone(datetime(2026, 7, 1, 12, 30, tzinfo=UTC), "Europe/London")
ROW = ["=1+1", Decimal("1234.50"), date(2026, 10, 5), AT, Decimal("12345678901234.123456"), None]


def test_a_csv_holds_plain_numbers_and_no_formula():
    file = io.BytesIO()
    write_csv(file, HEADS, [ROW])
    assert list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))) == [
        HEADS,
        ["'=1+1", "1234.50", "2026-10-05", "2026-07-01T13:30:00+01:00", "12345678901234.123456", ""],
    ]


def test_a_workbook_holds_numbers_dates_and_texts_as_such():
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_workbook_of([("breaches", HEADS, [ROW])])))
    heads, row = book.get_sheet_by_index(0).to_python()
    assert heads == HEADS
    assert row[:4] == ["=1+1", 1234.5, date(2026, 10, 5), AT.replace(tzinfo=None)]
    # More digits than a workbook's numbers keep.
    assert row[4] == "12345678901234.123456"


def test_columns_come_in_the_list_s_order_and_unknown_ones_are_left_out():
    every = [Column(name, name.upper(), lambda row: row) for name in "abc"]
    wanted = Export.asked("x", every, QueryDict("export=csv&column=c&column=a&column=z"), {"q": "w", "show": ""})
    assert [column.name for column in wanted.columns] == ["a", "c"]
    assert wanted.state == {"q": "w"}
    months = [*every, *(Column(f"m{n}", f"Month {n}", lambda row: row, "Months") for n in (1, 2))]
    chosen = Export.asked("x", months, QueryDict("export=csv&column=a&column=Months"), {})
    assert [column.name for column in chosen.columns] == ["a", "m1", "m2"]
    assert chosen.choices == [("a", "A"), ("b", "B"), ("c", "C"), ("Months", "Months")]
    assert not Export.asked("x", every, QueryDict("export=pdf"), {})
    assert Export.asked("x", every, QueryDict("export=csv"), {}).columns == every


def test_a_file_has_a_name_that_every_program_takes():
    """Of a reference with what is forbidden in the name of a file, of a sheet, or in a header."""
    columns = [Column("a", "A", str)]
    for form in ("csv", "xlsx"):
        of = Export.asked('figures-Łódź/2024 [1]: "A"\r\n-2026-10', columns, QueryDict(f"export={form}"), {})
        answer = of.answer(lambda: ["x"], 1)
        name = f"figures---d--2024--1----A----2026-10.{form}"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.get_sheet_by_index(0).to_python() == [["A"], ["x"]]
