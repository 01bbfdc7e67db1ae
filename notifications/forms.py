"""Forms about emails to accounts."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from lib.wakeup import ACCOUNT_LETTERS, ring_all
from notifications.actions.account_letters import ask_for_reset


class AskForReset(ResetPasswordForm):
    """Asks for a new password without looking whether anybody has the address: the answer and its time are the same for all."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = str(self.cleaned_data["email"])
        ask_for_reset(email=email)
        ring_all(ACCOUNT_LETTERS)
        return email
