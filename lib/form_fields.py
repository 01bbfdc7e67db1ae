"""Fields that forms of several apps have."""

from typing import Any

from django import forms

from lib.texts import LONGEST_TEXT


def day_field(label: str, **given: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)


def text_field(label: str, rows: int = 3, *, longest: int = LONGEST_TEXT, **given: Any) -> forms.CharField:
    """Some lines of text."""
    return forms.CharField(label=label, max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **given)
