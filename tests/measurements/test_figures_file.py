"""Figures files: every bad row is reported with line, column and reason, and then nothing is taken."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.contract_file import read as read_contract
from measurements import figures_file
from measurements.figures_file import COLUMNS, BadFigures, ExpectedLevel, ExpectedSlot, FigureRow, expectations, read
from tests.contracts.contract_documents import as_json, rich
from tests.measurements.figures_contract import CONTRACT, problems_of

HEADER = ",".join(COLUMNS)


def csv_of(*rows, header=HEADER):
    return "\r\n".join([header, *rows, ""]).encode()


def row(**cells):
    return ",".join(str(cells.get(column, "")) for column in COLUMNS)


# What is read ----------------------------------------------------------------------------------------------------


def test_rows_are_read_exactly():
    figures = read(
        csv_of(
            row(service_level="SL-01", period="2025-02-01", numerator="95", denominator="100.50", relieved=2, note="n"),
            row(service_level="SL-03", period="2025-02-01", part="north", value="-3.000001", incident="INC-1"),
            row(service_level="SL-02", period="2025-04-01", downtime="12.5", maintenance="0"),
            row(service_level="SL-04", period="2025-01-20", value="7", relieved="9"),
        ),
        "figures.csv",
        CONTRACT,
    )
    assert figures == [
        FigureRow(2, "SL-01", date(2025, 2, 1), numerator=Decimal(95), denominator=Decimal("100.50"),
                  relieved=Decimal(2), note="n"),
        FigureRow(3, "SL-03", date(2025, 2, 1), part="north", value=Decimal("-3.000001"), incident="INC-1"),
        FigureRow(4, "SL-02", date(2025, 4, 1), downtime=Decimal("12.5"), maintenance=Decimal(0)),
        FigureRow(5, "SL-04", date(2025, 1, 20), value=Decimal(7), relieved=Decimal(9)),
    ]  # fmt: skip
    assert str(figures[0].denominator) == "100.50"


ONE = {"service_level": "SL-01", "period": "2025-02-01", "numerator": 1, "denominator": 2}


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2025-02-01", date(2025, 2, 1)),
        ("2025-02", date(2025, 2, 1)),
        ("2025-01-15", date(2025, 1, 15)),  # the cut first period, by its own first day
        ("2025-01-01", date(2025, 1, 15)),  # and by that of the calendar
        ("2025-01", date(2025, 1, 15)),
    ],
)
def test_a_period_may_be_called_by_its_first_day_or_month(period, day):
    [figure] = read(csv_of(row(**ONE | {"period": period})), "f.csv", CONTRACT)
    assert figure.period == day


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbf" + csv_of(row(**ONE)),
        csv_of(row(**ONE)).replace(b",", b";"),
        csv_of(row(**ONE)).replace(b"\r\n", b"\n"),
        csv_of(row(**ONE)).rstrip(),
        csv_of("", row(**ONE), ",,,,", ""),
        b"Denominator, numerator ,PERIOD,service_level\n2, 1 ,2025-02-01,SL-01\n",
        b"service_level,period,numerator,denominator,,\nSL-01,2025-02,1,2,,\n",
        b'"service_level","period","numerator","denominator","note"\n"SL-01","2025-02-01","1","2",""\n',
    ],
)
def test_forms_of_csv(source):
    [figure] = read(source, "f.csv", CONTRACT)
    assert (figure.service_level, figure.period, figure.numerator, figure.denominator) == (
        "SL-01", date(2025, 2, 1), Decimal(1), Decimal(2)
    )  # fmt: skip


def test_notes_may_have_several_lines_and_line_numbers_are_those_of_the_file():
    source = csv_of(row(**ONE, note='"two\nlines, ""quoted"""'), row(**ONE | {"part": "x", "numerator": "y"}))
    [problem] = problems_of(source)
    assert problem.line == 4
    [figure] = read(csv_of(row(**ONE, note='"two\nlines, ""quoted"""')), "f.csv", CONTRACT)
    assert figure.note == 'two\nlines, "quoted"'


def test_a_header_alone_means_no_figures():
    assert read(csv_of(), "f.csv", CONTRACT) == []


def test_parts_of_a_slot_are_several_figures():
    rows = [row(**ONE, part=part) for part in ("", "north", "south")]
    assert [figure.part for figure in read(csv_of(*rows), "f.csv", CONTRACT)] == ["", "north", "south"]


