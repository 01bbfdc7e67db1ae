"""The rules of a draft as a form: what is counted, over how long, from which number on, and what follows."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from agreements.drafting.levels import Document
from agreements.forms.fields import PlainNumber
from contracts.contract_file.consequences import MOST_RULES
from lib.form_fields import day_field
from lib.whole_numbers import whole

OVER = [("contract", "The contract"), ("service_level", "Each service level")]
COUNT = [
    ("points", "Penalty points"),
    ("defaults", "Breaches"),
    ("consecutive_defaults", "Breaches in a row"),
    ("credit", "Credits, in money"),
    ("capped_months", "Months at a cap"),
    ("default_share", "Share of levels in breach, percent"),
]
COMPARE = [("at_least", "At least"), ("more_than", "More than")]
THEN = [
    ("notify", "Both sides are notified"),
    ("escalate", "It is escalated"),
    ("rectification_plan", "A rectification plan is due"),
    ("termination_right", "The client may terminate"),
]
BLANK = 2  # rows for further rules


class RuleForm(forms.Form):
    """One rule; without a name it is none. Of a `standing` one, which is in force, only its end may change."""

    name = forms.CharField(label="Rule", required=False, max_length=120)
    over = forms.ChoiceField(label="Counted for", choices=OVER)
    count = forms.ChoiceField(label="What is counted", choices=COUNT)
    window = forms.IntegerField(label="Over so many periods", required=False, min_value=1, max_value=1000)
    compare = forms.ChoiceField(label="Holds from", choices=COMPARE)
    number = PlainNumber(label="Number")
    then = forms.ChoiceField(label="What follows", choices=THEN)
    bands = forms.CharField(
        label="Bands that count",
        required=False,
        max_length=600,
        help_text="Names with commas between them; empty: all.",
    )
    from_ = day_field("Sees results from", required=False, help_text="Empty: the contract’s first day.")
    until = day_field("Last day", required=False, help_text="Empty: the contract’s.")
    expires_after = forms.IntegerField(
        label="What follows may be used for", required=False, min_value=1, max_value=3650
    )

    def __init__(self, *args: Any, standing: bool = False, added_later: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.standing = standing
        for name, field in self.fields.items():
            field.disabled = standing and name not in ("until", "expires_after")
        if added_later:
            self.fields["from_"].help_text = "First day of a month. Needed: the rule is added to what is in force."

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("name") and not given.get("number") and "number" not in self.errors:
            self.add_error("number", "Enter the number from which the rule holds.")
        return given

    def part(self) -> Document | None:
        given = self.cleaned_data
        if not given["name"]:
            return None
        days = {
            "from": given["from_"] and given["from_"].isoformat(),
            "until": given["until"] and given["until"].isoformat(),
            "expires_after": str(given["expires_after"]) if given["expires_after"] else None,
        }
        bands = [one.strip() for one in given["bands"].split(",") if one.strip()]
        return {
            "name": given["name"],
            "over": given["over"],
            "count": given["count"],
            **({"window": str(given["window"])} if (given["window"] or 1) != 1 else {}),
            given["compare"]: given["number"],
            "then": given["then"],
            **({"bands": bands} if bands else {}),
            **{key: value for key, value in days.items() if value},
        }


def initial_of(rule: Document) -> dict[str, Any]:
    """What the form shows of a rule of the file."""
    compare = "at_least" if rule.get("at_least") is not None else "more_than"
    return {
        "name": rule["name"],
        "over": rule["over"],
        "count": rule["count"],
        "window": rule.get("window", 1),
        "compare": compare,
        "number": rule.get(compare),
        "then": rule["then"],
        "bands": ", ".join(rule.get("bands") or ()),
        "from_": rule.get("from"),
        "until": rule.get("until"),
        "expires_after": rule.get("expires_after"),
    }


def rule_forms(data: Any, rules: Sequence[Document], standing: Sequence[str], *, added_later: bool) -> list[RuleForm]:
    """A form for each rule of the draft, and some empty ones; of what was sent as many as its page had (`rules-total`), whatever was saved
    since."""
    shown: list[Document | None] = [*rules, *[None] * BLANK]
    total = None if data is None else whole(data.get("rules-total", ""), 3)
    if total is not None and total <= MOST_RULES + BLANK:
        shown = [*shown, *[None] * total][:total]
    return [
        RuleForm(
            data,
            prefix=f"rule-{place}",
            initial=initial_of(rule) if rule else {"window": 1, "over": "service_level", "count": "defaults"},
            standing=rule is not None and rule["name"] in standing,
            added_later=added_later and (rule is None or rule["name"] not in standing),
        )
        for place, rule in enumerate(shown)
    ]


RULE = re.compile(r"rules\[([0-9]+)\](?:\.(\w+))?")
PLACES = {"from": "from_", "at_least": "number", "more_than": "number"}


def show_problems(forms_given: Sequence[RuleForm], problems: Sequence[Any]) -> list[str]:
    """Put each problem of a rule at its field; gives back the others as texts."""
    kept = [one for one in forms_given if one.part() is not None]
    others = []
    for one in problems:
        found = RULE.match(str(getattr(one, "path", "")))
        if found is None or int(found[1]) >= len(kept):
            others.append(str(one))
            continue
        name = PLACES.get(found[2], found[2])
        kept[int(found[1])].add_error(name if name in RuleForm.base_fields else "name", one.message)
    return others
