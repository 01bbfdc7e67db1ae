"""Looks at an XLSX file before anything parses it: a few kilobytes can unpack to gigabytes, or claim a cell in the
last row of the last column, for which a reader then makes room. And a cell with an error, or with a formula that nobody has
calculated yet, would be read as an empty one.

Sizes are measured by unpacking within limits, because those that a ZIP file states about itself may be untrue.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from measurements.figures_file.cell_formats import BUILT_IN, DATES
from measurements.figures_file.problems import FigureProblem, refused

MAX_MEMBERS = 100
MAX_UNPACKED = 50_000_000
MAX_RATIO = 100
# A short text repeats itself a lot; the ratio is asked of what is large enough to hurt.
RATIO_MATTERS = 1_000_000
LONGEST_TEXT = 32_767  # what a cell of a spreadsheet holds at most
MOST_TEXT = 10_000_000  # letters in all cells together, a shared text counted each time that it is used
LOCAL_HEADER = struct.Struct("<4s22xHH")
ROW = re.compile(r"[0-9]{1,7}")
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class SheetFacts:
    """Of one sheet: the cells that show something and hold no value, the format of each cell that has one, and the rows that are hidden."""

    unread: list[FigureProblem] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)  # (row, column), both from 1
    hidden: set[int] = field(default_factory=set)  # rows, from 1, that somebody or a filter hides


def check_workbook(data: bytes, max_rows: int, max_columns: int) -> dict[str, SheetFacts]:
    """What there is to know of each sheet, by its name. BadFigures where the bytes are no XLSX workbook, or one that is too large
    in any respect."""
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error, UnicodeDecodeError):
        raise refused("the file is damaged or no XLSX workbook; save it again as .xlsx, or as CSV") from None
    _check_members(members, len(data))
    left = MAX_UNPACKED
    parts: dict[str, bytes] = {}
    for member in members:
        content = _unpacked(data, member, left)
        left -= len(content)
        if b"s\0h\0e\0e\0t\0D" in content:
            raise refused("a sheet of the workbook is not UTF-8; save it again as .xlsx")
        parts[member.filename] = content
    texts = _Texts.of(parts.get("xl/sharedStrings.xml"))
    formats = _formats(parts.get("xl/styles.xml"))
    facts = {
        name: _check_cells(content, max_rows, max_columns, texts, formats)
        for name, content in parts.items()
        if b"sheetData" in content
    }
    sheets = _attributes(parts["xl/workbook.xml"], "sheet", "name", "id")
    targets = _attributes(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"), "Relationship", "Id", "Target")
    places = {name: posixpath.join("/xl", targets.get(key, ""))[1:] for name, key in sheets.items()}
    return {name: facts.get(posixpath.normpath(place), SheetFacts()) for name, place in places.items()}


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = [member.filename for member in members]
    if len(members) > MAX_MEMBERS:
        raise refused(f"the workbook has {len(members)} parts; at most {MAX_MEMBERS} are read")
    if "xl/workbook.xml" not in names or "xl/workbook.bin" in names or "content.xml" in names:
        raise refused("the file is no XLSX workbook; save it as .xlsx, or as CSV")
    if len(set(names)) < len(names) or sum(member.compress_size for member in members) > size:
        raise refused("the workbook's parts overlap; save it again as .xlsx")
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise refused("the workbook refers to other files; replace those formulas by their values")
    if any(member.flag_bits & 1 for member in members):
        raise refused("the workbook is protected by a password; remove it")


def _unpacked(data: bytes, member: zipfile.ZipInfo, most: int) -> bytes:
    """The content of a part, at most `most` bytes."""
    header = data[member.header_offset : member.header_offset + LOCAL_HEADER.size + 4]
    if len(header) < LOCAL_HEADER.size + 4 or header[:4] != b"PK\x03\x04":
        raise refused("the workbook is damaged; save it again as .xlsx")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = member.header_offset + 30 + name_length + extra_length
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        content = packed
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        try:
            content = zlib.decompressobj(-15).decompress(packed, most + 1)
        except zlib.error:
            raise refused("the workbook is damaged; save it again as .xlsx") from None
    else:
        raise refused("the workbook is packed in an unusual way; save it again as .xlsx")
    if len(content) > most:
        raise refused(f"the workbook unpacks to more than {MAX_UNPACKED // 1_000_000} MB; remove what is not needed")
    if len(content) > max(RATIO_MATTERS, MAX_RATIO * len(packed)):
        raise refused(f"a part of the workbook unpacks to more than {MAX_RATIO} times its size; save it again as .xlsx")
    return content


def _parse(content: bytes, parser: expat.XMLParserType) -> None:
    parser.buffer_text = True  # a text with a million lines comes in a few pieces
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise refused("a part of the workbook is damaged; save it again as .xlsx") from None


def _no_doctype(*_: object) -> None:
    raise refused("the workbook contains a document type, which no spreadsheet program writes; save it again")


def _tag(name: str) -> str:
    return name.rpartition(":")[2]


def _attributes(content: bytes, tag: str, key: str, value: str) -> dict[str, str]:
    """Of each element `tag` of a part: one attribute by another, whatever prefix they have."""
    found = {}

    def element(name: str, attributes: dict[str, str]) -> None:
        if _tag(name) == tag:
            plain = {_tag(one): text for one, text in attributes.items()}
            found[plain.get(key, "")] = plain.get(value, "")

    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = element
    _parse(content, parser)
    return found


class _Texts:
    """The shared texts of a workbook by their length, and how much of them is left to be used."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths, self.left = lengths, MOST_TEXT

    @classmethod
    def of(cls, content: bytes | None) -> _Texts:
        lengths: list[int] = []
        if content is None:
            return cls(lengths)

        def element(name: str, _: object) -> None:
            if _tag(name) == "si":
                lengths.append(0)

        def text(data: str) -> None:
            if lengths:
                lengths[-1] += len(data)

        parser = expat.ParserCreate("UTF-8")
        parser.StartElementHandler, parser.CharacterDataHandler = element, text
        _parse(content, parser)
        if any(length > LONGEST_TEXT for length in lengths):
            raise refused(f"a cell holds more than {LONGEST_TEXT:,} characters; shorten it")
        return cls(lengths)

    def use(self, number: str) -> None:
        """One more cell shows this text."""
        if number.isascii() and number.strip().isdigit() and int(number) < len(self.lengths):
            self.add(self.lengths[int(number)])

    def add(self, length: int) -> None:
        self.left -= length
        if self.left < 0:
            raise refused(f"the cells hold more than {MOST_TEXT:,} characters together; remove what is not needed")


