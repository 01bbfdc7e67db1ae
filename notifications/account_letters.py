"""Letters about accounts as messages."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from lib.encryption import decrypt
from notifications.email import message_id
from notifications.models import AccountLetter
from notifications.rules import LetterKind

RESET = "account/email/password_reset_key"


def compose_account_letter(email: AccountLetter) -> list[EmailMessage]:
    """What is to be sent: one message, or for a reset one for each account of the address: usually one, and none for strangers."""
    if email.kind == LetterKind.READY:
        return [_message(email, email.subject, decrypt(email.body))]
    users = filter_users_by_email(email.to, is_active=True, prefer_verified=True, for_login=True)
    return [_reset(email, user) for user in users]


def _reset(email: AccountLetter, user: Any) -> EmailMessage:
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    context = {"user": user, "password_reset_url": get_adapter().get_reset_password_from_key_url(key)}
    subject = render_to_string(f"{RESET}_subject.txt", context).strip()
    return _message(email, subject, render_to_string(f"{RESET}_message.txt", context).strip())


def _message(email: AccountLetter, subject: str, body: str) -> EmailMessage:
    headers = {"Message-ID": message_id(email.mail_id), "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject=subject, body=body, to=[email.to], headers=headers)
