"""The same change of many contracts as a form: which contracts, what changes in each, from which day, and why."""

from collections.abc import Mapping
from typing import Any

from django import forms

from agreements.drafting.bulk import KEEP, SHIFT
from agreements.forms.fields import PlainNumber
from agreements.forms.indexation import IndexationForm
from agreements.rules import LONGEST_TITLE, BulkKind
from lib.form_fields import day_field, text_field
from lib.whole_numbers import whole

BANDS = [
    (KEEP, "The other bands stay where they are"),
    (SHIFT, "The other bands move by as much"),
]


class BulkForm(IndexationForm):
    """`metrics`: those that the chosen contracts measure, with their words. What the chosen kind does not ask for is not looked at."""

    index_from = None  # type: ignore[assignment]  # one day for all kinds
    kind = forms.ChoiceField(
        label="What changes",
        choices=BulkKind,
        error_messages={"required": "Choose what changes.", "invalid_choice": "Choose what changes."},
    )
    title = forms.CharField(
        label="What it is about",
        max_length=LONGEST_TITLE,
        help_text="A few words by which everybody knows it. Each vendor reads them.",
        error_messages={"required": "Say in a few words what changes."},
    )
    day = day_field("In force from", help_text="First day of a period of every contract, such as of a month.")
    reason = text_field("Reason", 4, help_text="Each vendor reads it with its own contract.")
    days = forms.IntegerField(
        label="Figures due", required=False, min_value=1, max_value=250, help_text="Working days after a period."
    )
    metric = forms.ChoiceField(label="Metric", required=False)
    target = PlainNumber(label="New target", help_text="In the metric’s unit.")
    bands = forms.ChoiceField(label="Below the target", choices=BANDS, required=False, widget=forms.RadioSelect)
    contracts = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100_000)

    def __init__(self, *args: Any, metrics: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["metric"].choices = metrics  # type: ignore[attr-defined]

    def clean_contracts(self) -> list[int]:
        return numbers(self.cleaned_data["contracts"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        if given.get("kind") == BulkKind.CHARGES:
            return super().clean()
        if given.get("kind") == BulkKind.DUE_DAY and not given.get("days") and "days" not in self.errors:
            self.add_error("days", "Say how many working days after a period.")
        if given.get("kind") == BulkKind.TARGET:
            for name, said in (("metric", "Choose the metric."), ("target", "Write the new target.")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, said)
        return given

    def change(self) -> dict[str, Any]:
        """As `BulkRevision.change` keeps it."""
        given = self.cleaned_data
        if given["kind"] == BulkKind.DUE_DAY:
            return {"days": given["days"]}
        if given["kind"] == BulkKind.TARGET:
            return {"metric": given["metric"], "target": given["target"], "bands": given["bands"] or KEEP}
        if given["percent"]:
            return {"percent": given["percent"]}
        return {
            "index": given["index_name"],
            "before": given["index_before"],
            "after": given["index_after"],
            "published": given["index_published"].isoformat(),
        }


def numbers(text: str) -> list[int]:
    """Ids with commas between them; what is none is left out."""
    return [one for one in map(whole, text.split(",")) if one is not None]


def initial_of(kind: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows of a change that was kept."""
    if kind == BulkKind.DUE_DAY:
        return {"days": change["days"]}
    if kind == BulkKind.TARGET:
        return dict(change)
    names = {"index": "index_name", "before": "index_before", "after": "index_after", "published": "index_published"}
    return {names.get(name, name): value for name, value in change.items()}


class SubmitForm(forms.Form):
    """Whether it goes on without the contracts that cannot take the change."""

    without = forms.BooleanField(required=False)

    def __init__(self, *args: Any, unfit: int = 0, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["without"].label = (
            f"Go on without the {unfit} that cannot take it" if unfit > 1 else "Go on without it"
        )
