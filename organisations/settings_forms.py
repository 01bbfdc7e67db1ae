"""What administrators type into the settings: one form a section, each with the version that it was filled in from."""

from functools import cache
from importlib.resources import files
from itertools import product
from operator import itemgetter
from typing import Any

from django import forms

from lib.contrast import COLOUR, contrast
from lib.formats import DayStyle, NumberStyle
from organisations.house import CLASSES, PLACES, Band
from organisations.ladder import LONGEST, SEVERITIES, TO, Rung, format_to
from organisations.models import OrganisationSettings
from organisations.rules import (
    KEEP_EVIDENCE_YEARS,
    KEEP_MAIL_DAYS,
    KEEP_TRAIL_YEARS,
    MOST_APPROVALS,
    VERIFY_AFTER,
    SecondFactor,
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def places() -> tuple[str, ...]:
    """The names of time zones that are in use somewhere, without those of old and of offsets, as the table of countries has them."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text()
    return tuple(sorted(line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")))


def zones(stored: str = "UTC") -> list[tuple[str, Any]]:
    """Choices of a time zone: UTC, and places by their region. `stored` is among them, by whatever name a contract or a call gave it."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in places():
        region, _, place = name.partition("/")
        regions.setdefault(region, []).append((name, place.replace("_", " ")))
    other = [(stored, stored)] if stored and stored not in places() and stored != "UTC" else []
    return [("UTC", "UTC"), *other, *regions.items()]


class SectionForm(forms.Form):
    """`wanted` is what the section's action takes, besides the version."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, typed: Any = None, files: Any = None, *, stored: OrganisationSettings, auto_id: str) -> None:
        initial = {"version": stored.version} | self.values_of(stored)
        super().__init__(typed, files, initial=initial, auto_id=auto_id)

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        """What is shown before anybody typed: the columns that are called as the fields."""
        return {name: getattr(stored, name) for name in self.base_fields}

    @property
    def wanted(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class OrganisationForm(SectionForm):
    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Enter the organisation’s name."})
    timezone = forms.ChoiceField(
        label="Time zone",
        help_text="Of letters and of times on pages. What is due follows each contract’s own time zone.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = zones(self.initial["timezone"])  # type: ignore[attr-defined]

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        return {"name": stored.organisation.name, "timezone": stored.timezone}


class LetterHoursForm(SectionForm):
    quiet_from = forms.TimeField(label="Quiet from", required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_until = forms.TimeField(
        label="Quiet until",
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text="Letters wait; the inbox does not.",
    )
    working_days = forms.MultipleChoiceField(
        label="Letters are sent on",
        choices=[(str(number), day) for number, day in enumerate(DAYS, 1)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day on which letters are sent."},
    )

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        return super().values_of(stored) | {"working_days": list(stored.working_days)}

    @property
    def wanted(self) -> dict[str, Any]:
        return super().wanted | {"working_days": "".join(self.cleaned_data["working_days"])}


class FormatsForm(SectionForm):
    number_style = forms.ChoiceField(label="Numbers", choices=NumberStyle.choices)
    day_style = forms.ChoiceField(
        label="Dates",
        choices=DayStyle.choices,
        help_text="What is typed, files and the API keep 1234.50 and 2026-11-09.",
    )


class DefaultsForm(SectionForm):
    accept_after = forms.IntegerField(
        label="Figures are accepted after",
        required=False,
        min_value=1,
        max_value=250,
        help_text="After they are submitted, by themselves. Nothing: never.",
    )
    verify_after = forms.IntegerField(
        label="Plans are verified after",
        required=False,
        min_value=1,
        max_value=120,
        help_text=f"Met in a row. Nothing: {VERIFY_AFTER}.",
    )
    two_people_from = forms.DecimalField(
        label="Waivers need two people from",
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text="In the contract’s currency; less may be waived by one person. Nothing: every amount.",
    )


class ApprovalsForm(SectionForm):
    terms = forms.IntegerField(label="Terms", min_value=1, max_value=MOST_APPROVALS)
    money = forms.IntegerField(label="Charges and credits", min_value=1, max_value=MOST_APPROVALS)
    dates = forms.IntegerField(label="Last days", min_value=1, max_value=MOST_APPROVALS)
    two_from = forms.DecimalField(
        label="Two from",
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text="Change of the yearly charges, in the contract’s currency, from which at least two approve. Nothing: never.",
    )

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        kept = stored.approvals or {}
        return {name: kept.get(name, 1) for name in ("terms", "money", "dates")} | {"two_from": kept.get("two_from")}


class EscalationForm(SectionForm):
    """After how many working hours who is told, by severity; nothing: not told. `rows` are for the table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for to, severity in product(TO, SEVERITIES):
            label = f"{format_to(to)}, {severity}, working hours"
            self.fields[f"{severity}_{to}"] = forms.IntegerField(
                label=label,
                required=False,
                min_value=1,
                max_value=LONGEST,
                widget=forms.NumberInput({"aria-label": label}),
            )

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        return {f"{severity}_{rung.to}": rung.after for severity, rungs in stored.ladder.items() for rung in rungs}

    @property
    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(format_to(to), [self[f"{severity}_{to}"] for severity in SEVERITIES]) for to in TO]

    @property
    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        hours = {severity: [(given.get(f"{severity}_{to}"), to) for to in TO] for severity in SEVERITIES}
        ladder = {
            severity: tuple(sorted((Rung(after, to) for after, to in asked if after is not None), key=itemgetter(0)))
            for severity, asked in hours.items()
        }
        return {"ladder": ladder}