def _formats(content: bytes | None) -> list[str]:
    """The format of each style, in order; empty for the general one."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def element(name: str, attributes: dict[str, str]) -> None:
        inside.append(_tag(name))
        if inside[-1] == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif inside[-2:] == ["cellXfs", "xf"]:
            styles.append(attributes.get("numFmtId", "0"))

    if content is not None:
        parser = expat.ParserCreate("UTF-8")
        parser.StartElementHandler, parser.EndElementHandler = element, lambda _: inside.pop()
        _parse(content, parser)
    known = {str(number): code for number, code in BUILT_IN.items()} | {str(number): "yyyy-mm-dd" for number in DATES}
    return [(codes | known if style in known else codes).get(style, "") for style in styles]


class _Cells:
    """Follows the rows and cells of a sheet and stops at the first one beyond the limits."""

    def __init__(
        self, max_rows: int, max_columns: int, parser: expat.XMLParserType, texts: _Texts, formats: list[str]
    ) -> None:
        self.max_rows, self.max_columns, self.parser = max_rows, max_columns, parser
        self.texts, self.formats = texts, formats
        self.row = self.column = 0
        self.kind, self.style, self.formula, self.value = "", "", False, ""
        self.facts = SheetFacts()

    def element(self, name: str, attributes: dict[str, str]) -> None:
        tag = _tag(name)
        if tag == "row":
            stated = attributes.get("r", str(self.row + 1))
            if not ROW.fullmatch(stated):
                raise refused("the workbook numbers a row in an unusual way; save it again as .xlsx")
            self.row, self.column = int(stated), 0
            if attributes.get("hidden") in ("1", "true"):
                self.facts.hidden.add(self.row)
        elif tag == "c":
            self._cell(attributes.get("r"))
            self.kind, self.style = attributes.get("t", ""), attributes.get("s", "")
            self.formula, self.value = False, ""
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "t"):
            self.parser.CharacterDataHandler = self.text
        if self.row > self.max_rows:
            raise refused(f"the sheet has a row {self.row}; at most {self.max_rows:,} rows are read")
        if self.column > self.max_columns:
            raise refused(f"the sheet has a column {self.column}; at most {self.max_columns} columns are read")

    def text(self, data: str) -> None:
        if len(self.value) + len(data) > LONGEST_TEXT:
            raise refused(f"a cell holds more than {LONGEST_TEXT:,} characters; shorten it", self.row)
        self.value += data

    def end(self, name: str) -> None:
        tag = _tag(name)
        if tag in ("v", "t"):
            self.parser.CharacterDataHandler = None
        elif tag == "c" and self.kind == "e":
            self._unread(f"holds an error, {self.value[:20] or 'without a name'}; correct it, or clear the cell")
        elif tag == "c" and self.formula and not self.value.strip() and self.kind != "str":  # a text may be empty
            self._unread(
                "holds a formula without a value; put the value there, or save the workbook in a spreadsheet program"
            )
        elif tag == "c":
            self._taken()

    def _taken(self) -> None:
        """A cell that holds something or nothing: its text counts, its format is kept."""
        if self.kind == "s":
            self.texts.use(self.value)
        else:
            self.texts.add(len(self.value))
        if self.value and self.style.isascii() and self.style.isdigit():
            style = int(self.style)
            if code := self.formats[style] if style < len(self.formats) else "":
                self.facts.formats[self.row, self.column] = code

    def _unread(self, message: str) -> None:
        self.facts.unread.append(FigureProblem(self.row, "", f"the cell {cell_name(self.row, self.column)} {message}"))

    def _cell(self, reference: str | None) -> None:
        found = CELL.fullmatch(reference or "")
        if found is None:
            if reference is not None:
                raise refused("the workbook names a cell in an unusual way; save it again as .xlsx")
            self.column += 1
            return
        letters, row = found.groups()
        self.column, self.row = 0, int(row)
        for letter in letters:
            self.column = self.column * 26 + ord(letter) - ord("A") + 1


def _check_cells(content: bytes, max_rows: int, max_columns: int, texts: _Texts, formats: list[str]) -> SheetFacts:
    parser = expat.ParserCreate("UTF-8")  # whatever it declares, as the reader does
    cells = _Cells(max_rows, max_columns, parser, texts, formats)
    parser.StartElementHandler, parser.EndElementHandler = cells.element, cells.end
    _parse(content, parser)
    return cells.facts


def cell_name(row: int, column: int) -> str:
    """C4 for row 4 and column 3."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"
