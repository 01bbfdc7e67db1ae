"""Events and notifications. Made inside an open scope."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from notifications.models import Event, InvitationLetter, Notification
from organisations.models import Invitation, Membership, Vendor

DUE_AT = datetime(2024, 5, 16, tzinfo=UTC)


def event(vendor: Vendor | None = None, **fields: Any) -> Event:
    given = {"vendor": vendor, "key": f"breach:{uuid4()}", "kind": "breach", "title": "Incidents resolved on time"}
    return Event.objects.create(**given | fields)


def notification(of: Event, member: Membership, **fields: Any) -> Notification:
    """An unread notification about the event, its e-mail not yet sent."""
    given = {"vendor_id": member.vendor_id, "event": of, "member": member, "mail_id": uuid4(), "due_at": DUE_AT}
    return Notification.objects.create(**given | fields)


def invitation_letter(of: Invitation, **fields: Any) -> InvitationLetter:
    """The letter of the invitation's present edition, not yet sent."""
    given = {"vendor_id": of.vendor_id, "invitation": of, "edition": of.edition, "mail_id": uuid4(), "due_at": DUE_AT}
    return InvitationLetter.objects.create(**given | fields)
