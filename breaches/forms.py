"""What people write about a breach."""

from collections.abc import Iterable
from typing import Any

from django import forms

from breaches.actions.acknowledgement import LONGEST_NOTE
from breaches.models import Breach
from breaches.rules.excusals import Ending
from breaches.rules.plans import MOST_STEPS, Cause, NewStep
from files.form_field import files_field
from lib.form_fields import day_field, text_field

BOTH, US = "both", "us"


class AcknowledgeForm(forms.Form):
    """A note is not needed: to acknowledge says that one knows."""

    note = text_field(
        "Note",
        longest=LONGEST_NOTE,
        required=False,
        help_text="What happens next, and who deals with it. The vendor's people can read it.",
    )


class SayForm(forms.Form):
    """A message for both sides, or a note among the client's people. Nothing is chosen beforehand where there is a choice."""

    text = text_field("Message", rows=2, error_messages={"required": "Write the message first."})
    cause = forms.ChoiceField(label="Root cause", required=False, choices=[("", "Not said yet"), *Cause.choices])
    attachments = files_field()
    to = forms.ChoiceField(
        label="Who can read it", widget=forms.RadioSelect, error_messages={"required": "Choose who can read it."}
    )

    def __init__(self, *args: Any, vendor: str, client: str, may_note: bool, names_cause: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_note:
            choices = [(BOTH, f"{vendor} and {client}"), (US, f"Only {client}, as an internal note")]
            self.fields["to"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["to"]
        if not names_cause:
            del self.fields["cause"]

    @property
    def internal(self) -> bool:
        return bool(self.cleaned_data.get("to") == US)


class AskForPlanForm(forms.Form):
    """By which day, what is wanted, and which other breaches the one plan is for."""

    due_on = day_field("Plan by", error_messages={"required": "Choose the day by which the plan is due."})
    request = text_field("What the plan must say", help_text="The vendor's people read it.")
    others = forms.MultipleChoiceField(
        label="Also for", required=False, widget=forms.CheckboxSelectMultiple, help_text="One plan can cover several."
    )

    def __init__(self, *args: Any, others: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["others"].choices = list(others)  # type: ignore[attr-defined]
        if not self.fields["others"].choices:  # type: ignore[attr-defined]
            del self.fields["others"]


class CauseForm(forms.Form):
    """Why it came to the breach."""

    cause = forms.ChoiceField(
        label="Root cause",
        choices=[("", "Choose one"), *Cause.choices],
        error_messages={"required": "Choose the cause."},
    )
    cause_text = text_field("What happened", error_messages={"required": "Say what happened."})
    attachments = files_field()


class StepForm(forms.Form):
    """One step of a plan. A row that is left empty is no step."""

    text = forms.CharField(label="What is done", max_length=300, required=False)
    owner = forms.CharField(label="Who does it", max_length=120, required=False)
    due_on = day_field("By", required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if any(given.get(name) for name in ("text", "owner", "due_on")):
            for name, sentence in (("text", "Say what is done."), ("owner", "Say who does it.")):
                if not given.get(name):
                    self.add_error(name, sentence)
        return given


class StepFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The steps of a plan, in their order."""

    def steps(self) -> list[NewStep]:
        """Those rows that are not empty."""
        given = [form.cleaned_data for form in self.forms]
        return [NewStep(one["text"], one["owner"], one["due_on"]) for one in given if one.get("text")]

    def clean(self) -> None:
        if not any(self.errors) and not self.steps():
            raise forms.ValidationError("A plan has at least one step: say what is done, and who does it.")


def step_forms(data: Any = None, *, initial: list[dict[str, Any]] | None = None, empty: int = 3) -> StepFormSet:
    """The rows to fill in: what was there, and `empty` further ones."""
    made = forms.formset_factory(StepForm, formset=StepFormSet, extra=empty, max_num=MOST_STEPS, validate_max=True)
    return made(data, initial=initial, prefix="steps")  # type: ignore[return-value]


class DecideForm(forms.Form):
    """Accept the plan, or send it back and say why."""

    ACCEPT, BACK = "accept", "back"
    decision = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[(ACCEPT, "Accept the plan"), (BACK, "Send it back")],
        error_messages={"required": "Choose one."},
    )
    reason = text_field("Reason", required=False, help_text="Needed to send it back. The vendor's people read it.")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == self.BACK and not (given.get("reason") or "").strip():
            self.add_error("reason", "Say what the plan lacks.")
        return given


class ReasonForm(forms.Form):
    """Why a breach is closed without verification, or opened again."""

    reason = text_field("Reason", error_messages={"required": "Say why."}, help_text="The vendor's people read it.")


class ExcuseForm(forms.Form):
    """How a breach ends that the vendor has not to make good, and why."""

    ending = forms.ChoiceField(
        label="What you do",
        widget=forms.RadioSelect,
        choices=[
            (Ending.EXCUSED, "Excuse it: the vendor is not to answer for it"),
            (Ending.WAIVED, "Waive it: nothing more is asked of the vendor"),
        ],
        error_messages={"required": "Choose one."},
    )
    reason = text_field("Reason", error_messages={"required": "Say why."}, help_text="The vendor's people read it.")


class AnswerForm(forms.Form):
    """The second person's word on a proposal; whoever made it can take it back."""

    AGREE, DECLINE = "agree", "decline"
    decision = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[(AGREE, "Agree"), (DECLINE, "Decline")],
        error_messages={"required": "Choose one."},
    )
    reason = text_field("Reason", required=False, help_text="Needed to decline.")

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["decision"], self.fields["reason"]

    @property
    def agrees(self) -> bool:
        return bool(self.cleaned_data.get("decision") == self.AGREE)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == self.DECLINE and not (given.get("reason") or "").strip():
            self.add_error("reason", "Say why you decline.")
        return given


def label_of(breach: Breach, when: str) -> str:
    """A breach among others of its contract: "Calls answered in time, May 2026"."""
    return f"{breach.service_level.name}, {when}"


class ConsequenceForm(forms.Form):
    """What is done about a triggered rule, and why."""

    decision = forms.ChoiceField(
        label="What you decide", widget=forms.RadioSelect, error_messages={"required": "Choose what you decide."}
    )
    reason = text_field("Why", error_messages={"required": "Say why: colleagues and auditors read it."})

    def __init__(self, *args: Any, use: str, usable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("used", use)] if usable else []
        choices += [("lapsed", "Let it lapse"), ("waived", "Waive it")]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]
