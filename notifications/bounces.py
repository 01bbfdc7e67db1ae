"""Letters that come back: reports of mail servers (RFC 3464) in words of ours.

Anybody can send a report. What makes one ours is the Message-ID of a letter that we sent, which is a random number: without it nothing
is believed.
"""

import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import Any
from uuid import UUID

MOST = 1_000_000  # bytes that are read of a report
ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")
FOR_GOOD = re.compile(r"5\.[0-9]{1,3}\.[0-9]{1,3}")


@dataclass(frozen=True)
class BounceReport:
    """A letter that was refused for good: its id, to which address it went, and what the other side said of it."""

    mail_id: UUID
    address: str
    status: str
    reason: str


def read_report(content: bytes) -> BounceReport | None:
    """What a message says of a letter of ours; None where it reports no refusal for good, or of no letter that we could have sent."""
    report = BytesParser(policy=email.policy.default).parsebytes(content[:MOST])
    if report.get_content_type() != "multipart/report":
        return None
    mail_id, refused = None, None
    for part in report.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            refused = refused or _refused(part)
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            mail_id = mail_id or _mail_id(part)
    if mail_id is None or refused is None:
        return None
    return BounceReport(mail_id, *refused)


def _refused(part: Message) -> tuple[str, str, str] | None:
    """Address, status and reason of the first receiver who was refused for good."""
    blocks: Any = part.get_payload()
    for fields in blocks if isinstance(blocks, list) else []:
        status = str(fields.get("Status", "")).strip()[:20]
        receiver = (
            str(fields.get("Final-Recipient", "") or fields.get("Original-Recipient", "")).partition(";")[2].strip()
        )
        if str(fields.get("Action", "")).strip().lower() == "failed" and FOR_GOOD.match(status) and receiver:
            said = str(fields.get("Diagnostic-Code", "")).partition(";")[2]
            return receiver.lower()[:254], status, " ".join(said.split())[:300]
    return None


def _mail_id(part: Message) -> UUID | None:
    """The id in the head of the letter that came back."""
    if part.get_content_type() == "message/rfc822":
        inner: Any = part.get_payload(0)
        found = ID.search(str(inner.get("Message-ID", "")))
    else:
        text = part.get_content() if isinstance(part, EmailMessage) else str(part.get_payload())
        head = next((line for line in str(text).splitlines() if line.lower().startswith("message-id:")), "")
        found = ID.search(head)
    return UUID(found[1]) if found else None
