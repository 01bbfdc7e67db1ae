"""A draft's contract as a whole, and its key result areas, as a form."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from agreements.drafting.levels import Document
from agreements.forms.fields import PlainNumber
from agreements.forms.new_contract import ZONES, currencies
from lib.form_fields import day_field

BLANK = 2  # rows for further areas
FIRST = ("starts_on", "currency", "timezone")  # what stays once a contract is agreed
AREA = re.compile(r"kras\[([0-9]+)\]")
NUMBERS = ("accept_after", "dispute_within", "answer_within", "verify_after", "claim_within")


class DetailsForm(forms.Form):
    """Title, term, and how figures, disputes and claims are worked with."""

    title = forms.CharField(label="Title", max_length=200)
    starts_on = day_field("First day")
    ends_on = day_field("Last day")
    currency = forms.ChoiceField(label="Currency", choices=currencies)
    timezone = forms.ChoiceField(label="Time zone")
    accept_after = forms.IntegerField(
        label="Figures accepted by themselves after",
        required=False,
        min_value=1,
        max_value=250,
        help_text="Empty: never.",
    )
    submit_early = forms.BooleanField(label="A running month may be submitted", required=False)
    dispute_within = forms.IntegerField(
        label="A month may be disputed within", required=False, min_value=1, max_value=250, help_text="Empty: 10."
    )
    answer_within = forms.IntegerField(
        label="Disputes and requests for relief are answered within",
        required=False,
        min_value=1,
        max_value=250,
        help_text="Empty: 10. What is later is escalated.",
    )
    verify_after = forms.IntegerField(
        label="A corrective plan is verified after", required=False, min_value=1, max_value=120
    )
    claim_within = forms.IntegerField(
        label="Credits are claimed within", required=False, min_value=1, max_value=3650, help_text="Empty: always."
    )

    def __init__(self, *args: Any, first: bool, zone: str, **more: Any) -> None:
        super().__init__(*args, **more)
        zones = ZONES if zone in ZONES else [zone, *ZONES]
        self.fields["timezone"].choices = [(one, one.replace("_", " ")) for one in zones]  # type: ignore[attr-defined]
        for name in FIRST:
            self.fields[name].disabled = not first

    def part(self, former: Document) -> Document:
        """The contract's own part of the file; what the form does not show is kept, and what says nothing is left out."""
        given = self.cleaned_data
        numbers = {name: str(given[name]) if given[name] else None for name in NUMBERS}
        known: Document = {
            "title": given["title"],
            "starts_on": given["starts_on"].isoformat(),
            "ends_on": given["ends_on"].isoformat(),
            "currency": given["currency"],
            "timezone": given["timezone"],
            "submit_early": given["submit_early"] if given["submit_early"] or "submit_early" in former else None,
            **numbers,
        }
        return {key: value for key, value in (former | known).items() if value is not None}


def details_of(part: Document) -> dict[str, Any]:
    return {name: part.get(name) for name in DetailsForm.base_fields}


class AreaForm(forms.Form):
    """One key result area; without a code it is none. The weight of a `standing` one is changed with the others, from a day on."""

    code = forms.CharField(label="Code", required=False, max_length=40)
    name = forms.CharField(label="Name", required=False, max_length=120, widget=forms.TextInput(attrs={"size": 26}))
    objective = forms.CharField(
        label="What must be achieved",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 22}),
    )
    weight = PlainNumber(label="Weight")
    ends_on = day_field("Last day", required=False)

    def __init__(self, *args: Any, standing: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.standing = standing
        self.fields["weight"].widget.attrs["class"] = "input--num input--w"
        for name in ("code", "weight") if standing else ():
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("code"):
            if not given.get("name"):
                self.add_error("name", "Enter the area’s name.")
            if not given.get("weight") and "weight" not in self.errors:
                self.add_error("weight", "Enter its weight.")
        return given

    def part(self, former: Document) -> Document | None:
        given = self.cleaned_data
        if not given["code"]:
            return None
        kept = {key: value for key, value in former.items() if key not in ("objective", "ends_on")}
        weight = former["weight"] if self.standing or given["weight"] == _newest(former) else given["weight"]
        return {
            **kept,
            "code": given["code"],
            "name": given["name"],
            **({"objective": given["objective"]} if given["objective"] or "objective" in former else {}),
            "weight": weight,
            **({"ends_on": given["ends_on"].isoformat()} if given["ends_on"] else {}),
        }


def _newest(kra: Document) -> str | None:
    """The weight that is newest."""
    weight = kra.get("weight")
    return str(weight[-1]["weight"]) if isinstance(weight, list) else weight


def area_forms(data: Any, kras: Sequence[Document], standing: Sequence[str]) -> list[AreaForm]:
    """A form for each area of the draft, and some empty ones."""
    shown: list[Document] = [*kras, *[{} for _ in range(BLANK)]]
    return [
        AreaForm(
            data,
            prefix=f"area-{place}",
            initial={**kra, "weight": _newest(kra)},
            standing=kra.get("code") in standing and bool(kra),
        )
        for place, kra in enumerate(shown)
    ]


def show_problems(form: DetailsForm, areas: Sequence[AreaForm], problems: Sequence[Any]) -> list[str]:
    """Put each problem of the file at its field; gives back the others as texts."""
    kept, others = [one for one in areas if one.cleaned_data["code"]], []
    for one in problems:
        path = str(getattr(one, "path", ""))
        key, area = path.rsplit(".", 1)[-1], AREA.match(path)
        if path.startswith("contract.") and key in form.fields:
            form.add_error(key, one.message)
        elif area and int(area[1]) < len(kept):
            kept[int(area[1])].add_error(key if key in AreaForm.base_fields else "code", one.message)
        else:
            others.append(str(one))
    return others
