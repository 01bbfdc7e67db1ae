"""A metric of the organisation's own as a form."""

from decimal import Decimal
from typing import Any

from django import forms

from agreements.forms.fields import PlainNumber
from agreements.forms.measure import KINDS
from slas.models import OwnMetric

BETTER = [("higher", "Higher is better"), ("lower", "Lower is better")]
EVERY = [("month", "Each month"), ("quarter", "Each quarter"), ("week", "Each week"), ("year", "Each year")]


class MetricForm(forms.Form):
    """What a metric means, how it is measured, and what is usual. The code of one that is `there` stays."""

    code = forms.CharField(label="Code", max_length=40, help_text="What contract files name it by, such as SITE-01.")
    name = forms.CharField(label="Name", max_length=200)
    definition = forms.CharField(label="Definition", max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(label="Kind of figure", choices=KINDS)
    of = forms.CharField(label="Counts as good", required=False, max_length=200)
    among = forms.CharField(label="Out of", required=False, max_length=200)
    unit = forms.CharField(label="Unit", required=False, max_length=40, help_text="percent, hours, …")
    scale = PlainNumber(label="Times", help_text="A share in percent is × 100, which is usual; a mean × 1.")
    better = forms.ChoiceField(label="Direction", choices=BETTER)
    every = forms.ChoiceField(label="Usually judged", choices=EVERY)
    target = PlainNumber(label="Usual target", help_text="Empty: each contract sets its own.")
    minimum = PlainNumber(label="Usual minimum")
    traps = forms.CharField(
        label="Traps",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What has gone wrong with it; one a line.",
    )

    def __init__(self, *args: Any, there: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["code"].disabled = there

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("of", "among") if given.get("kind") == "ratio" else ():
            if not given.get(name):
                self.add_error(name, "Say what is counted.")
        if given.get("scale") and not self.errors.get("scale") and Decimal(given["scale"]) <= 0:
            self.add_error("scale", "Enter a number above 0.")
        return given

    def given(self) -> dict[str, Any]:
        """As the actions take it."""
        data = self.cleaned_data
        names = ("kind", "of", "among", "unit", "scale") if data["kind"] == "ratio" else ("kind", "unit")
        kept = ("name", "definition", "better", "every")
        return {
            **{name: data[name] for name in kept},
            "measure": {name: data[name] for name in names if data[name]},
            "target": Decimal(data["target"]) if data["target"] else None,
            "minimum": Decimal(data["minimum"]) if data["minimum"] else None,
            "traps": [line.strip() for line in data["traps"].splitlines() if line.strip()],
        }


def initial_of(metric: OwnMetric) -> dict[str, Any]:
    plain = {name: getattr(metric, name) for name in ("code", "name", "definition", "better", "every")}
    usual = {
        name: f"{number.normalize():f}"
        for name in ("target", "minimum")
        if (number := getattr(metric, name)) is not None
    }
    return {**metric.measure, **plain, **usual, "traps": "\n".join(metric.traps)}
