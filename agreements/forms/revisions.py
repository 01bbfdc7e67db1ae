"""What people give on the pages of a revision."""

from typing import Any

from django import forms

from agreements.forms.contracts import ContractFileForm
from agreements.rules import LONGEST_TITLE
from lib.form_fields import day_field, text_field


class StartForm(forms.Form):
    """A revision is begun with a name; everything else comes later."""

    title = forms.CharField(
        label="What it is about",
        max_length=LONGEST_TITLE,
        help_text="A few words by which both sides know it, such as “Priority 1 within 4 hours”.",
        error_messages={"required": "Say in a few words what changes."},
    )
    beside = forms.BooleanField(label="Start another draft beside the one that is there.", required=False)


class DocumentForm(ContractFileForm):
    """The whole proposed contract as a file."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields[
            "file"
        ].help_text = "The contract as it is to be. What stands stays; what is new has a later “from”."
        self.fields["source"].widget.attrs["rows"] = 24


class ReasonForm(forms.Form):
    """Why. Both sides read it."""

    title = forms.CharField(label="What it is about", max_length=LONGEST_TITLE, required=False)
    reason = text_field("Reason", 4, required=False, help_text="The vendor reads it with the proposal.")
    date_back = forms.BooleanField(label="Date it back into a period that has begun.", required=False)


class NewDayForm(forms.Form):
    """The day on which what a draft changes is to begin instead."""

    day = day_field("New first day", help_text="First day of a period.")


class DecideForm(forms.Form):
    """Approve what was looked at, or send it back with a reason."""

    APPROVE, SEND_BACK = "approve", "send_back"

    decision = forms.ChoiceField(
        label="Decision",
        choices=[(APPROVE, "Approve"), (SEND_BACK, "Send back")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
    )
    reason = text_field("Reason", 4, required=False, help_text="Needed to send it back.")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == self.SEND_BACK and not (given.get("reason") or "").strip():
            self.add_error("reason", "Say what has to change.")
        return given


class AnswerForm(forms.Form):
    """The vendor's answer. Other terms are given as the contract file with them."""

    ACCEPT, COUNTER, DECLINE = "accept", "counter", "decline"

    answer = forms.ChoiceField(
        label="Your answer",
        choices=[(ACCEPT, "Accept"), (COUNTER, "Propose other terms"), (DECLINE, "Decline")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three."},
    )
    reason = text_field("Reason", 4, required=False, help_text="Needed to decline, or to propose other terms.")
    source = forms.CharField(
        label="The contract with your terms",
        required=False,
        strip=False,
        help_text="Only where you propose other terms: change what you want otherwise.",
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "code"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("answer") in (self.COUNTER, self.DECLINE) and not (given.get("reason") or "").strip():
            self.add_error("reason", "Say why.")
        return given


class CommentForm(forms.Form):
    """A word among the client's people."""

    text = text_field("Comment", 2, error_messages={"required": "Write the comment first."})
