"""What is looked at in a finished PDF before anybody gets it: its tags, its texts, its pages."""

import io
from typing import Any

from pypdf import PdfReader

from scorecards.review.content import Content


class NotAsMeant(Exception):
    """The file lacks something that its content has."""


def pages_of(pdf: bytes, content: Content) -> int:
    """The number of pages. NotAsMeant where the file is not tagged or a section's heading cannot be read in it."""
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    if not (root.get("/MarkInfo", {}).get("/Marked") and root.get("/StructTreeRoot")):
        raise NotAsMeant("The PDF has no tags.")
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    lacking = [section["heading"] for section in content["sections"] if section["heading"] not in text]
    if lacking:
        raise NotAsMeant(f"The PDF lacks {', '.join(lacking)}.")
    return len(reader.pages)
