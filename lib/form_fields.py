"""Fields that forms of several apps have."""

from typing import Any

from django import forms


def day_field(label: str, **given: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)
