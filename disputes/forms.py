"""What people write when they ask for relief, dispute a result, and decide on either."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from contracts.actions.extensions import LONGEST_REASON
from disputes.rules import DisputeGround, DisputeStatus, ReliefGround
from files.form_field import files_field
from lib.form_fields import text_field
from measurements.figures_file.columns import NEEDED

LABELS = {"downtime": "Minutes down", "maintenance": "Minutes of agreed maintenance", "value": "Value"}


def number_field(label: str, **given: Any) -> forms.DecimalField:
    """A number of a figure, with its spaces and commas of thousands left out by whoever types it."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    messages = {"invalid": "Write a number such as 10478 or 12.5."}
    return forms.DecimalField(
        label=label,
        max_digits=18,
        decimal_places=6,
        min_value=Decimal(0),
        widget=widget,
        error_messages=messages,
        **given,
    )


class AskForReliefForm(forms.Form):
    """How much should not count, why, and of which part."""

    part = forms.ChoiceField(label="Part")
    amount = number_field("How many should not count")
    ground = forms.ChoiceField(
        label="Ground",
        choices=[("", "Choose one"), *ReliefGround.choices],
        error_messages={"required": "Choose the ground."},
    )
    explanation = text_field(
        "What happened", help_text="Name the cases, the time and what shows it. The client reads it."
    )
    attachments = files_field()

    def __init__(self, *args: Any, parts: Iterable[str], counted_in: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_parts(self, parts)
        self.fields["amount"].label = f"How many {counted_in} should not count"


class DisputeForm(forms.Form):
    """What is wrong with a result, and the figure that should count, where there is one."""

    ground = forms.ChoiceField(
        label="What is wrong",
        choices=[("", "Choose one"), *DisputeGround.choices],
        error_messages={"required": "Choose one."},
    )
    part = forms.ChoiceField(label="Part")
    explanation = text_field("Explanation", help_text="Name what shows it. The client reads it.")
    attachments = files_field()

    def __init__(self, *args: Any, parts: Iterable[str], measure: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_parts(self, parts)
        self.columns = add_numbers(self, measure)
        first = self.fields[self.columns[0]]
        first.help_text = "The figure that should count, where it is the figure that is wrong. Empty otherwise."
        self.order_fields(["ground", "part", *self.columns])


class DecideOnReliefForm(forms.Form):
    """All of it, some, or none."""

    ALL, SOME, NONE = "all", "some", "none"
    decision = forms.ChoiceField(label="Decision", widget=forms.RadioSelect, error_messages={"required": "Choose one."})
    granted = number_field("How many do not count", required=False)
    reason = text_field("Reason", rows=2, required=False, help_text="Needed unless all is granted. Both sides read it.")

    def __init__(self, *args: Any, asked: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (self.ALL, f"Grant all: {asked}"),
            (self.SOME, "Grant some of them"),
            (self.NONE, "Refuse"),
        ]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        decision = given.get("decision")
        if decision == self.SOME and not given.get("granted"):
            self.add_error("granted", "Say how many.")
        if decision in (self.SOME, self.NONE) and not (given.get("reason") or "").strip():
            self.add_error("reason", "Say why.")
        return given

    def amount(self, asked: Decimal) -> Decimal:
        """How much is granted of what was asked for."""
        decision = self.cleaned_data["decision"]
        some: Decimal = self.cleaned_data.get("granted") or Decimal(0)
        return asked if decision == self.ALL else some if decision == self.SOME else Decimal(0)


class RuleForm(forms.Form):
    """Upheld, in part or rejected, with the figure that counts then."""

    ruling = forms.ChoiceField(
        label="Ruling",
        widget=forms.RadioSelect,
        choices=[
            (DisputeStatus.UPHELD, "Uphold it"),
            (DisputeStatus.PARTLY, "Uphold it in part"),
            (DisputeStatus.REJECTED, "Reject it"),
        ],
        error_messages={"required": "Choose one."},
    )
    reason = text_field("Reason", rows=2, help_text="Name what decided it. Both sides read it.")

    def __init__(
        self, *args: Any, measure: Mapping[str, Any], has_figures: bool, words: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ruling"]
        field.choices = [(value, words.get(value, label)) for value, label in field.choices]
        self.columns = add_numbers(self, measure) if has_figures else ()
        self.order_fields(["ruling", *self.columns, "reason"])


class AskForTimeForm(forms.Form):
    """Until when, and why."""

    until = forms.DateField(
        label="Report by",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose the day."},
    )
    reason = text_field(
        "Why", longest=LONGEST_REASON, help_text="The client reads it.", error_messages={"required": "Say why."}
    )


class DecideOnTimeForm(forms.Form):
    """Grant it, or refuse it and say why."""

    GRANT, REFUSE = "grant", "refuse"
    decision = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[(GRANT, "Grant it"), (REFUSE, "Refuse it")],
        error_messages={"required": "Choose one."},
    )
    answer = text_field(
        "Reason",
        rows=2,
        longest=LONGEST_REASON,
        required=False,
        help_text="Needed to refuse it. The vendor’s people read it.",
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == self.REFUSE and not (given.get("answer") or "").strip():
            self.add_error("answer", "Say why.")
        return given


class SayForm(forms.Form):
    text = text_field("Reply or ask", rows=2, error_messages={"required": "Write the message first."})
    attachments = files_field()


def add_numbers(form: forms.Form, measure: Mapping[str, Any]) -> tuple[str, ...]:
    """A field for each number of the measure; their names."""
    named = {"numerator": measure.get("of"), "denominator": measure.get("among")}
    columns = NEEDED[measure["kind"]]
    for column in columns:
        label = LABELS.get(column) or named.get(column) or column.capitalize()
        form.fields[column] = number_field(f"{label} that count" if column in named else label, required=False)
    return tuple(columns)


def numbers(form: Any) -> dict[str, Decimal]:
    """The numbers that were given, by column."""
    given = {column: form.cleaned_data.get(column) for column in form.columns}
    return {column: value for column, value in given.items() if value is not None}


def _offer_parts(form: forms.Form, parts: Iterable[str]) -> None:
    """Which part it is about, where the service level is reported by part."""
    named = [part for part in parts if part]
    if named:
        form.fields["part"].choices = [("", "Choose one"), *((part, part) for part in named)]  # type: ignore[attr-defined]
    else:
        del form.fields["part"]
