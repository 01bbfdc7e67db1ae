"""Forms about letters: to accounts, and which ones somebody wants."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django import forms
from django.http import HttpRequest

from lib.wakeup import ACCOUNT_LETTERS, wake_workers_for
from notifications.actions.account_letters import ask_for_reset
from notifications.models import LetterPreferences
from notifications.rules import KINDS, LetterTiming
from organisations.settings_forms import zones


class AskForReset(ResetPasswordForm):
    """Asks for a new password without looking whether anybody has the address: the answer and its time are the same for all."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = str(self.cleaned_data["email"])
        ask_for_reset(email=email)
        wake_workers_for(ACCOUNT_LETTERS)
        return email


class LettersForm(forms.Form):
    """For each kind of news when somebody wants a letter, and when the digest comes. `kinds` is what the action takes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    timezone = forms.ChoiceField(label="Time zone", required=False)
    digest_at = forms.TimeField(
        label="Once a day at",
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        error_messages={"required": "Enter a time, such as 07:00."},
    )

    critical_at_once = forms.BooleanField(
        label="What is critical at once, also in quiet hours",
        required=False,
        help_text="A critical breach and who is told of it, a right to terminate. Not where you chose “Not at all”.",
    )

    def __init__(self, typed: Any = None, *, stored: LetterPreferences, organisations_zone: str) -> None:
        kinds = {f"kind_{kind}": stored.kinds.get(kind, LetterTiming.AT_ONCE) for kind in KINDS}
        own = {"version": stored.version, "timezone": stored.timezone, "digest_at": stored.digest_at}
        own |= {"critical_at_once": stored.critical_at_once}
        super().__init__(typed, initial=own | kinds)
        theirs = ("", f"The organisation’s ({organisations_zone})")
        self.fields["timezone"].choices = [theirs, *zones(stored.timezone)]  # type: ignore[attr-defined]
        for kind, (label, _) in KINDS.items():
            self.fields[f"kind_{kind}"] = forms.ChoiceField(
                label=label,
                choices=LetterTiming.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose when you want letters of this kind."},
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """The field of each kind of news, and the shape that stands before it."""
        return [(self[f"kind_{kind}"], shape) for kind, (_, shape) in KINDS.items()]

    @property
    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        kinds = {kind: given[f"kind_{kind}"] for kind in KINDS}
        return {"kinds": kinds} | {
            name: given[name] for name in ("version", "timezone", "digest_at", "critical_at_once")
        }
