"""The month as a workbook: it says what is asked for, only entry cells are open, and the importer reads it back."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from measurements.models import Figure


@pytest.fixture
def book(cast, client_for, agreed):
    answer = client_for(cast.vera).get(f"contracts/{agreed.pk}/figures/template/?month=2024-04")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert 'filename="msa-1-2024-04.xlsx"' in answer["Content-Disposition"]
    return answer.content


def rows(book):
    """The first figure by column."""
    head, first, *_ = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("Figures").to_python()
    return dict(zip(head, first, strict=True))


def parts(book):
    """The sheet's XML, and the numbers of the styles that leave a cell open."""
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        sheet, styles = (packed.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    styled = re.findall(r"<xf [^>]*?/>|<xf .*?</xf>", styles.partition("<cellXfs")[2].partition("</cellXfs>")[0])
    return sheet, {number for number, style in enumerate(styled) if 'locked="0"' in style}


def filled(book, **values):
    """With values in cells, as a spreadsheet program would save it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as packed, zipfile.ZipFile(out, "w") as written:
        for name in packed.namelist():
            content = packed.read(name).decode()
            for cell, value in values.items() if name.endswith("sheet1.xml") else ():
                content, count = re.subn(rf'(<c r="{cell}" s="\d+")/>', rf"\1><v>{value}</v></c>", content)
                assert count == 1, cell
            written.writestr(name, content)
    return out.getvalue()


def cell(book, column):
    return f"{chr(ord('A') + list(rows(book)).index(column))}2"


def test_it_says_what_is_asked_for_and_opens_only_what_is_entered(book):
    first = rows(book)
    assert (first["service_level"], first["period"]) == ("SL-01", "2024-04-01")
    assert first["name"] and "≥" in first["target"] and "relieved" not in first
    sheet, opened = parts(book)
    assert "<sheetProtection" in sheet and '<dataValidation type="decimal"' in sheet
    styles = {column: int(re.search(rf'<c r="{cell(book, column)}" s="(\d+)"', sheet)[1]) for column in first}
    assert {column for column, style in styles.items() if style in opened} == {
        "numerator",
        "denominator",
        "incident",
        "note",
    }


def test_the_importer_reads_it_back_and_takes_the_good_rows(cast, client_for, agreed, book, scope_of):
    given = filled(book, **{cell(book, "numerator"): 98, cell(book, "denominator"): 100})
    vera = client_for(cast.vera)
    page = vera.post(f"contracts/{agreed.pk}/figures/", {"file": SimpleUploadedFile("april.xlsx", given)})
    assert page.status_code == 200
    assert (
        vera.post(page["HX-Push-Url"], {**page.context["save"].initial, "then": "save", "good": "1"}).status_code == 302
    )
    with scope_of(cast.vera):
        assert Figure.objects.get().numerator == 98


def test_the_csv_is_there_still(cast, client_for, agreed):
    answer = client_for(cast.vera).get(f"contracts/{agreed.pk}/figures/template/?month=2024-04&as=csv")
    assert answer["Content-Type"].startswith("text/csv") and "SL-01,2024-04-01" in answer.content.decode()
