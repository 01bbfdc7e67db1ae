"""Addresses from which letters come back: marked, written to no more, and tried again when somebody says so."""

from datetime import datetime

from django.db import transaction

from notifications.bounces import BounceReport
from notifications.models import Bounce, InvitationLetter, Notification
from organisations.actions import require
from organisations.models import Membership, Organisation
from organisations.scope import open_scope


@transaction.atomic
def record_bounce(*, report: BounceReport, now: datetime) -> str | None:
    """Mark the member, or the invitation, whose letter came back, in the organisation in scope. Returns the address; None where the
    letter was none of this organisation's, or went to another address than the report names."""
    sent = Notification.objects.filter(mail_id=report.mail_id).select_related("member").first()
    if sent is not None and sent.member.email.lower() == report.address:
        values = {"at": now, "status": report.status, "reason": report.reason, "vendor_id": sent.member.vendor_id}
        Bounce.objects.update_or_create(member=sent.member, address=sent.member.email, defaults=values)
        return report.address
    letter = InvitationLetter.objects.filter(mail_id=report.mail_id, invitation__email__iexact=report.address)
    said = f"It came back: {report.status} {report.reason}"[:300]
    return report.address if letter.update(given_up_at=now, leased_until=None, last_error=said) else None


def take_report(*, report: BounceReport, now: datetime) -> str | None:
    """The same, in whichever organisation the letter was: a scope for each until it is found. Outside a scope."""
    for organisation_id in list(Organisation.objects.order_by("pk").values_list("pk", flat=True)):
        with open_scope(organisation_id=organisation_id):
            if marked := record_bounce(report=report, now=now):
                return marked
    return None


@transaction.atomic
def clear_bounces(*, by: Membership, member: Membership) -> int:
    """Write to the member's address again. Returns how many marks were taken away."""
    require(by, "people.manage")
    return int(Bounce.objects.filter(member=member).delete()[0])
