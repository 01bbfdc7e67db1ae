"""Fields that several forms of a draft have."""

import re
from typing import Any

from django import forms

NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


class PlainNumber(forms.CharField):
    """A number as its digits, which is how a file has it: 95.5; nothing is rounded and nothing guessed."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"required": False, "max_length": 26, "strip": True} | more)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "input--num"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and not NUMBER.fullmatch(text):
            raise forms.ValidationError("Write a number such as 95 or 95.5.")
        return text
