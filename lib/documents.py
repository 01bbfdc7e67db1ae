"""Documents that are kept, signed or taken to a meeting: tagged PDF (PDF/UA-1), set from templates/documents/ by typst.

A template gets its data as JSON and imports `/documents/paper.typ`, which has the page, the head, tables and the pieces they share.
The same data at the same moment make the same bytes, so a document can be kept by its checksum.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

import typst
from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
A4_INCHES = 210 / 25.4
# What nothing can show; the words are the typesetter's own.
NOT_SHOWN = "could not be displayed"


def as_pdf(name: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """`templates/documents/<name>.typ` set with `data`; `at` is the moment that the file says it was made. See `pdf_of`."""
    return pdf_of((TEMPLATES / "documents" / f"{name}.typ").read_bytes(), data, at=at)


def pdf_of(template: bytes, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """`data` has texts, whole numbers, lists and dictionaries; it names the document by `title` and its maker by `author`.

    Texts in a script that neither Inter nor a font of the machine has are set as boxes, and the file then makes no claim of PDF/UA.
    """
    given = {"data": json.dumps(_printable(data))}
    try:
        return _set(template, given, at, ["ua-1"])
    except typst.TypstError as refused:
        if NOT_SHOWN not in refused.message:
            raise
        return _set(template, given, at, [])


def as_images(name: str, data: Mapping[str, Any], *, at: datetime, wide: int = 480) -> list[bytes]:
    """The pages of the same document as PNG images, `wide` pixels each, to look at before the file is handed out."""
    template = (TEMPLATES / "documents" / f"{name}.typ").read_bytes()
    given = {"data": json.dumps(_printable(data))}
    setter = typst.Compiler(root=TEMPLATES, font_paths=_fonts())
    ppi = wide / A4_INCHES
    made: Any = setter.compile(template, sys_inputs=given, format="png", ppi=ppi, timestamp=int(at.timestamp()))
    return made if isinstance(made, list) else [made]


def _set(template: bytes, given: dict[str, str], at: datetime, standards: list[Any]) -> bytes:
    setter = typst.Compiler(root=TEMPLATES, font_paths=_fonts())
    made = setter.compile(template, sys_inputs=given, pdf_standards=standards, timestamp=int(at.timestamp()))
    return cast(bytes, made)


@cache
def _fonts() -> typst.Fonts:
    """The product's own, the typesetter's, and for other scripts those of the machine. Read once in a process."""
    return typst.Fonts(font_paths=[settings.BASE_DIR / "static" / "vendor"])


def _printable(value: Any) -> Any:
    """Without the characters that have no shape, which people paste without seeing them."""
    if isinstance(value, str):
        return "".join(letter for letter in value if letter == "\n" or not unicodedata.category(letter).startswith("C"))
    if isinstance(value, Mapping):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value