class SecondFactorForm(SectionForm):
    second_factor = forms.ChoiceField(label="Needed by", choices=SecondFactor.choices, widget=forms.RadioSelect)
    second_factor_from = forms.DateField(
        label="From",
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text="Until then people are reminded.",
    )


class RetentionForm(SectionForm):
    keep_evidence_years = forms.IntegerField(
        label="Evidence",
        required=False,
        min_value=KEEP_EVIDENCE_YEARS,
        max_value=100,
        help_text="Of accepted figures, from the day on which a file was added. Name and checksum stay.",
    )
    keep_mail_days = forms.IntegerField(
        label="Inbox and letters",
        required=False,
        min_value=KEEP_MAIL_DAYS,
        max_value=36_500,
        help_text="What is older leaves the inboxes, read or not.",
    )
    keep_trail_years = forms.IntegerField(
        label="Trail",
        required=False,
        min_value=KEEP_TRAIL_YEARS,
        max_value=100,
        help_text="Older entries go for good. A signed checkpoint takes their place, so the rest can be verified.",
    )


class BandsForm(SectionForm):
    """Five rows; `rows` are their fields for the table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, label in enumerate(PLACES):
            self.fields[f"name_{place}"] = forms.CharField(label=f"{label}, name", required=False, max_length=30)
            if place < len(PLACES) - 1:
                self.fields[f"begins_{place}"] = forms.IntegerField(
                    label=f"{label}, from", error_messages={"invalid": "Enter a whole score."}
                )
            for colour in ("ground", "text"):
                self.fields[f"{colour}_{place}"] = forms.CharField(
                    label=f"{label}, {colour}", required=False, max_length=7
                )

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        return {
            f"{name}_{place}": getattr(band, name)
            for place, band in enumerate(stored.house.bands)
            for name in ("name", "begins", "ground", "text")
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        last = len(PLACES) - 1
        names = ("name", "begins", "ground", "text")
        return [
            {"css": css, "contrast": self._contrast(place)}
            | {name: self[f"{name}_{place}"] for name in names if (name, place) != ("begins", last)}
            for place, css in enumerate(CLASSES)
        ]

    def _contrast(self, place: int) -> str:
        """Of the own colours, where both are such."""
        colours = [str(self[f"{name}_{place}"].value() or "").lower() for name in ("ground", "text")]
        return str(contrast(*colours)) if all(COLOUR.fullmatch(colour) for colour in colours) else ""

    @property
    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "bands": [
                Band(
                    css,
                    given.get(f"begins_{place}"),
                    given[f"name_{place}"].strip(),
                    given[f"ground_{place}"].lower(),
                    given[f"text_{place}"].lower(),
                )
                for place, css in enumerate(CLASSES)
            ]
        }


class LogoForm(SectionForm):
    """`remove` takes the logo away; without it a file is needed."""

    file = forms.FileField(
        label="Picture",
        required=False,
        help_text="PNG, up to 200 kB, best square. It stands beside the name on every page.",
        error_messages={"empty": "The file is empty. Choose another one."},
        widget=forms.FileInput({"accept": ".png,image/png"}),
    )
    remove = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def values_of(self, stored: OrganisationSettings) -> dict[str, Any]:
        return {}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("remove") and not given.get("file") and "file" not in self.errors:
            self.add_error("file", "Choose a picture first.")
        return given

    @property
    def wanted(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        return {"content": None if self.cleaned_data["remove"] else file.read()}
