"""What people write in some lines: how much fits, the field for it, and the check of an action that keeps it."""

from typing import Any

from django import forms

from lib.errors import RuleBroken

LONGEST_TEXT = 4000


def text_field(label: str, rows: int = 3, *, longest: int = LONGEST_TEXT, **given: Any) -> forms.CharField:
    """Some lines of text."""
    return forms.CharField(label=label, max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **given)


def checked(text: str, what: str, longest: int = LONGEST_TEXT, empty: str = "") -> str:
    """The text without white space around it. RuleBroken where nothing is left, or more than fits; its code is `what` the text is.

    `empty`: what is said where nothing is left, where that is better said otherwise.
    """
    text = text.strip()
    if not text:
        raise RuleBroken(what, empty or f"The {what} is empty. Write it first.")
    if len(text) > longest:
        raise RuleBroken(what, f"The {what} has {len(text):,} characters; {longest:,} fit. Shorten it.")
    return text
