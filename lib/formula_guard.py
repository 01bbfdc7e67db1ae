"""Texts in a CSV that a spreadsheet would take for formulas: written behind an apostrophe, read without it."""

import re

FORMULA = re.compile(r"'*[=+\-@]")
GUARDED = re.compile(r"'+[=+\-@]")


def guarded(text: str) -> str:
    """A cell that no spreadsheet computes. What begins with apostrophes already gets one more, so that `unguarded` gives it back."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded; any other as it is, `'t Hooft` for one."""
    return text[1:] if GUARDED.match(text) else text