def test_capitals_make_no_second_part_and_no_second_incident():
    rows = [row(**ONE, part="Leeds", incident="INC-1"), row(**ONE, part="LEEDS", incident="INC-1")]
    [part] = problems_of(csv_of(*rows))
    assert (part.line, part.column) == (3, "part")
    assert part.message == "`LEEDS` is written `Leeds` on line 2; write one like the other, or name it otherwise"
    [incident] = problems_of(csv_of(rows[0], row(**ONE, part="York", incident="inc-1")))
    assert (incident.line, incident.column) == (3, "incident")
    [month] = problems_of(csv_of(rows[0], row(**ONE | {"period": "2025-02"}, part="LEEDS", incident="INC-1")))
    assert month.column == "part"
    apart = [row(**ONE, part="Leeds"), row(**ONE | {"period": "2025-03-01"}, part="LEEDS")]
    assert len(read(csv_of(*apart), "f.csv", CONTRACT)) == 2, "Parts of different periods are not added up."


@pytest.mark.parametrize(
    "cells",
    [
        ONE | {"numerator": 0, "denominator": 0},
        ONE | {"service_level": "SL-05", "numerator": 18000, "denominator": 900},
        {"service_level": "SL-02", "period": "2025-04-01", "downtime": 0, "maintenance": 0, "relieved": 5},
        {"service_level": "SL-02", "period": "2025-04-01", "downtime": 29280, "maintenance": 0},
        {"service_level": "SL-06", "period": "2025-02-01", "downtime": 5},
        {"service_level": "SL-03", "period": "2025-03-11", "value": "-0.5"},
        {"service_level": "SL-04", "period": "2025-01-15", "value": "3.0"},
        {"service_level": "SL-04", "period": "2025-01-13", "value": "3"},
    ],
)
def test_what_is_allowed(cells):
    assert len(read(csv_of(row(**cells)), "f.csv", CONTRACT)) == 1


def test_expectations_may_come_from_elsewhere():
    level = ExpectedLevel.of(
        "X", "month", {"kind": "count", "unit": ""}, [ExpectedSlot(date(2025, 1, 1), date(2025, 1, 31))]
    )
    other = figures_file.Expectations(date(2025, 1, 1), date(2025, 12, 31), {"X": level})
    assert read(b"service_level,period,value\nX,2025-01-01,4\n", "f.csv", other)[0].value == 4


# What is refused -------------------------------------------------------------------------------------------------

LEVEL_2 = {"service_level": "SL-02", "period": "2025-04-01", "downtime": 1, "maintenance": 1}
LEVEL_3 = {"service_level": "SL-03", "period": "2025-02-01", "value": 1}
LEVEL_4 = {"service_level": "SL-04", "period": "2025-01-20", "value": 1}
NOT_PLAIN = [
    "1_000",
    "NaN",
    "inf",
    "1e3",
    "١٢",
    "+1",
    "1 000",
    ".5",
    "5.",
    "0x1",
    "1234567890123",
    "1.1234567",
    "=1+1",
    "10%",
]


