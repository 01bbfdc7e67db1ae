"""Figures in an XLSX workbook."""

from datetime import date
from decimal import Decimal

import pytest

from measurements.figures_file import FigureRow, read
from tests.measurements.figures_contract import CONTRACT, problems_of
from tests.measurements.workbooks import members, packed, sheet, workbook


def test_a_workbook_gives_the_same_figures_as_csv():
    columns = ["service_level", "period", "part", "numerator", "denominator", "downtime", "maintenance", "note"]
    rows = [
        ["SL-01", date(2025, 2, 1), "north", 95, 100.5, None, None, "a < b"],
        [None] * 8,
        ["SL-02", "2025-04-01", None, None, None, 0.1 + 0.2, 0, None],
        ["SL-01", "2025-03", 7, "1.10", "2", None, None, None],
    ]
    assert read(workbook([columns, *rows]), "figures.xlsx", CONTRACT) == [
        FigureRow(2, "SL-01", date(2025, 2, 1), part="north", numerator=Decimal(95), denominator=Decimal("100.5"), note="a < b"),
        FigureRow(4, "SL-02", date(2025, 4, 1), downtime=Decimal("0.3"), maintenance=Decimal(0)),
        FigureRow(5, "SL-01", date(2025, 3, 1), part="7", numerator=Decimal("1.10"), denominator=Decimal(2)),
    ]  # fmt: skip


def test_the_first_visible_sheet_is_read():
    tables = [["hidden"]], [["service_level", "period", "value"], ["SL-03", date(2025, 2, 1), 5]], [["later"]]
    [figure] = read(workbook(*tables, hidden={0}), "f.xlsx", CONTRACT)
    assert figure.value == 5


def test_a_workbook_without_a_visible_sheet():
    [problem] = problems_of(workbook([["a"]], hidden={0}), "f.xlsx")
    assert "has no visible sheet" in problem.message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "`TRUE` is not a plain decimal"),
        (1 / 3, "is not a plain decimal"),
        (1e15, "is not a plain decimal"),
        (date(2025, 1, 1), "the cell holds a date or a time, not a number"),
        ("#DIV/0!", "is not a plain decimal"),
        (-0.5, "is missing"),
    ],
)
def test_cells_that_are_no_plain_numbers(value, words):
    source = workbook([["service_level", "period", "value", "numerator"], ["SL-01", date(2025, 2, 1), None, value]])
    messages = [problem.message for problem in problems_of(source, "f.xlsx")]
    assert any(words in message for message in messages), messages


def test_lines_of_a_workbook_are_its_rows():
    table = [[], ["service_level", "period", "value"], [], ["SL-03", date(2025, 2, 1), "x"]]
    [problem] = problems_of(workbook(table), "f.xlsx")
    assert (problem.line, problem.column) == (4, "value")


def test_cells_beyond_the_header_are_reported():
    table = [["service_level", "period", "value"], ["SL-03", date(2025, 2, 1), 5, "stray"]]
    [problem] = problems_of(workbook(table), "f.xlsx")
    assert "the line has 4 cells, the header 3" in problem.message


# Cells that show something and hold no value ---------------------------------------------------------------------

SLOT = '<row r="2"><c r="A2" t="inlineStr"><is><t>SL-03</t></is></c><c r="B2" t="inlineStr"><is><t>2025-02-01</t></is></c>{}</row>'


def filled(*cells, more=()):
    """A workbook whose only row of figures has these cells as XML; `more` sheets come before it, hidden."""
    header = sheet([["service_level", "period", "value", "note"]]).removesuffix("</sheetData></worksheet>")
    content = f"{header}{SLOT.format(''.join(cells))}</sheetData></worksheet>"
    return packed(members(*more, content, hidden=range(len(more))))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('<c r="C2" t="e"><v>#DIV/0!</v></c>', "the cell C2 holds an error, #DIV/0!; correct it, or clear the cell"),
        ('<c t="e"><v>#N/A</v></c>', "the cell C2 holds an error, #N/A"),
        ('<c r="AB2" t="e"/>', "the cell AB2 holds an error, without a name"),
        ('<c r="C2"><f>3+4</f><v></v></c>', "the cell C2 holds a formula without a value; put the value there"),
        ('<c r="D2"><f>3+4</f></c>', "the cell D2 holds a formula without a value"),
        ('<c r="D2"><f t="shared" si="0"/><v/></c>', "the cell D2 holds a formula without a value"),
    ],
)
def test_a_cell_that_only_seems_to_hold_a_value_is_refused(cell, words):
    """Read as empty it would turn relief into none, and a figure into a missing one."""
    [problem] = problems_of(filled(cell), "f.xlsx")
    assert problem.line == 2
    assert words in problem.message


def test_every_such_cell_is_named():
    problems = problems_of(filled('<c r="C2" t="e"><v>#REF!</v></c>', '<c r="D2"><f>A1</f></c>'), "f.xlsx")
    assert [problem.message.partition(" holds")[0] for problem in problems] == ["the cell C2", "the cell D2"]


def test_formulas_with_values_are_read_and_other_sheets_do_not_matter():
    value = '<c r="C2"><f>2+3</f><v>5</v></c>'
    text = '<c r="D2" t="str"><f>IF(1,"","x")</f><v></v></c>'
    other = sheet([[None]]).replace("<sheetData>", '<sheetData><row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    [figure] = read(filled(value, text, more=[other]), "f.xlsx", CONTRACT)
    assert (figure.value, figure.note) == (5, "")
