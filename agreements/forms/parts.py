"""The parts of a contract that hold for all of its service levels, as a form: charges, due day, calendar, credits, caps, scorecard."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from agreements.drafting.levels import Document
from agreements.forms.fields import NUMBER, PlainNumber
from lib.form_fields import day_field

DAYS = [("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")]
WEEK = ["mon", "tue", "wed", "thu", "fri"]
WORTH = [
    ("", "Nothing: no credits"),
    ("amount", "An amount of money"),
    ("charges", "Percent of the month’s charges"),
    ("at_risk", "Percent of the amount at risk"),
]
CAPS = WORTH[1:]
OVER = [("month", "A month"), ("rolling_12", "Any 12 months in a row"), ("contract_year", "A contract year")]
MISSING = [("exclude", "Left out; the others weigh more"), ("zero", "Counts as 0"), ("full", "Counts as 100")]
TARIFFS = [
    ("", "Each point is worth the same"),
    ("step", "From so many points on, so many units"),
    ("marginal", "Slices: points up to a limit, each with a factor"),
]
PARTS = ("charges", "report_due", "calendar", "credits", "scorecard")


class PartsForm(forms.Form):
    """The newest version of each part. One day is that of every part that differs from what is in force."""

    from_ = day_field(
        "In force from", help_text="First day of a month. Parts that you leave as they are keep their own."
    )
    monthly = PlainNumber(label="Charges a month")
    months = forms.CharField(
        label="Charges by month",
        required=False,
        help_text="A month a line, such as 2027-04 100000.00; a month that is not listed has none.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "code"}),
    )
    days = forms.IntegerField(label="Figures due", min_value=1, max_value=250, help_text="Working days after a period.")
    holidays = forms.CharField(
        label="Public holidays", required=False, max_length=20, help_text="Country or part of it, such as GB-ENG."
    )
    weekdays = forms.MultipleChoiceField(label="Working days", choices=DAYS, widget=forms.CheckboxSelectMultiple)
    hours = forms.CharField(
        label="Working hours", required=False, max_length=11, help_text="Such as 09:00-17:00; empty: none."
    )
    worth = forms.ChoiceField(label="A point is worth", choices=WORTH, required=False)
    value = PlainNumber(label="How much")
    at_risk_percent = PlainNumber(label="Amount at risk", help_text="Percent of a month’s charges.")
    minimum = PlainNumber(label="Smallest credit", help_text="A month’s credit of this or less is not issued.")
    earn_after = forms.IntegerField(
        label="Earned back after", required=False, min_value=1, max_value=120, help_text="Periods met in a row."
    )
    yearly_average = forms.BooleanField(
        label="Or where the contract year’s mean reaches the first band", required=False
    )
    bedding_in = forms.CharField(
        label="First months count",
        required=False,
        max_length=600,
        help_text="Factors with commas, such as 0, 0.5: the first month not at all, the second by half. Empty: in full.",
    )
    tariff_kind = forms.ChoiceField(label="Points to credits", choices=TARIFFS, required=False)
    one_per_incident = forms.BooleanField(label="Of one incident only the largest breach counts", required=False)
    missing = forms.ChoiceField(label="What was not measured", choices=MISSING)
    minimum_coverage = PlainNumber(label="Least share measured", help_text="Percent; below it there is no score.")

    def __init__(self, *args: Any, listed: bool = False, first: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if first:  # a first version holds from the contract's first day
            del self.fields["from_"]
        del self.fields["monthly" if listed else "months"]

    def clean_months(self) -> dict[str, str]:
        """Lines as months and their amounts."""
        found = {}
        for line in self.cleaned_data["months"].splitlines():
            words = line.replace(":", " ").split()
            if not words:
                continue
            if len(words) != 2 or not NUMBER.fullmatch(words[1]):
                raise forms.ValidationError(f"“{line.strip()}” is no month with an amount, such as 2027-04 100000.00.")
            found[words[0]] = words[1]
        return found

    def clean_bedding_in(self) -> list[str]:
        factors = [one.strip() for one in self.cleaned_data["bedding_in"].split(",") if one.strip()]
        if not all(NUMBER.fullmatch(one) for one in factors):
            raise forms.ValidationError("Write factors with commas between them, such as 0, 0.5.")
        return factors

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("earn_after") and given.get("yearly_average"):
            self.add_error("yearly_average", "Choose one way to earn credits back.")
        if given.get("worth") and not given.get("value") and "value" not in self.errors:
            self.add_error("value", "Say how much a point is worth.")
        return given

    def versions(
        self,
        former: Mapping[str, Document],
        caps: Sequence[Document],
        grades: Sequence[Document],
        steps: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Document]:
        """Each part as a version of the file; keys that the form does not show are kept."""
        given = self.cleaned_data
        found: dict[str, Document] = {"report_due": {"days": given["days"]}}
        if "months" in self.fields:
            found["charges"] = {"months": given["months"]} if given["months"] else {}
        else:
            found["charges"] = {"monthly": given["monthly"]} if given["monthly"] else {}
        found["calendar"] = {
            **({"holidays": given["holidays"]} if given["holidays"] else _listed(former["calendar"])),
            **(
                {"weekdays": given["weekdays"]} if given["weekdays"] != WEEK or "weekdays" in former["calendar"] else {}
            ),
            **({"hours": given["hours"]} if given["hours"] else {}),
        }
        found["credits"] = self._credits(former["credits"], caps, steps)
        scorecard = {
            "missing": given["missing"],
            "minimum_coverage": given["minimum_coverage"] or "0",
            "grades": list(grades),
        }
        defaults = {"missing": "exclude", "minimum_coverage": "0", "grades": []}
        found["scorecard"] = {
            key: value for key, value in scorecard.items() if value != defaults[key] or key in former["scorecard"]
        }
        return found

    def _credits(self, former: Document, caps: Sequence[Document], steps: Sequence[Mapping[str, str]]) -> Document:
        given, worth = self.cleaned_data, self.cleaned_data["worth"]
        point = (
            {"amount": given["value"] or "0"}
            if worth in ("", "amount")
            else {"percent_of": worth, "value": given["value"]}
        )
        if not worth:
            point = {"amount": "0"}
        after = {"after": given["earn_after"]} if given["earn_after"] else {}
        yearly = {"yearly_average": True} if given["yearly_average"] else {}
        known: dict[str, Any] = {
            "point": point,
            "at_risk_percent": given["at_risk_percent"] or None,
            "tariff": self._tariff(former.get("tariff"), steps),
            "one_per_incident": given["one_per_incident"] or None,
            "bedding_in": given["bedding_in"] or None,
            "caps": list(caps) or None,
            "minimum": given["minimum"] or None,
            "earn_back": (after or yearly) or None,
        }
        return {key: value for key, value in known.items() if value is not None}

    def _tariff(self, former: Document | None, steps: Sequence[Mapping[str, str]]) -> Document | None:
        """As the file has it; the usual one is not written, unless it was."""
        kind = self.cleaned_data["tariff_kind"]
        if kind == "step":
            return {"kind": kind, "steps": [{"at": one["limit"], "value": one["units"]} for one in steps]}
        if kind == "marginal":
            ends = ({"upto": one["limit"]} if one["limit"] else {} for one in steps)
            return {
                "kind": kind,
                "slices": [end | {"factor": one["units"]} for end, one in zip(ends, steps, strict=True)],
            }
        return former if former and former.get("kind", "linear") == "linear" else None


def _listed(calendar: Document) -> Document:
    """Holidays that are listed day by day are written in the file, and stay."""
    return {"holidays": calendar["holidays"]} if isinstance(calendar.get("holidays"), list) else {}


class CapForm(forms.Form):
    """One cap; an empty one is none."""

    worth = forms.ChoiceField(label="Limit", choices=CAPS)
    value = PlainNumber(label="How much")
    over = forms.ChoiceField(label="Over", choices=OVER)

    def part(self) -> Document | None:
        given = self.cleaned_data
        if not given.get("value"):
            return None
        limit = (
            {"amount": given["value"]}
            if given["worth"] == "amount"
            else {"percent_of": given["worth"], "value": given["value"]}
        )
        return limit | {"over": given["over"]}


class StepForm(forms.Form):
    """A line of a tariff; an empty one is none. The last slice of a sliding one has no end."""

    limit = PlainNumber(label="Points")
    units = PlainNumber(label="Units")

    def part(self) -> Document | None:
        given = self.cleaned_data
        if not given.get("units") and not given.get("limit"):
            return None
        return {"limit": given.get("limit") or "", "units": given.get("units") or ""}


class GradeForm(forms.Form):
    """One grade; an empty one is none. The last has no score."""

    name = forms.CharField(label="Grade", required=False, max_length=120)
    at = PlainNumber(label="From a score of")

    def part(self) -> Document | None:
        given = self.cleaned_data
        if not given.get("name"):
            return None
        return {"name": given["name"]} | ({"at": given["at"]} if given["at"] else {})


CapForms = forms.formset_factory(CapForm, extra=2, max_num=20, absolute_max=20)
StepForms = forms.formset_factory(StepForm, extra=2, max_num=100, absolute_max=100)
GradeForms = forms.formset_factory(GradeForm, extra=1, max_num=20, absolute_max=20)


def initial_of(newest: Mapping[str, Document], day: date) -> dict[str, Any]:
    """What the form shows of the newest versions."""
    credits, calendar, scorecard = newest["credits"], newest["calendar"], newest["scorecard"]
    point = credits["point"]
    worth = point.get("percent_of") or ("" if point.get("amount") in ("0", 0) else "amount")
    holidays = calendar.get("holidays")
    return {
        "from_": day,
        "monthly": newest["charges"].get("monthly"),
        "days": newest["report_due"]["days"],
        "holidays": holidays if isinstance(holidays, str) else "",
        "weekdays": calendar.get("weekdays") or WEEK,
        "hours": calendar.get("hours"),
        "worth": worth,
        "value": (point.get("value") if point.get("percent_of") else point.get("amount")) if worth else "",
        "at_risk_percent": credits.get("at_risk_percent"),
        "minimum": credits.get("minimum"),
        "months": "\n".join(f"{month} {amount}" for month, amount in (newest["charges"].get("months") or {}).items()),
        "earn_after": (credits.get("earn_back") or {}).get("after"),
        "yearly_average": bool((credits.get("earn_back") or {}).get("yearly_average")),
        "bedding_in": ", ".join(str(factor) for factor in credits.get("bedding_in") or ()),
        "tariff_kind": _kind(credits),
        "one_per_incident": credits.get("one_per_incident", False),
        "missing": scorecard.get("missing", "exclude"),
        "minimum_coverage": scorecard.get("minimum_coverage", "0"),
    }


def _kind(credits: Document) -> str:
    kind = (credits.get("tariff") or {}).get("kind", "linear")
    return "" if kind == "linear" else str(kind)


def steps_of(credits: Document) -> list[Document]:
    """The lines of a tariff, of whichever kind."""
    tariff = credits.get("tariff") or {}
    found = [{"limit": one["at"], "units": one["value"]} for one in tariff.get("steps") or ()]
    return found + [{"limit": one.get("upto") or "", "units": one["factor"]} for one in tariff.get("slices") or ()]


def caps_of(credits: Document) -> list[Document]:
    return [
        {
            "worth": cap.get("percent_of") or "amount",
            "value": cap.get("value") or cap.get("amount"),
            "over": cap["over"],
        }
        for cap in credits.get("caps") or ()
    ]


def grades_of(scorecard: Document) -> list[Document]:
    return [{"name": grade["name"], "at": grade.get("at", "")} for grade in scorecard.get("grades") or ()]


# Where a problem of a part is said.
PLACES = {
    "contract.charges": "monthly", "contract.report_due": "days", "contract.calendar": "holidays", "credits": "value",
    "scorecard": "minimum_coverage",
}  # fmt: skip
KEYS = (
    "holidays",
    "weekdays",
    "hours",
    "monthly",
    "at_risk_percent",
    "minimum",
    "missing",
    "minimum_coverage",
    "days",
    "bedding_in",
)


def show_problems(form: PartsForm, problems: Sequence[Any]) -> None:
    """Put each problem of the file at the field that it is about; of a version's day, at the day."""
    for one in problems:
        key = re.sub(r"\[[0-9]+\]", "", one.path).rsplit(".", 1)[-1]
        place = next((name for start, name in PLACES.items() if one.path.startswith(start)), None)
        place = "months" if place == "monthly" and "months" in form.fields else place
        place = "tariff_kind" if ".tariff" in one.path else "earn_after" if ".earn_back" in one.path else place
        name = "from_" if key == "from" and place else key if key in KEYS else place
        form.add_error(name if name in form.fields else None, one.message if name in form.fields else str(one))
