"""Which files are taken: the ending says what it claims to be, the content whether it is."""

import io
import zipfile

import pytest

from files.kinds import MAX_BYTES, MAX_NAME, check, kind_of, shown_name
from lib.errors import RuleBroken

PDF = b"%PDF-1.7\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
TEXT = "ticket,minutes\nAusfälle,12\n".encode()


def package(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(part, "<x/>" * 10_000)
    return out.getvalue()


XLSX = package("[Content_Types].xml", "xl/workbook.xml")
TYPES_LAST = package("word/document.xml", *(f"word/media/{n}.xml" for n in range(300)), "[Content_Types].xml")


def refusal(name: str, content: bytes, size: int | None = None) -> str:
    """The sentence, or empty where the file is taken; either way it can be read from its start."""
    file = io.BytesIO(content)
    try:
        check(name, len(content) if size is None else size, file)
    except RuleBroken as refused:
        return refused.sentence
    assert file.tell() == 0
    return ""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.pdf", PDF),
        ("REPORT.PDF", PDF),
        ("screen.png", PNG),
        ("photo.jpg", JPEG),
        ("photo.jpeg", JPEG),
        ("tickets.csv", TEXT),
        ("tickets.csv", b"\xef\xbb\xbf" + TEXT),
        ("log.txt", ("é" * 200_000).encode()),
        ("log.txt", b"x" + ("é" * 65_536).encode()),  # a letter across two chunks
        ("tickets.xlsx", XLSX),
        ("report.docx", TYPES_LAST),
        ("tickets.2024-04.final.csv", TEXT),
    ],
)
def test_taken(name: str, content: bytes) -> None:
    assert refusal(name, content) == ""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.pdf", b"\n" + PDF),
        ("report.pdf", b""),
        ("report.pdf", b"<html><script>"),
        ("screen.png", JPEG),
        ("photo.jpg", PNG),
        ("tickets.csv", TEXT + b"\0"),
        ("tickets.csv", "Ausfälle".encode("latin-1")),
        ("tickets.csv", TEXT.decode().encode("utf-16")),
        ("log.txt", "é".encode()[:1]),  # breaks off inside a letter
        ("tickets.xlsx", TYPES_LAST),
        ("report.docx", XLSX),
        ("tickets.xlsx", package("xl/workbook.xml")),
        ("tickets.xlsx", b"[Content_Types].xml xl/"),
    ],
)
def test_content_that_is_not_what_the_ending_says(name: str, content: bytes) -> None:
    sentence = refusal(name, content)
    assert sentence.startswith(f"{name} does not hold what its ending says. Save it as ")


@pytest.mark.parametrize(
    "name", ["report.exe", "report.pdf.exe", "report.html", "drawing.svg", "book.xlsm", "all.zip", "pdf", ".pdf", "a."]
)
def test_endings_that_are_not_on_the_list(name: str) -> None:
    assert refusal(name, PDF) == (
        f"{name} is of a kind that is not taken. Attach it as PDF, PNG, JPEG, CSV, TXT, XLSX or DOCX."
    )


def test_size() -> None:
    assert refusal("report.pdf", PDF, MAX_BYTES) == ""
    assert refusal("report.pdf", PDF, MAX_BYTES + 60_000) == (
        "report.pdf: 25.1 MB are more than 25. Attach the part that matters, or a smaller copy."
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("april.pdf", "april.pdf"),
        ("../../etc/april.pdf", "april.pdf"),
        ("C:\\reports\\april.pdf", "april.pdf"),
        ("april\r\nSet-Cookie: x.pdf", "aprilSet-Cookie: x.pdf"),
        ("april\u202efdp.exe", "aprilfdp.exe"),  # would be shown as aprilexe.pdf
        ("  ", "file"),
        ("a" * 300 + ".pdf", "a" * (MAX_NAME - 4) + ".pdf"),
    ],
)
def test_names_for_people(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert kind_of(shown) == kind_of(name.strip())
