"""Small XLSX workbooks, written by hand so that they can also be wrong in ways no spreadsheet program is."""

import io
import zipfile
from datetime import date

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DAY_STYLE = 1


def cell(value, reference):
    """A cell: numbers and days as spreadsheet programs store them, everything else as text."""
    place = f' r="{reference}"' if reference else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c{place} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return f'<c{place} s="{DAY_STYLE}"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c{place}><v>{value!r}</v></c>"
    text = str(value).replace("&", "&amp;").replace("<", "&lt;")
    return f'<c{place} t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(rows):
    """The XML of a sheet."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(cell(value, f"{chr(ord('A') + position)}{number}") for position, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def members(*sheets, hidden=()):
    """The parts of a workbook by name; `hidden` are the positions of sheets that cannot be seen."""
    entries, relations, kinds = [], [], []
    parts = {}
    for number, content in enumerate(sheets):
        state = ' state="hidden"' if number in hidden else ""
        entries.append(f'<sheet name="Sheet{number}" sheetId="{number + 1}"{state} r:id="rId{number + 1}"/>')
        target = f"worksheets/sheet{number + 1}.xml"
        relations.append(f'<Relationship Id="rId{number + 1}" Type="{RELATION}/worksheet" Target="{target}"/>')
        kinds.append(f'<Override PartName="/xl/{target}" ContentType="{TYPES}.worksheet+xml"/>')
        parts[f"xl/{target}"] = content
    relations.append(f'<Relationship Id="rId99" Type="{RELATION}/styles" Target="styles.xml"/>')
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>{"".join(kinds)}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>{"".join(entries)}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(relations)}</Relationships>',
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
        **parts,
    }  # fmt: skip


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    """The bytes of a ZIP file of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbook(*tables, **options):
    """The bytes of a workbook with these tables (lists of rows) as its sheets."""
    return packed(members(*map(sheet, tables), **options))