@pytest.mark.parametrize("text", NOT_PLAIN)
@pytest.mark.parametrize("column", ["numerator", "denominator", "relieved"])
def test_only_plain_decimals(text, column):
    [problem] = problems_of(csv_of(row(**ONE | {column: text})))
    assert (problem.line, problem.column) == (2, column)
    assert "is not a plain decimal number" in problem.message


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (
            ONE | {"service_level": "ZZ"},
            "service_level",
            "`ZZ` is not a service level of this contract; it has: SL-01, SL-02",
        ),
        (ONE | {"service_level": "sl-01"}, "service_level", "is not a service level"),
        (ONE | {"service_level": ""}, "service_level", "is missing"),
        # Periods
        (ONE | {"period": ""}, "period", "is missing"),
        (ONE | {"period": "2025-02-02"}, "period", "write the first day of its period, 2025-02-01"),
        (ONE | {"period": "2025-02-30"}, "period", "is not a day of the calendar"),
        (ONE | {"period": "2025-13"}, "period", "is not a day of the calendar"),
        (ONE | {"period": "01.02.2025"}, "period", "is a day in a local form; write year, month and day"),
        (ONE | {"period": "February"}, "period", "is not a date"),
        (ONE | {"period": "2024-12-01"}, "period", "is outside the contract, which runs from 2025-01-15 to 2026-12-31"),
        (ONE | {"period": "2027-01"}, "period", "is outside the contract"),
        (LEVEL_2 | {"period": "2025-05-01"}, "period", "its period, 2025-04-01"),
        (LEVEL_2 | {"period": "2025-04"}, "period", "is a month, but SL-02 is not monthly"),
        (LEVEL_3 | {"period": "2025-07-01"}, "period", "it lies in none of them"),
        (LEVEL_4 | {"period": "2025-01-21"}, "period", "its period, 2025-01-20"),
        # Columns
        (ONE | {"numerator": ""}, "numerator", "is missing; a measure of kind ratio needs numerator and denominator"),
        (ONE | {"denominator": ""}, "denominator", "is missing"),
        (ONE | {"value": 5}, "value", "a measure of kind ratio has no value"),
        (LEVEL_2 | {"downtime": ""}, "downtime", "is missing"),
        (LEVEL_2 | {"maintenance": ""}, "maintenance", "is missing"),
        (LEVEL_2 | {"numerator": 1}, "numerator", "has no numerator"),
        (LEVEL_3 | {"value": ""}, "value", "is missing"),
        (LEVEL_3 | {"downtime": 1}, "downtime", "has no downtime"),
        (LEVEL_3 | {"relieved": 1}, "relieved", "a measure of kind value has no relieved"),
        (LEVEL_4 | {"value": ""}, "value", "is missing"),
        # Numbers
        (ONE | {"numerator": "1,5"}, "numerator", "write it with a point, 1.5"),
        (ONE | {"numerator": "1,000"}, "numerator", "leave out the comma of thousands, 1000, or 1.000 if"),
        (ONE | {"numerator": "1,234,567.5"}, "numerator", "leave out the comma of thousands, 1234567.5"),
        (ONE | {"numerator": "1 000"}, "numerator", "leave out the space, 1000"),
        (ONE | {"numerator": "95 %"}, "numerator", "leave out the sign, 95"),
        (ONE | {"numerator": "-1"}, "numerator", "must not be negative"),
        (ONE | {"denominator": "-1"}, "denominator", "must not be negative"),
        (ONE | {"relieved": "-1"}, "relieved", "must not be negative"),
        (LEVEL_2 | {"downtime": "-1"}, "downtime", "must not be negative"),
        (LEVEL_2 | {"maintenance": "-0.5"}, "maintenance", "must not be negative"),
        (LEVEL_4 | {"value": "-1"}, "value", "must not be negative"),
        (LEVEL_4 | {"value": "1.5"}, "value", "must be a whole number"),
        (ONE | {"numerator": 3}, "numerator", "the numerator 3 is above the denominator 2"),
        (ONE | {"relieved": 3}, "relieved", "more than the denominator 2"),
        (LEVEL_2 | {"downtime": 29281}, "downtime", "more than the minutes of the period, 29280"),
        (LEVEL_2 | {"downtime": 29280}, "maintenance", "exceeds the 29280 minutes of the period"),
        (LEVEL_2 | {"relieved": 29281}, "relieved", "more than the minutes of the period"),
        # Text
        (ONE | {"part": "x" * 81}, "part", "at most 80"),
        (ONE | {"incident": "x" * 81}, "incident", "at most 80"),
        (ONE | {"note": "x" * 2001}, "note", "at most 2,000"),
        (ONE | {"note": "a\x07b"}, "note", "control character"),
    ],
)
def test_a_bad_row_is_reported_with_line_column_and_reason(cells, column, words):
    source = csv_of(row(**ONE | {"period": "2025-03-01"}), row(**{k: f'"{v}"' for k, v in cells.items()}))
    [problem] = problems_of(source)
    assert (problem.line, problem.column) == (3, column)
    assert words in problem.message
    assert str(problem).startswith(f"line 3, {column}: ")


@pytest.mark.parametrize("text", ["-0", "-0.0", "-00.000000"])
def test_nothing_below_nothing_is_no_number(text):
    [problem] = problems_of(f"service_level,period,value\nSL-03,2025-02-01,{text}\n".encode())
    assert problem.message == f"`{text}` is not a plain decimal number; leave out the sign, {text[1:]}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Caf\u00e9", "Cafe\u0301"),
        ("Site A", "Site\u00a0A"),
        ("Site A", "Site\u200b A"),
        ("A", "\ufeffA"),
        ("A B", "A  B"),
    ],
)
def test_parts_that_look_the_same_are_one(one, other):
    source = f"service_level,period,part,value\nSL-03,2025-02-01,{one},1\nSL-03,2025-02-01,{other},2\n"
    [problem] = problems_of(source.encode())
    assert (problem.line, problem.column) == (3, "part")
    assert "on line 2 already" in problem.message


def test_what_names_something_is_read_as_it_looks():
    source = "service_level,period,value,part,incident,note\nSL\u201103,2025-02-01,1,,,\n".replace("\u2011", "-\u200b")
    [row] = read(
        source.replace("1,,,", "1,Cafe\u0301,INC\u00a01\u200b,as\u00a0typed").encode(), "figures.csv", CONTRACT
    )
    assert (row.service_level, row.part, row.incident, row.note) == ("SL-03", "Caf\u00e9", "INC 1", "as\u00a0typed")


