"""What people see in a spreadsheet is what is read, or the cell is named that shows another thing than it holds."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from measurements.figures_file import BadFigures, read
from measurements.figures_file.rows import FigureRow
from tests.measurements.figures_contract import CONTRACT, problems_of
from tests.measurements.workbooks import HEAD, MAIN, members, packed, sheet, workbook

FORMATS = {
    "percent": "0%",
    "percent, one place": "0.0%",
    "whole": "0",
    "two places": "#,##0.00",
    "five digits": "00000",
    "pounds": '"£"#,##0.00',
    "euro": "#,##0.00\\ [$€-407]",
    "scientific": "0.00E+00",
    "hours": "[h]:mm",
    "day": "dd/mm/yyyy",
    "fraction": "# ?/?",
    "thousands": "#,##0,",
    "text": "@",
    "code": '"INC-"0000',
    "two groups": "00\\-0000",
    "unit": '0" k"',
    "sign": "0\\%",
    "per thousand twice": "0%%",
    "no minus": "0;[Red]0",
    "brackets": "0_);(0)",
    "minus": "0;[Red]\\-0",
    "accounts": '_-* #,##0.00_-;\\-* #,##0.00_-;_-* "-"??_-;_-@_-',
    "no zero": "0;-0;;@",
    "digits as needed": "#,###",
    "nothing": ";;;",
    "condition": "[<100]0.0;0",
    "yes": '[=1]"Yes";0',
    "american": "[$-409]0.0",
    "coded text": '0;0;0;"SL-"@',
}


QUOTE = {'"': "&quot;"}


def formatted(column, value, code, kind=""):
    """A workbook with one row whose cell in `column` holds `value` and shows it by the format `code`."""
    codes = list(FORMATS.values())
    numbers = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{escape(one, QUOTE)}"/>' for n, one in enumerate(codes)
    )
    styles = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(codes)))
    head = ["service_level", "period", "part", "numerator", "denominator", "incident"]
    row = ["SL-01", "2025-02-01", None, 97, 100, None]
    place = f"{chr(ord('A') + head.index(column))}2"
    typed = f' t="{kind}"' if kind else ""
    row[head.index(column)] = "HERE"
    content = sheet([head, row]).replace(
        f'<c r="{place}" t="inlineStr"><is><t>HERE</t></is></c>',
        f'<c r="{place}" s="{codes.index(code)}"{typed}><v>{value}</v></c>',
    )
    parts = members(content) | {
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts>{numbers}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>'
    }
    return packed(parts)


@pytest.mark.parametrize(
    ("column", "value", "shows", "words"),
    [
        ("numerator", "0.97", "percent", "`97%` is not a plain decimal number; leave out the sign, 97"),
        ("numerator", "0.975", "percent, one place", "`97.5%`"),
        ("numerator", "0.975", "percent", "D2 shows 98 and holds 97.5"),
        ("numerator", "97.4", "whole", "D2 shows 97 and holds 97.4; enter the number that you mean"),
        ("numerator", "97", "pounds", "`£97.00` is not a plain decimal number; leave out the sign, 97.00"),
        ("numerator", "97", "euro", "`97.00 €` is not a plain decimal number; leave out the sign, 97.00"),
        ("numerator", "97", "scientific", "D2 holds 97 and shows it in another form"),
        ("numerator", "97000", "thousands", "D2 holds 97000 and shows it in another form"),
        ("numerator", "0.5", "fraction", "D2 holds 0.5 and shows it in another form"),
        ("numerator", "45383", "day", "the cell holds a date or a time, not a number; format the column as a number"),
        ("numerator", "1.5", "hours", "the cell holds a date or a time, not a number"),
        ("part", "45717", "day", "the cell holds a date or a time, not a text"),
        ("incident", "123456789012345678", "text", "the cell holds a long number, not a text"),
        (
            "incident",
            "70012",
            "two groups",
            "F2 holds 70012 and shows it in another form; format the cell as a number, or as text",
        ),
        ("numerator", "97", "unit", "`97 k` is not a plain decimal number"),
        ("numerator", "97", "sign", "`97%` is not a plain decimal number"),
        ("numerator", "0.97", "per thousand twice", "`9700%%` is not a plain decimal number"),
        ("numerator", "-5", "no minus", "D2 shows 5 and holds -5"),
        ("numerator", "-5", "brackets", "-5 must not be negative"),
        ("numerator", "-5", "accounts", "-5.00 must not be negative"),
        ("numerator", "0", "no zero", "D2 shows nothing and holds 0"),
        ("numerator", "0", "digits as needed", "D2 shows nothing and holds 0"),
        ("numerator", "97", "nothing", "D2 shows nothing and holds 97"),
        ("numerator", "150", "condition", "D2 holds 150 and shows it in another form"),
        ("numerator", "1", "yes", "D2 holds 1 and shows it in another form"),
    ],
)
def test_a_cell_that_shows_another_thing_than_it_holds_is_named(column, value, shows, words):
    messages = [problem.message for problem in problems_of(formatted(column, value, FORMATS[shows]), "f.xlsx")]
    assert any(words in message for message in messages), messages


@pytest.mark.parametrize(
    ("column", "value", "shows", "becomes"),
    [
        ("numerator", "97", "whole", Decimal(97)),
        ("numerator", "97.25", "two places", Decimal("97.25")),
        ("incident", "7", "five digits", "00007"),
        ("part", "7", "text", "7"),
        ("incident", "7", "code", "INC-0007"),
        ("numerator", "0", "accounts", Decimal(0)),
        ("numerator", "97", "accounts", Decimal(97)),
        ("numerator", "97", "no zero", Decimal(97)),
        ("numerator", "97.5", "american", Decimal("97.5")),
    ],
)
def test_what_is_shown_is_read(column, value, shows, becomes):
    [row] = read(formatted(column, value, FORMATS[shows]), "f.xlsx", CONTRACT)
    assert getattr(row, column) == becomes


def test_a_text_is_read_with_what_its_format_puts_around_it():
    [row] = read(formatted("service_level", "01", FORMATS["coded text"], "str"), "f.xlsx", CONTRACT)
    assert row.service_level == "SL-01"
    messages = [str(one) for one in problems_of(formatted("part", "Leeds", FORMATS["nothing"], "str"), "f.xlsx")]
    assert messages == ["line 2: the cell C2 shows nothing and holds a text; format the cell as text"]


# Files as programs write them ---------------------------------------------------------------------------------------

ROW = FigureRow(2, "SL-01", date(2025, 2, 1), numerator=Decimal(95), denominator=Decimal(100))


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (
            "service_level;period;numerator;denominator;note\nSL-01;2025-02;95;100\n",
            2,
        ),  # trailing empty cells are left out
        ("sep=;\nservice_level;period;numerator;denominator\nSL-01;2025-02;95;100\n", 3),
        ("\ufeff\ufeffservice_level,period,numerator,denominator\nSL-01,2025-02,95,100\n", 2),
        ("\u200b service_level,period,numerator,denominator\nSL-01,2025-02,95,100\n", 2),
        ("sep=;\n\ufeffservice_level;period;numerator;denominator\nSL-01;2025-02;95;100\n", 3),
        ("service_level,period\u200b, numerator\u00a0,denominator\nSL-01,2025-02,95,100\n", 2),
        ("service_level,period,numerator,denominator\rSL-01,2025-02,95,100\r", 2),
        ("service_level,period,numerator,denominator\r\nSL-01,2025-02,95,100\r\n", 2),
    ],
)
def test_a_csv_as_spreadsheet_programs_write_it(source, line):
    [row] = read(source.encode(), "f.csv", CONTRACT)
    assert (row.line, row.numerator, row.denominator) == (line, 95, 100)


def test_the_line_of_a_fault_is_right_with_carriage_returns_alone():
    source = b"service_level,period,numerator,denominator\rSL-01,2025-02,95,100\rSL-01,2025-03,x,100\r"
    assert [(one.line, one.column) for one in problems_of(source)] == [(3, "numerator")]


def test_days_in_a_local_form_are_one_thing_to_correct():
    source = "service_level,period,numerator,denominator\n" + "".join(f"SL-01,01/0{n}/2025,95,100\n" for n in (2, 3, 4))
    [problem] = problems_of(source.encode())
    assert (
        problem.message
        == "`01/02/2025`, like 2 more, is a day in a local form; write year, month and day, such as 2024-04-01"
    )


@pytest.mark.parametrize(
    "total", ["Total", "TOTAL:", "Grand-Total", "Gesamt", "Total g\u00e9n\u00e9ral", "\u2211 Summe"]
)
@pytest.mark.parametrize("period", ["2025-02", "2025-02-01"])
def test_a_total_beside_its_parts_is_asked_about(total, period):
    source = f"service_level,period,part,numerator,denominator\nSL-01,2025-02,Leeds,1,2\nSL-01,{period},{total},1,2\n"
    [problem] = problems_of(source.encode())
    assert (problem.line, problem.column) == (3, "part")
    assert "would be counted twice" in problem.message
    [alone] = read(source.replace("SL-01,2025-02,Leeds,1,2\n", "").encode(), "f.csv", CONTRACT)
    assert alone.part == total


def test_a_doubtful_point_is_asked_about_where_cases_are_counted():
    source = "service_level{0}period{0}numerator{0}denominator\nSL-01{0}2025-02{0}1.500{0}1.570\n"
    problems = problems_of(source.format(";").encode())
    assert [problem.message for problem in problems] == [
        "`1.500` may be 1500 or 1.5; write the one that is meant",
        "`1.570` may be 1570 or 1.57; write the one that is meant",
    ]
    [row] = read(source.format(",").encode(), "f.csv", CONTRACT)
    assert row.numerator == Decimal("1.5")


def test_more_decimals_than_are_kept_are_refused_with_the_rounded_number():
    source = b"service_level,period,value\nSL-03,2025-02-01,0.66666666666667\n"
    [problem] = problems_of(source)
    assert "it has more than 6 decimals; write it rounded, 0.666667" in problem.message


@pytest.mark.parametrize(
    ("source", "words"),
    [(b"%PDF-1.7 ...", "this is a PDF"), (packed({"word/document.xml": "<x/>"}), "this is a Word document")],
)
def test_a_document_is_called_one(source, words):
    [problem] = problems_of(source, "figures.pdf")
    assert words in problem.message


# Hostile ------------------------------------------------------------------------------------------------------------


def shared(text, uses):
    """A workbook whose shared text stands in `uses` rows."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, uses + 1))
    content = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return packed(
        members(content) | {"xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'}
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (shared("x" * 40_000, 1), "a cell holds more than 32,767 characters"),
        (shared("x" * 30_000, 400), "the cells hold more than 10,000,000 characters together"),
        (workbook([["a"], ["\n" * 40_000]]), "a cell holds more than 32,767 characters"),
        (b"service_level,period,value\n" + b"\n" * 50_000, "the file has more than 20,000 rows"),
    ],
)
def test_texts_are_bounded_before_anything_is_built(source, words):
    with pytest.raises(BadFigures, match=words):
        read(source, "f.xlsx" if source.startswith(b"PK") else "f.csv", CONTRACT)
