"""What a service level measures, and until when: its own part of the file, beside its terms."""

from typing import Any

from django import forms

from agreements.drafting.levels import Document
from agreements.forms.fields import PlainNumber
from lib.form_fields import day_field

KINDS = [
    ("ratio", "A share or a mean: one number by another"),
    ("availability", "Availability, from minutes of downtime"),
    ("value", "A number, as reported"),
    ("count", "A count, as reported"),
]
EVERY = [("month", "Each month"), ("quarter", "Each quarter"), ("week", "Each week"), ("year", "Each year")]
HOURS = [("", "Around the clock"), ("calendar", "In working hours")]
MAINTENANCE = [("", "Does not count"), ("uptime", "Counts as up"), ("downtime", "Counts as down")]
ROLL_UP = [("", "As usual for the kind"), ("sum", "Summed"), ("mean", "Averaged")]
# Which fields each kind has.
OF_KIND = {
    "ratio": ("of", "among", "scale"),
    "availability": ("hours", "maintenance", "maintenance_allowance"),
    "value": (),
    "count": (),
}
MEASURE = ("kind", "of", "among", "unit", "scale", "hours", "maintenance", "maintenance_allowance", "roll_up")


class MeasureForm(forms.Form):
    """Of a `standing` service level, which is in force, the measure stays: another one is a level of its own."""

    level_name = forms.CharField(label="Name", max_length=200)
    every = forms.ChoiceField(label="Judged", choices=EVERY)
    kind = forms.ChoiceField(label="Kind of figure", choices=KINDS)
    of = forms.CharField(label="Counts as good", required=False, max_length=200)
    among = forms.CharField(label="Out of", required=False, max_length=200)
    unit = forms.CharField(label="Unit", required=False, max_length=40, help_text="percent, hours, …")
    scale = PlainNumber(label="Times", help_text="A share in percent is × 100, which is usual; a mean × 1.")
    hours = forms.ChoiceField(label="Minutes that count", choices=HOURS, required=False)
    maintenance = forms.ChoiceField(label="Agreed maintenance", choices=MAINTENANCE, required=False)
    maintenance_allowance = PlainNumber(
        label="Maintenance at most", help_text="Minutes; more is downtime. Empty: no limit."
    )
    roll_up = forms.ChoiceField(label="Several parts are", choices=ROLL_UP, required=False)
    metric = forms.CharField(label="Metric", required=False, max_length=40, help_text="Code of the catalogue.")
    ends_on = day_field("Last day", required=False, help_text="Last day of one of its periods; empty: the contract’s.")

    def __init__(self, *args: Any, standing: bool, custom: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if custom:
            self.fields["every"].choices = [("custom", "In periods of its own")]  # type: ignore[attr-defined]
        for name in ("every", *MEASURE) if standing else ():
            self.fields[name].disabled = True

    def part(self, former: Document) -> Document:
        """The service level with what the form gives; keys that belong to another kind go, and what says nothing is left out."""
        given, kind = self.cleaned_data, self.cleaned_data["kind"]
        known = {key: given[key] or None for key in ("unit", "roll_up", *OF_KIND[kind])}
        before = former["measure"]
        if "unit" in before and before["unit"] == "" and not given["unit"]:
            known["unit"] = ""
        for key in ("hours", "maintenance"):
            usual = {"hours": "always", "maintenance": "excluded"}[key]
            if kind == "availability" and known[key] is None and before.get(key) == usual:
                known[key] = usual
        measure = {"kind": kind} | {key: value for key, value in known.items() if value is not None}
        if self.fields["kind"].disabled:
            measure = before
        whole: Document = {
            **former,
            "name": given["level_name"],
            "every": given["every"],
            "measure": measure,
            "metric": given["metric"] or None,
            "ends_on": given["ends_on"] and given["ends_on"].isoformat(),
        }
        return {key: value for key, value in whole.items() if value is not None}


def initial_of(part: Document) -> dict[str, Any]:
    measure = part["measure"]
    usual = {"hours": "always", "maintenance": "excluded"}
    shown = {key: "" if measure.get(key) == usual.get(key, object()) else measure.get(key) for key in MEASURE}
    named = {"level_name": part["name"], "every": part["every"]}
    return {**shown, **named, "metric": part.get("metric"), "ends_on": part.get("ends_on")}


PLACES = {"name": "level_name", "periods": "every", "measure": "kind"}


def show_problem(form: MeasureForm, path: str, message: str) -> bool:
    """Put a problem of the service level at its field, where it is about one."""
    key = path.removeprefix("measure.").partition("[")[0].partition(".")[0]
    name = PLACES.get(key, key)
    if name not in form.fields:
        return False
    form.add_error(name, message)
    return True
