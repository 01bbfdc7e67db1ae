"""Tables as files: what is exact stays exact, what looks like a formula stays a text."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
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


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("reference", ["MSA/2024:07", 'The "old" one', "Wałbrzych [*?]", "'it'"])
def test_any_reference_may_stand_in_the_name_of_a_file(reference, form):
    every = [Column("name", "Name", lambda row: row)]
    answer = Export.asked(f"scorecard-{reference}", every, QueryDict(f"export={form}"), {}).answer(lambda: ["a"], 1)
    assert re.fullmatch(rf'attachment; filename="scorecard-[A-Za-z0-9-]+\.{form}"', answer["Content-Disposition"])
    if form == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        assert book.get_sheet_by_index(0).to_python() == [["Name"], ["a"]]
