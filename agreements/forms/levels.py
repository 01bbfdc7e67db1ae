"""A service level's terms as a form: bands as a table, and how results count. From a version of the file and back, without loss."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from agreements.drafting.levels import BAND, Document, defaults_left_out
from agreements.forms.fields import NUMBER, PlainNumber
from lib.form_fields import day_field

BETTER = [("higher", "Higher"), ("lower", "Lower"), ("inside", "Inside a range")]
OUTCOMES = [("met", "Met"), ("miss", "Missed, no breach"), ("default", "Breach")]
MISSING = [("exclude", "Left out"), ("default", "Breach, with the last band’s points")]
NO_VOLUME = [("exclude", "Left out"), ("met", "Met")]
SCORING = [("step", "The band’s own"), ("linear", "On a straight line between the bands")]
RELIEF = [("exclude", "Leave both sides"), ("deem_met", "Count as good")]
STREAK = [("neutral", "Breaches in a row go on"), ("reset", "Breaches in a row start again")]
STEPS = [("", "In parts, too"), ("down", "Whole ones"), ("up", "Every one begun")]
WAYS = (("half_up", "half up"), ("truncate", "cut off"))
ROUNDING = [
    ("", "None"),
    *((f"{places} {mode}", f"To {places} decimals, {how}") for places in range(4) for mode, how in WAYS),
]
DEFAULTS = {
    "scoring": "step", "missing": "exclude", "no_volume": "exclude", "weight": "1", "repeat": ["1"], "rolling": "1", "relief": "exclude",
    "exempt_streak": "neutral", "allowance": False,
}  # fmt: skip
RANGE = re.compile(r"\s*(-?[0-9.]+)\s*(?:to|–|;)\s*(-?[0-9.]+)\s*")


class BandForm(forms.Form):
    """One band. `at` is a number, or for a range two: 75 to 85. `former` is the band's place before, by which its further keys are kept."""

    name = forms.CharField(label="Band", max_length=120)
    at = forms.CharField(label="From", required=False, max_length=60)
    outcome = forms.ChoiceField(label="Outcome", choices=OUTCOMES)
    points = PlainNumber(label="Penalty points")
    score = PlainNumber(label="Score", required=True)
    step = PlainNumber(label="Points for each")
    step_from = PlainNumber(label="Beyond")
    step_round = forms.ChoiceField(label="Steps", choices=STEPS, required=False)
    former = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["at"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "input--num"}
        self.fields["name"].widget.attrs["class"] = "input--name"
        for name in ("points", "score", "step", "step_from"):
            self.fields[name].widget.attrs["class"] = "input--num input--w"

    def main(self) -> list[Any]:
        return [self[name] for name in ("name", "at", "outcome", "points", "score")]

    def steps(self) -> list[Any]:
        return [self[name] for name in ("step", "step_from", "step_round")]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name, other in (("step", "step_from"), ("step_from", "step")):
            if given.get(other) and not given.get(name) and name not in self.errors:
                self.add_error(name, "Give both the step and where counting begins, or neither.")
        return given

    def part(self, former: Sequence[Mapping[str, Any]]) -> Document:
        """The band as a file has it."""
        given, place = self.cleaned_data, self.cleaned_data.get("former")
        before = former[place] if place is not None and 0 <= place < len(former) else {}
        pair = RANGE.fullmatch(given["at"])
        band: Document = {"name": given["name"]}
        if given["at"]:
            band["at"] = list(pair.groups()) if pair else given["at"]
        band["outcome"] = given["outcome"]
        if given["points"] not in ("", "0") or "points" in before:
            band["points"] = given["points"] or "0"
        band["score"] = given["score"]
        if given["step"]:
            band["per_step"] = {
                "from": given["step_from"],
                "step": given["step"],
                **({"round": given["step_round"]} if given["step_round"] else {}),
            }
        return band


