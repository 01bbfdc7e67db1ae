"""Looks at an XLSX file before anything parses it: a few kilobytes can unpack to gigabytes, or claim a cell in the
last row of the last column, for which a reader then makes room. And a cell with an error, or with a formula that nobody has
reckoned yet, would be read as an empty one.

Sizes are measured by unpacking within limits, because those that a ZIP file states about itself may be untrue.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from xml.parsers import expat

from measurements.figures_file.problems import FigureProblem, refused

MAX_MEMBERS = 100
MAX_UNPACKED = 50_000_000
MAX_RATIO = 100
# A short text repeats itself a lot; the ratio is asked of what is large enough to hurt.
RATIO_MATTERS = 1_000_000
LOCAL_HEADER = struct.Struct("<4s22xHH")
ROW = re.compile(r"[0-9]{1,7}")
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


Unread = dict[str, list[FigureProblem]]


def check_workbook(data: bytes, max_rows: int, max_columns: int) -> Unread:
    """BadFigures where the bytes are no XLSX workbook, or one that is too large in any respect.

    Returns, by the name of a sheet, the cells that show something and hold no value.
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error, UnicodeDecodeError):
        raise refused("the file is damaged or no XLSX workbook; save it again as .xlsx, or as CSV") from None
    _check_members(members, len(data))
    left = MAX_UNPACKED
    unread: Unread = {}
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}
    for member in members:
        content = _unpacked(data, member, left)
        left -= len(content)
        if b"s\0h\0e\0e\0t\0D" in content:
            raise refused("a sheet of the workbook is not UTF-8; save it again as .xlsx")
        if b"sheetData" in content:
            unread[member.filename] = _check_cells(content, max_rows, max_columns)
        if member.filename == "xl/workbook.xml":
            sheets = _attributes(content, "sheet", "name", "id")
        if member.filename == "xl/_rels/workbook.xml.rels":
            targets = _attributes(content, "Relationship", "Id", "Target")
    parts = {name: posixpath.join("/xl", targets.get(key, ""))[1:] for name, key in sheets.items()}
    return {name: unread.get(posixpath.normpath(part), []) for name, part in parts.items()}


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


class _Cells:
    """Follows the rows and cells of a sheet and stops at the first one beyond the limits. `unread`: see check_workbook."""

    def __init__(self, max_rows: int, max_columns: int, parser: expat.XMLParserType) -> None:
        self.max_rows, self.max_columns, self.parser = max_rows, max_columns, parser
        self.row = self.column = 0
        self.kind, self.formula, self.value = "", False, ""
        self.unread: list[FigureProblem] = []

    def element(self, name: str, attributes: dict[str, str]) -> None:
        tag = _tag(name)
        if tag == "row":
            stated = attributes.get("r", str(self.row + 1))
            if not ROW.fullmatch(stated):
                raise refused("the workbook numbers a row in an unusual way; save it again as .xlsx")
            self.row, self.column = int(stated), 0
        elif tag == "c":
            self._cell(attributes.get("r"))
            self.kind, self.formula, self.value = attributes.get("t", ""), False, ""
        elif tag == "f":
            self.formula = True
        elif tag == "v" and (self.formula or self.kind == "e"):
            self.parser.CharacterDataHandler = self.text
        if self.row > self.max_rows:
            raise refused(f"the sheet has a row {self.row}; at most {self.max_rows:,} rows are read")
        if self.column > self.max_columns:
            raise refused(f"the sheet has a column {self.column}; at most {self.max_columns} columns are read")

    def text(self, data: str) -> None:
        self.value += data

    def end(self, name: str) -> None:
        tag = _tag(name)
        if tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "c" and self.kind == "e":
            self._unread(f"holds an error, {self.value[:20] or 'without a name'}; correct it, or clear the cell")
        elif tag == "c" and self.formula and not self.value.strip() and self.kind != "str":  # a text may be empty
            self._unread(
                "holds a formula without a value; put the value there, or save the workbook in a spreadsheet program"
            )

    def _unread(self, message: str) -> None:
        letters, left = "", self.column
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        self.unread.append(FigureProblem(self.row, "", f"the cell {letters}{self.row} {message}"))

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


def _check_cells(content: bytes, max_rows: int, max_columns: int) -> list[FigureProblem]:
    parser = expat.ParserCreate("UTF-8")  # whatever it declares, as the reader does
    cells = _Cells(max_rows, max_columns, parser)
    parser.StartElementHandler, parser.EndElementHandler = cells.element, cells.end
    _parse(content, parser)
    return cells.unread
