"""Documents as PDF: tagged, with their fonts, readable again, and the same each time."""

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from lib.documents import pdf_of

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)


# All pieces that documents share.
TEMPLATE = b"""
#import "/documents/paper.typ": *
#show: paper
#head("Quarterly review", data.title, "Service desk")
#facts(((label: "Score", value: "71.3", note: "as in September"), (label: "Credit", value: "\xc2\xa317,940")))
== In short
#prose(data.words)
#listing(
  ((label: "Service level", width: "1fr"), (label: "October", align: "right"), (label: "Status")),
  (
    (group: true, cells: ("Help when asked", "", "")),
    ((text: "Calls answered", sub: "SL-01"), "87.2%", (tone: "breach", words: "Breach")),
    ("Calls abandoned", "3.8%", (svg: data.line, alt: "Falling")),
  ),
)
#pairs((("Made by", "Marco"),))
"""
LINE = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><polyline points='0,1 9,9' stroke='black'/></svg>"


def made(words: str, at: datetime = AT) -> bytes:
    data = {"title": "Corvid Systems", "author": "Aldermoor Energy", "words": words, "line": LINE}
    return pdf_of(TEMPLATE, data, at=at)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def test_a_document_is_tagged_named_and_carries_its_fonts():
    pdf = made("All well")
    root = read(pdf).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in pdf
    about = read(pdf).metadata
    assert (about.title, about.author, about.creation_date) == ("Corvid Systems", "Aldermoor Energy", AT)
    fonts = read(pdf).pages[0]["/Resources"]["/Font"].values()
    described = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert [about for about in described if not {"/FontFile2", "/FontFile3"} & set(about)] == []


def test_its_words_can_be_taken_out_again_in_their_order():
    text = text_of(made("Said twice.\nOnce more.\n\nAnd meant."))
    order = [
        "Quarterly review",
        "Corvid Systems",
        "71.3",
        "£17,940",
        "In short",
        "Said twice.",
        "Once more.",
        "And meant.",
    ]
    order += ["Help when asked", "Calls answered", "87.2%", "Breach", "Made by", "1 of 1"]
    at = [text.index(words) for words in order]
    assert at == sorted(at)


def test_the_same_data_make_the_same_bytes():
    assert made("All well") == made("All well")
    assert made("All well") != made("All well.")


def test_what_has_no_shape_is_left_out_and_what_no_font_has_keeps_no_document_from_being_made():
    assert "ab" in text_of(made("a\u200b\u0007b"))
    # A letter of the private area: no font has it.
    assert "All well" in text_of(made("All well \U000f0000 \U0001fae8"))
    odd = made("\u0e01\U0001fae8")
    assert read(odd).trailer["/Root"]["/MarkInfo"]["/Marked"]
