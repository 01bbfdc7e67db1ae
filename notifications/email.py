"""A notification as an e-mail."""

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


@dataclass(frozen=True)
class OutgoingEmail:
    """What is needed to send one notification, outside any scope. `tries` counts this try, and says whose claim it is."""

    notification_id: int
    tries: int
    mail_id: UUID
    to: str
    organisation: str
    slug: str
    title: str
    detail: str
    path: str


def compose(email: OutgoingEmail, connection: BaseEmailBackend) -> EmailMessage:
    """The message. Its id is the notification's own on every try, so that a mailbox can drop what it has already."""
    title = " ".join(email.title.split())
    lines = [
        title,
        email.detail,
        "",
        urljoin(settings.BASE_URL, f"/o/{email.slug}/{email.path}"),
        "",
        f"Sent to {email.to} by Plumbline for {email.organisation}.",
    ]
    return EmailMessage(
        subject=f"{title} · {' '.join(email.organisation.split())}",
        body="\n".join(lines),
        to=[email.to],
        headers={"Message-ID": message_id(email.mail_id), "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def message_id(mail_id: UUID) -> str:
    """The same for a notification wherever and whenever it is sent: the domain is that of the sender's address."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "plumbline"
    return f"<{mail_id}@{domain}>"
