"""A service level that a draft adds, as a form: from the catalogue of metrics, with a usual target or one of its own."""

from typing import Any

from django import forms

from agreements.drafting.levels import Document
from agreements.forms.fields import PlainNumber
from lib.form_fields import day_field
from slas.metric_catalogue import BAND_NAMES, OWN, trades
from slas.own_metrics import offered_metrics

EVERY = [
    ("", "As the metric usually is"),
    ("month", "Each month"),
    ("quarter", "Each quarter"),
    ("week", "Each week"),
    ("year", "Each year"),
]


def _metrics() -> list[Any]:
    """The catalogue by trade, the organisation's own first. One statement."""
    offered = offered_metrics().values()
    found = [
        (name, [(one.code, one.name) for one in offered if one.trade == code])
        for code, name in {OWN: "Your own", **trades()}.items()
    ]
    return [(name, chosen) for name, chosen in found if chosen]


class NewLevelForm(forms.Form):
    """What a new service level needs; everything else is changed afterwards, beside its curve."""

    metric = forms.ChoiceField(label="Metric", choices=_metrics)
    code = forms.CharField(label="Code", max_length=40, help_text="Short and unique in the contract, such as SL-12.")
    name = forms.CharField(label="Name", required=False, max_length=200, help_text="Empty: as the metric is called.")
    every = forms.ChoiceField(label="Judged", choices=EVERY, required=False)
    target = PlainNumber(label="Target", help_text="Empty: the metric’s usual one.")
    kra = forms.ChoiceField(label="Serves", required=False)
    weight = PlainNumber(label="With a weight of", initial="100")
    from_ = day_field("In force from", help_text="First day of a period.")

    def __init__(self, *args: Any, kras: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kra"].choices = [("", "No key result area"), *kras]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "metric" in given:
            self.chosen = offered_metrics()[given["metric"]]
        if "metric" in given and not given.get("target") and self.chosen.bands() is None:
            self.add_error("target", "This metric has no usual target. Enter one.")
        return given

    def part(self) -> Document:
        """The service level as a file has it."""
        given, metric = self.cleaned_data, self.chosen
        bands = None if given["target"] else metric.bands()
        target, beyond, _ = BAND_NAMES[metric.better]
        bands = bands or [
            {"name": target, "at": given["target"], "outcome": "met", "points": "0", "score": "100"},
            {"name": beyond, "outcome": "default", "points": "1", "score": "0"},
        ]
        return {
            "code": given["code"],
            "name": given["name"] or metric.name,
            "kras": {given["kra"]: given["weight"] or "100"} if given["kra"] else {},
            "every": given["every"] or metric.every,
            "measure": metric.measure,
            "terms": [{"from": given["from_"].isoformat(), "better": metric.better, "bands": bands}],
            "metric": metric.code,
        }
