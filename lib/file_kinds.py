"""What a file is that was sent instead of a text or a table, by its first bytes: so that a refusal can call it by its name."""

ZIP = b"PK\x03\x04"
WORKBOOK, ARCHIVE = "an Excel workbook", "a ZIP archive"
STARTS = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a Word document (RTF)"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel document, or one with a password"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
# Names of entries stand in a ZIP file as they are.
ENTRIES = (
    (b"word/document", "a Word document"),
    (b"ppt/presentation", "a presentation"),
    (b"xl/workbook", WORKBOOK),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)


def document_kind(content: bytes) -> str | None:
    """ "a PDF", "a Word document"; None where the bytes may be text. Of a ZIP file its entries tell."""
    if content.startswith(ZIP):
        return next((kind for name, kind in ENTRIES if name in content), ARCHIVE)
    return next((kind for start, kind in STARTS if content.startswith(start)), None)
