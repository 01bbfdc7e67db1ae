"""What is typed when a month is published, and when a review pack is begun and written."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from contracts.models import Contract
from lib.form_fields import day_field, text_field
from lib.months import month_of
from lib.texts import LONGEST_TEXT
from scorecards.rules import LONGEST_WORD


class PublishForm(forms.Form):
    """A message to the vendor, and the checksum of the numbers that were looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    word = text_field("Message to the vendor", rows=2, longest=LONGEST_WORD, required=False)


class MonthField(forms.CharField):
    """A month, by the browser's own picker where it has one: 2026-10."""

    def __init__(self, label: str, **given: Any) -> None:
        widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})
        super().__init__(label=label, widget=widget, max_length=7, **given)

    def clean(self, value: Any) -> date:
        found = month_of(super().clean(value))
        if found is None:
            raise forms.ValidationError("Write a month such as 2026-10.")
        return found

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class PackForm(forms.Form):
    """Which contracts of a vendor, which months, and when they meet."""

    contracts = forms.MultipleChoiceField(
        label="Contracts",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one contract."},
    )
    first = MonthField("First month")
    last = MonthField("Last month")
    meeting_on = day_field("Day of the meeting", required=False)

    def __init__(self, *args: Any, offered: Sequence[Contract], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(contract.pk): contract for contract in offered}
        choices = [(pk, f"{contract.title}, {contract.reference}") for pk, contract in self.offered.items()]
        self.fields["contracts"].choices = choices  # type: ignore[attr-defined]

    def clean_contracts(self) -> list[Contract]:
        return [self.offered[pk] for pk in self.cleaned_data["contracts"]]


class SectionForm(forms.Form):
    """What is said in a section. `use` is a sentence that was offered and is to be added."""

    chosen = forms.BooleanField(required=False)
    commentary = forms.CharField(
        label="Commentary", required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    use = forms.CharField(required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("use"):
            said = given.get("commentary", "").rstrip()
            given["commentary"] = f"{said}\n{given['use']}" if said else given["use"]
        return given
