"""Workbooks that would hurt are refused before they are parsed."""

import io
import random
import resource
import struct
import zipfile
import zlib

import pytest

from measurements.figures_file import BadFigures, Expectations, read
from tests.measurements.workbooks import HEAD, MAIN, cell, members, packed, sheet, workbook

HEADER = ["service_level", "period", "value"]
NONE = Expectations(None, None, {})


def refused(source):
    with pytest.raises(BadFigures) as refusal:
        read(source, "f.xlsx", NONE)
    return str(refusal.value)


def rows_of(content):
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{content}</sheetData></worksheet>'


def with_sheet(content):
    return packed(members(content))


def test_a_harmless_workbook_is_read():
    assert read(workbook([HEADER]), "f.xlsx", NONE) == []
    assert read(packed(members(sheet([HEADER])), zipfile.ZIP_STORED), "f.xlsx", NONE) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (rows_of('<row r="1"><c r="A1"/></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "a row 1048576"),
        (rows_of('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'), "a column 16384"),
        (rows_of('<row r="1"><c r="A1048576"><v>1</v></c></row>'), "a row 1048576"),
        (rows_of("<row>" + "<c><v>1</v></c>" * 51 + "</row>"), "a column 51"),
        (rows_of("<row><c><v>1</v></c></row>" * 20_002), "a row 20002"),
        (rows_of('<row r="+1048576"><c><v>1</v></c></row>'), "numbers a row in an unusual way"),
        (rows_of('<row r="1"><c r="a1"><v>1</v></c></row>'), "names a cell in an unusual way"),
        (rows_of('<row r="1"><c r="A1"><v>1</v></row>'), "damaged"),
        ("x" + rows_of(""), "damaged"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + rows_of("").replace(HEAD, ""), "document type"),
        (rows_of("").replace("UTF-8", "UTF-16").encode("utf-16"), "not UTF-8"),
    ],
)
def test_sheets_beyond_the_limits(content, words):
    assert words in refused(with_sheet(content))


def test_a_sheet_under_another_name_is_looked_at_as_well():
    parts = members(rows_of('<row r="1"><c r="XFD1048576"><v>1</v></c></row>'))
    parts["xl/media/image1.png"] = parts.pop("xl/worksheets/sheet1.xml")
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        "worksheets/sheet1.xml", "media/image1.png"
    )
    assert "a row 1048576" in refused(packed(parts))


def test_a_part_that_unpacks_to_much():
    parts = members(sheet([HEADER])) | {"xl/media/image1.png": b"\0" * 60_000_000}
    assert "unpacks to more than 50 MB" in refused(packed(parts))


def test_a_part_that_unpacks_to_many_times_its_size():
    parts = members(sheet([HEADER])) | {"xl/media/image1.png": b"\0" * 5_000_000}
    assert "more than 100 times its size" in refused(packed(parts))


def test_many_parts():
    parts = members(sheet([HEADER])) | {f"xl/media/image{n}.png": b"" for n in range(100)}
    assert "at most 100 are read" in refused(packed(parts))


def test_parts_that_refer_to_other_files():
    parts = members(sheet([HEADER])) | {"xl/externalLinks/externalLink1.xml": "<x/>"}
    assert "refers to other files" in refused(packed(parts))


@pytest.mark.parametrize("name", ["xl/workbook.bin", "content.xml"])
def test_other_kinds_of_workbooks(name):
    assert "no XLSX workbook" in refused(packed(members(sheet([HEADER])) | {name: "<x/>"}))


def test_a_zip_file_that_is_no_workbook():
    assert "no XLSX workbook" in refused(packed({"readme.txt": "hello"}))
    assert "damaged or no XLSX" in refused(b"PK\x03\x04" + b"x" * 100)


def test_unusual_packing():
    assert "packed in an unusual way" in refused(packed(members(sheet([HEADER])), zipfile.ZIP_LZMA))


def test_a_stated_size_is_not_believed():
    """The directory says that a part has 10 bytes; unpacked it has 60 million."""
    name = b"xl/media/image1.png"
    pressed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = pressed.compress(b"\0" * 60_000_000) + pressed.flush()
    source = bytearray(packed(members(sheet([HEADER])) | {name.decode(): b"\0" * 10}))
    with zipfile.ZipFile(io.BytesIO(bytes(source))) as archive:
        where = archive.getinfo(name.decode()).header_offset
        directory = archive.start_dir
    start = where + 30 + len(name)
    old = struct.unpack("<I", source[where + 18 : where + 22])[0]
    source[start : start + old] = data
    grown = len(data) - old
    entry = source.index(b"PK\x01\x02", directory + grown)
    while source[entry + 46 : entry + 46 + len(name)] != name:
        entry = source.index(b"PK\x01\x02", entry + 4)
    source[entry + 20 : entry + 24] = struct.pack("<I", len(data))
    end = source.rindex(b"PK\x05\x06")
    source[end + 16 : end + 20] = struct.pack("<I", directory + grown)
    assert "unpacks to more than 50 MB" in refused(bytes(source))


def test_parts_that_share_their_bytes():
    source = bytearray(workbook([HEADER]))
    entry = source.index(b"PK\x01\x02")
    source[entry + 20 : entry + 24] = struct.pack("<I", len(source))
    assert "overlap" in refused(bytes(source))


def test_damage_anywhere_is_a_refusal_or_harmless():
    """Bytes of a sound workbook are changed at random; the reader never fails in any other way."""
    source = workbook([HEADER, ["SL", "2025-01-01", 5]])
    chance = random.Random(7)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(400):
        damaged = bytearray(source)
        for _ in range(chance.choice([1, 1, 2, 8])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        cut = bytes(damaged[: chance.choice([len(damaged), len(damaged), chance.randrange(len(damaged))])])
        with pytest.raises(BadFigures):
            read(cut if cut.startswith(b"PK") else b"PK\x03\x04" + cut[4:], "f.xlsx", NONE)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_damage_inside_the_sheet_is_a_refusal_or_harmless():
    sound = sheet([HEADER, ["SL", "2025-01-01", 5]])
    chance = random.Random(11)
    for _ in range(200):
        text = list(sound)
        for _ in range(3):
            text[chance.randrange(len(text))] = chance.choice("<>/\"'=& A19r")
        with pytest.raises(BadFigures):
            read(with_sheet("".join(text)), "f.xlsx", NONE)


@pytest.mark.parametrize("wrong", ['t="s"><v>²</v>', 't="s"><v>٣</v>', 's="²"><v>1</v>', 's="٣"><v>1</v>'])
def test_numbers_of_texts_and_styles_in_other_digits_are_refused(wrong):
    with pytest.raises(BadFigures):
        read(with_sheet(rows_of(f'<row r="1"><c r="A1" {wrong}</c></row>')), "f.xlsx", NONE)


def test_cells_are_written_as_spreadsheets_do():
    assert cell(5, "A1") == '<c r="A1"><v>5</v></c>'