def test_the_same_slot_and_part_twice():
    once = row(**ONE, part="north")
    again = row(**ONE | {"period": "2025-02"}, part="north")
    [problem] = problems_of(csv_of(once, row(**ONE, part="south"), again))
    assert (problem.line, problem.column) == (4, "part")
    assert "SL-01 has a figure for 2025-02-01 and part `north` on line 2 already" in problem.message
    assert "give each part its own name" in problem.message
    [problem] = problems_of(csv_of(row(**ONE), row(**ONE)))
    assert problem.column == "period"
    assert "use `part` for several" in problem.message


def test_a_period_before_the_first_terms_is_refused():
    """No terms judge it: it would be taken, and then be lost without a word."""
    document = rich()
    later = document["service_levels"][3]
    later["terms"] = [later["terms"][0] | {"from": "2025-02-03"}]
    expected = expectations(read_contract(as_json(document)))
    [figure] = read(csv_of(row(**LEVEL_4 | {"period": "2025-02-03"})), "f.csv", expected)
    assert figure.period == date(2025, 2, 3)
    with pytest.raises(BadFigures) as refusal:
        read(csv_of(row(**LEVEL_4 | {"period": "2025-01-27"})), "f.csv", expected)
    [problem] = refusal.value.problems
    assert str(problem).startswith(
        "line 2, period: 2025-01-27 is before the first terms of SL-04, which hold from 2025-02-03"
    )


def test_all_bad_rows_are_reported():
    bad = ONE | {"service_level": "A", "numerator": "x"}
    rows = [row(**ONE), row(**bad), row(**LEVEL_3 | {"value": "y", "relieved": 1})]
    assert [(problem.line, problem.column) for problem in problems_of(csv_of(*rows))] == [
        (3, "service_level"),
        (3, "numerator"),
        (4, "value"),
        (4, "relieved"),
    ]


def test_a_flood_of_problems_is_cut_short():
    problems = problems_of(csv_of(*[row(service_level=f"X{n}", period="2025-02-01") for n in range(300)]))
    assert len(problems) == 201
    assert "100 more" in problems[-1].message


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (b"", None, "the file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", None, "the file is empty"),
        (b"SL-01,2025-02-01,1,2\n", 1, "the first line must be a header"),
        (b"service_level,numerator\n", 1, "the column is missing"),
        (b"period,numerator\n", 1, "the column is missing"),
        (b"service_level,period,numerater\n", 1, "did you mean `numerator`?"),
        (b"service_level,period,colour\n", 1, "unknown column `colour`"),
        (b"service_level,period,note,note\n", 1, "stands here twice"),
        (b"service_level,,period\n", 1, "column 2 has no name"),
        (b"service_level\tperiod\tvalue\n", 1, "must be a header, separated by commas or semicolons"),
        (b"service_level,period,value\nSL-03,2025-02-01,1,5\n", 2, "has 4 cells, the header 3"),
        (b'service_level,period,value\nSL-03,2025-02-01,"1\n', 2, "is no CSV"),
        (b'service_level,period,value\nSL-03,2025-02-01,"1"x\n', 2, "is no CSV"),
        (b"service_level,period,value\nSL-03,2025-02-01,\xff\n", 2, "not UTF-8"),
        ("service_level,period,value\n".encode("utf-16"), 1, "not UTF-8"),
        (b"service_level,period,value\nSL-03,2025-02-01,\x00\n", 2, "not text"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, None, "this is an old Word or Excel document"),
        (b"x" * 10_000_001, None, "at most 10,000,000"),
        (b"service_level,period,value\n" + b"SL-03,2025-02-01,1\n" * 20_001, 20_002, "more than 20,000 rows"),
        (b"service_level,period,note\nSL-03,2025-02-01," + b"x" * 200_000, 2, "is no CSV"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_figures(source, line, words):
    [problem] = problems_of(source)
    assert problem.line == line
    assert words in problem.message


def test_a_workbook_by_name_that_is_none():
    [problem] = problems_of(csv_of(row(**ONE)), "figures.xlsx")
    assert "no XLSX workbook" in problem.message


@given(st.binary(max_size=300) | st.text(alphabet='SL-01,;"\n2025-02.numerator', max_size=200).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_refused_or_read(source):
    for prefix in (b"", csv_of()):
        try:
            read(prefix + source, "f.csv", CONTRACT)
        except BadFigures as error:
            assert str(error)  # noqa: PT017 (a few inputs can be read)
