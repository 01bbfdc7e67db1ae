"""What browsers send of passkeys: whoever writes it by hand is refused like a wrong code, whatever stands in it."""

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as allauth
from django import forms
from django.core.exceptions import ValidationError

LONGEST = 20_000  # letters; a signature has some hundreds, a new passkey some thousands
# What the reading of JSON, CBOR and keys raises for what is none.
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)


class Credential(forms.JSONField):
    """A JSON object of bounded length and depth."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST:
            raise ValidationError("That is too long.", code="too_long")
        try:
            return super().to_python(value)
        except RecursionError as deep:
            raise ValidationError("That cannot be read.", code="invalid") from deep


class _Signed(allauth.AuthenticateWebAuthnForm):
    credential = Credential()

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except UNREADABLE as unreadable:
            raise get_adapter().validation_error("incorrect_code") from unreadable


class SignIn(_Signed, allauth.LoginWebAuthnForm):
    """By a passkey alone."""


class SecondStep(_Signed):
    """After the password."""


class Confirm(_Signed, allauth.ReauthenticateWebAuthnForm):
    """Before the protection of the account changes."""


class Add(allauth.AddWebAuthnForm):
    """A new one."""

    name = forms.CharField(required=False, max_length=80)
    credential = Credential()

    def clean(self) -> Any:
        try:
            return super().clean()
        except UNREADABLE as unreadable:
            raise get_adapter().validation_error("incorrect_code") from unreadable
