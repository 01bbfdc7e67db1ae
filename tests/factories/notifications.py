"""Events and notifications. Made inside an open scope."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from notifications.models import Bounce, Event, InvitationLetter, LetterPreferences, Notification
from organisations.models import Invitation, Membership, Vendor

DUE_AT = datetime(2024, 5, 16, tzinfo=UTC)


def event(vendor: Vendor | None = None, **fields: Any) -> Event:
    given = {"vendor": vendor, "key": f"breach:{uuid4()}", "kind": "breach", "title": "Incidents resolved on time"}
    return Event.objects.create(**given | fields)


def notification(of: Event, member: Membership, **fields: Any) -> Notification:
    """An unread notification about the event, its e-mail not yet sent."""
    given = {"vendor_id": member.vendor_id, "event": of, "member": member, "mail_id": uuid4(), "due_at": DUE_AT}
    return Notification.objects.create(**given | fields)


def preferences(member: Membership, **fields: Any) -> LetterPreferences:
    given = {"vendor_id": member.vendor_id, "kinds": {"late": "digest"}}
    return LetterPreferences.objects.update_or_create(member=member, defaults=given | fields)[0]


def bounce(member: Membership, **fields: Any) -> Bounce:
    """Letters to the member's address came back."""
    given = {"vendor_id": member.vendor_id, "at": DUE_AT, "status": "5.1.1", "reason": "No such mailbox"}
    return Bounce.objects.update_or_create(member=member, address=member.email, defaults=given | fields)[0]


def invitation_letter(of: Invitation, **fields: Any) -> InvitationLetter:
    """The letter of the invitation's present edition, not yet sent."""
    given = {"vendor_id": of.vendor_id, "invitation": of, "edition": of.edition, "mail_id": uuid4(), "due_at": DUE_AT}
    return InvitationLetter.objects.create(**given | fields)
