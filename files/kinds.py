"""Which files may be attached: by the ending of the name and by what is in it. What a browser says of a file counts for nothing."""

import codecs
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from lib.errors import RuleBroken

MEGABYTE = 1024 * 1024
MAX_BYTES = 25 * MEGABYTE
MAX_FILES = 20  # of one submission, of one message
MAX_NAME = 150
CHUNK = 65_536


def _starts_with(magic: bytes) -> Callable[[IO[bytes]], bool]:
    return lambda file: file.read(len(magic)) == magic


def _is_text(file: IO[bytes]) -> bool:
    """UTF-8 without NUL, to the last byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_office(folder: bytes) -> Callable[[IO[bytes]], bool]:
    """A package of Office Open XML whose main part lies in `folder`: names of parts stand uncompressed at its ends. Nothing is unpacked."""

    def fits(file: IO[bytes]) -> bool:
        head = file.read(CHUNK)
        file.seek(max(0, file.seek(0, os.SEEK_END) - CHUNK))
        ends = head + file.read(CHUNK)
        return head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in ends and folder in ends

    return fits


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, what it is served as, whether content is of it, and how it can be shown ("": not at all)."""

    name: str
    content_type: str
    fits: Callable[[IO[bytes]], bool]
    preview: str = ""


_JPEG = Kind("JPEG", "image/jpeg", _starts_with(b"\xff\xd8\xff"), "image")
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    ".pdf": Kind("PDF", "application/pdf", _starts_with(b"%PDF-"), "pdf"),
    ".png": Kind("PNG", "image/png", _starts_with(b"\x89PNG\r\n\x1a\n"), "image"),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".csv": Kind("CSV in UTF-8", "text/csv; charset=utf-8", _is_text),
    ".txt": Kind("text in UTF-8", "text/plain; charset=utf-8", _is_text),
    ".xlsx": Kind("XLSX", f"{_OFFICE}.spreadsheetml.sheet", _is_office(b"xl/")),
    ".docx": Kind("DOCX", f"{_OFFICE}.wordprocessingml.document", _is_office(b"word/")),
}
TAKEN = "PDF, PNG, JPEG, CSV, TXT, XLSX or DOCX"


def kind_of(name: str) -> Kind | None:
    """By the last ending alone: that is what opens the file."""
    return KINDS.get(PurePosixPath(name).suffix.lower())


def shown_name(name: str) -> str:
    """A file's name for people: without folders and without characters that cannot be seen (they can turn a name round)."""
    last = re.split(r"[\\/]", name)[-1]
    path = PurePosixPath("".join(one for one in last if one.isprintable()).strip() or "file")
    return path.stem[: MAX_NAME - len(path.suffix)] + path.suffix[:MAX_NAME]


def check(name: str, size: int, file: IO[bytes]) -> None:
    """RuleBroken (`attachments`), with the remedy, where the file is none that is taken. `size` in bytes; `file` is left at its start."""
    kind = kind_of(name)
    if kind is None:
        raise RuleBroken("attachments", f"{name} is of a kind that is not taken. Attach it as {TAKEN}.")
    if size > MAX_BYTES:
        most = f"{size / MEGABYTE:.1f} MB are more than {MAX_BYTES // MEGABYTE}."
        raise RuleBroken("attachments", f"{name}: {most} Attach the part that matters, or a smaller copy.")
    file.seek(0)
    fits = size > 0 and kind.fits(file)
    file.seek(0)
    if not fits:
        raise RuleBroken("attachments", f"{name} does not hold what its ending says. Save it as {kind.name} again.")
