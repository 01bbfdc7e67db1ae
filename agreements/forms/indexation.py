"""Charges raised by an index or a percentage, from a day on: the new amount, and the sentence that says how it came about."""

from decimal import Decimal
from typing import Any

from django import forms

from agreements.drafting.bulk import Indexation
from agreements.forms.fields import PlainNumber
from lib.form_fields import day_field


class IndexationForm(forms.Form):
    """By an index with two values and the day on which it was published, or by a percentage."""

    index_from = day_field("From", help_text="First day of a month.")
    index_name = forms.CharField(label="Index", required=False, max_length=120, help_text="Such as CPI, all items.")
    index_before = PlainNumber(label="Its value then")
    index_after = PlainNumber(label="Its value now")
    index_published = day_field("Published on", required=False)
    percent = PlainNumber(label="Or by", help_text="Percent; below 0 it falls.")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        by_index = given["index_before"] and given["index_after"]
        if bool(by_index) == bool(given["percent"]):
            self.add_error("percent", "Give both values of the index, or a percentage.")
        elif by_index and not (given["index_name"] and given["index_published"]):
            self.add_error("index_name", "Say which index it is, and when it was published.")
        elif by_index and not Decimal(given["index_before"]) > 0:
            self.add_error("index_before", "Write a number above 0.")
        return given

    @property
    def indexation(self) -> Indexation:
        given = self.cleaned_data
        if given["percent"]:
            return Indexation(percent=Decimal(given["percent"]))
        before, after = Decimal(given["index_before"]), Decimal(given["index_after"])
        return Indexation(None, given["index_name"], before, after, given["index_published"])

    def raised(self, amount: Decimal, places: int) -> Decimal:
        return self.indexation.raised(amount, places)

    def sentence(self, was: str, becomes: str) -> str:
        return self.indexation.sentence(was, becomes, self.cleaned_data["index_from"])