class TermsForm(forms.Form):
    """Everything of a version but its bands."""

    from_ = day_field("In force from", help_text="First day of a period.")
    better = forms.ChoiceField(label="Better is", choices=BETTER)
    scoring = forms.ChoiceField(label="Score of a value", choices=SCORING)
    weight = PlainNumber(label="Points count", help_text="1 is usual; 2 doubles each band’s points.")
    repeat = forms.CharField(
        label="Breaches in a row",
        required=False,
        max_length=200,
        help_text="Factor of the 1st, 2nd, … breach in a row; the last one repeats.",
    )
    missing = forms.ChoiceField(label="Period without figures", choices=MISSING)
    no_volume = forms.ChoiceField(label="Period without cases", choices=NO_VOLUME)
    minimum_volume = PlainNumber(label="Exempt below", help_text="Cases in a period; empty: never.")
    rounding = forms.ChoiceField(label="Rounding before judging", choices=ROUNDING, required=False)
    tolerated_count = PlainNumber(label="The miss that is a breach", help_text="The 4th, say; empty: none is.")
    tolerated_window = PlainNumber(label="Within so many periods")
    tolerated_defaults = forms.BooleanField(label="Breaches count as misses, too", required=False)
    rolling = PlainNumber(label="Judged over the last", help_text="Periods; 1 is usual.")
    relief = forms.ChoiceField(label="Relieved cases", choices=RELIEF)
    exempt_streak = forms.ChoiceField(label="After an exempt period", choices=STREAK)
    allowance = forms.BooleanField(
        label="Small volumes: as many failing cases as the target allows, and at least one", required=False
    )
    credits_from = day_field("Earns credits from", required=False, help_text="Empty: at once.")

    def clean_repeat(self) -> list[str]:
        """ "1, 2" as its factors."""
        factors = [one.strip() for one in self.cleaned_data["repeat"].split(",") if one.strip()] or ["1"]
        if not all(NUMBER.fullmatch(one) for one in factors):
            raise forms.ValidationError("Write factors with commas between them, such as 1, 2.")
        return factors

    def part(self, former: Document, bands: list[Document]) -> Document:
        """The version as a file has it: keys that say nothing are left out, keys that the form does not show are kept."""
        given = self.cleaned_data
        places, _, mode = given["rounding"].partition(" ")
        tolerated = {
            "count": given["tolerated_count"],
            "window": given["tolerated_window"] or "12",
            **({"counting_defaults": True} if given["tolerated_defaults"] else {}),
        }
        known = {
            "scoring": given["scoring"],
            "rounding": {"places": places, **({"mode": mode} if mode != "half_up" else {})} if places else None,
            "missing": given["missing"],
            "no_volume": given["no_volume"],
            "minimum_volume": given["minimum_volume"] or None,
            "allowance": given["allowance"],
            "exempt_streak": given["exempt_streak"],
            "tolerated": tolerated if given["tolerated_count"] else None,
            "relief": given["relief"],
            "rolling": given["rolling"] or "1",
            "weight": given["weight"] or "1",
            "credits_from": given["credits_from"] and given["credits_from"].isoformat(),
            "repeat": given["repeat"],
        }
        kept = {"kras": former["kras"]} if former.get("kras") else {}
        first = {"from": given["from_"].isoformat(), "better": given["better"], "bands": bands}
        return first | defaults_left_out(known, former, DEFAULTS) | kept


def initial_of(terms: Document, day: date) -> dict[str, Any]:
    """What the form shows of a version, with the day from which its change is to hold."""
    rounding, tolerated = terms.get("rounding") or {}, terms.get("tolerated") or {}
    return {
        "from_": day,
        "better": terms["better"],
        **{key: terms.get(key) if terms.get(key) is not None else DEFAULTS[key] for key in DEFAULTS if key != "repeat"},
        "repeat": ", ".join(str(factor) for factor in terms.get("repeat") or ["1"]),
        "minimum_volume": terms.get("minimum_volume"),
        "rounding": f"{rounding['places']} {rounding.get('mode', 'half_up')}" if rounding else "",
        "tolerated_count": tolerated.get("count"),
        "tolerated_window": tolerated.get("window"),
        "tolerated_defaults": tolerated.get("counting_defaults", False),
        "credits_from": terms.get("credits_from"),
    }


def bands_of(terms: Document) -> list[dict[str, Any]]:
    """What the table of bands shows."""
    return [
        {
            "name": band["name"],
            "at": _at(band.get("at")),
            "outcome": band["outcome"],
            "points": band.get("points", "0"),
            "score": band["score"],
            "step": (band.get("per_step") or {}).get("step", ""),
            "step_from": (band.get("per_step") or {}).get("from", ""),
            "step_round": ((band.get("per_step") or {}).get("round") or "").replace("none", ""),
            "former": place,
        }
        for place, band in enumerate(terms["bands"])
    ]


def _at(at: Any) -> str:
    return " to ".join(at) if isinstance(at, list | tuple) else str(at or "")


BandForms = forms.formset_factory(BandForm, extra=0, min_num=1, validate_min=True, max_num=50, absolute_max=50)

FIELDS = {"from": "from_", "tolerated": "tolerated_count", "rounding": "rounding"}


def show_problems(form: TermsForm, bands: Any, problems: Iterable[tuple[str, str]]) -> None:
    """Put each problem of a version at its field; what belongs to none stands above the form."""
    for path, message in problems:
        band = BAND.match(path)
        if band and int(band[1]) < len(bands.forms):
            name = "step" if band[2] == "per_step" else band[2] if band[2] in BandForm.base_fields else "name"
            bands.forms[int(band[1])].add_error(name, message)
            continue
        key = re.split(r"[.\[]", path)[0]
        name = FIELDS.get(key, key)
        form.add_error(
            name if name in form.fields else None, message if name in form.fields else f"{path} {message}".strip()
        )


def say_what_was(form: TermsForm, bands: Any, before: Document, now: Document) -> None:
    """Beside each field that the draft changes, what stands there in force: `was` of the bound field, empty of one that it leaves."""
    was, becomes = initial_of(before, date.min), initial_of(now, date.min)
    for name in form.fields:
        if name != "from_" and str(was.get(name) or "") != str(becomes.get(name) or ""):
            form[name].was = _said(form.fields[name], was.get(name))  # type: ignore[attr-defined]
    former = {band["name"]: band for band in bands_of(before)}
    for place, (row, band) in enumerate(zip(bands.forms, bands_of(now), strict=False)):
        known = former.get(band["name"]) or (bands_of(before)[place] if place < len(before["bands"]) else {})
        for name in ("at", "outcome", "points", "score"):
            if known and known[name] != band[name]:
                row[name].was = _said(row.fields[name], known[name])


def _said(field: forms.Field, value: Any) -> str:
    """A value as the field shows it."""
    choices = dict(getattr(field, "choices", ()))
    if isinstance(field, forms.BooleanField):
        return "yes" if value else "no"
    return str(choices.get(value, value) or "none")
