"""Notices as an e-mail: one email for all that is due for a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from lib.formats import Formats

# What mail programs turn into links by themselves: addresses with a scheme, and names with dots in them. Numbers are none.
ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]*:/+|www\.|mailto:)\S+", re.IGNORECASE)
NAME = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


@dataclass(frozen=True)
class EventLine:
    """One event as an email describes it. `path` stands below the organisation's address."""

    title: str
    detail: str
    path: str
    kind: str = ""


@dataclass(frozen=True)
class AttachedFile:
    """What goes with a letter besides its words."""

    name: str
    content: bytes
    content_type: str = "application/pdf"


@dataclass(frozen=True)
class OutgoingEmail:
    """What is needed to send one email, outside any scope.

    `notifications`: the ids of all that it is about; `lines`: the first of them in words. `tries`: how often it was tried before.
    `stop_url` ends the reader's letters, without signing in.
    `leased_until` says whose claim it is.
    """

    notifications: tuple[int, ...]
    tries: int
    leased_until: datetime
    mail_id: UUID
    to: str
    organisation: str
    slug: str
    stop_url: str
    formats: Formats  # how the organisation writes numbers
    lines: tuple[EventLine, ...]


def compose(email: OutgoingEmail, connection: BaseEmailBackend, attached: Sequence[AttachedFile] = ()) -> EmailMessage:
    """The message. Its id is the email's own on every try, so that a mailbox can drop what it has already."""
    first, others = without_links(email.lines[0].title), len(email.notifications) - 1
    more = f" and {email.formats.number(f'{others:,}')} more" if others else ""
    paragraphs = [_paragraph(email, line) for line in email.lines]
    if unlisted := len(email.notifications) - len(email.lines):
        paragraphs.append(
            f"And {email.formats.number(f'{unlisted:,}')} more, in your inbox:\n{_address(email, 'inbox/')}"
        )
    paragraphs.append(f"Choose which letters you get, and when:\n{_address(email, 'letters/')}")
    paragraphs.append(f"Sent to {email.to} by Plumbline for {without_links(email.organisation)}.")
    return EmailMessage(
        subject=f"{first}{more} · {without_links(email.organisation)}",
        body="\n\n".join(paragraphs),
        to=[email.to],
        headers={
            "Message-ID": message_id(email.mail_id),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{email.stop_url}>",  # by one click, without a page in between: RFC 8058
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        attachments=[(one.name, one.content, one.content_type) for one in attached],
        connection=connection,
    )


def _paragraph(email: OutgoingEmail, line: EventLine) -> str:
    words = [without_links(line.title), without_links(line.detail), _address(email, line.path)]
    return "\n".join(word for word in words if word)


def _address(email: OutgoingEmail, path: str) -> str:
    return urljoin(settings.BASE_URL, f"/o/{email.slug}/{path}")


def without_links(text: str) -> str:
    """Text in one line that no mail program makes a link of: names and notes come from other people, the email from us."""
    return NAME.sub("[.]", ADDRESS.sub("[link removed]", " ".join(text.split())))


def message_id(mail_id: UUID) -> str:
    """The same for an email wherever and whenever it is sent: the domain is that of the sender's address."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "plumbline"
    return f"<{mail_id}@{domain}>"
