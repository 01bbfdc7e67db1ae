"""Addresses from which letters come back: marked, written to no more, and tried again when somebody says so."""

from collections.abc import Iterable
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


def take_reports(*, reports: Iterable[BounceReport], now: datetime) -> list[str]:
    """The same for several, in whichever organisations the letters were: a scope for each until all are found. Outside a scope. Returns
    the addresses that are marked."""
    left, marked = list(reports), []
    for organisation_id in list(Organisation.objects.order_by("pk").values_list("pk", flat=True)):
        if not left:
            break
        with open_scope(organisation_id=organisation_id):
            taken = [one for one in left if record_bounce(report=one, now=now)]
        marked += [one.address for one in taken]
        left = [one for one in left if one not in taken]
    return marked


@transaction.atomic
def clear_bounces(*, by: Membership, member: Membership) -> int:
    """Write to the member's address again. Returns how many marks were taken away."""
    require(by, "people.manage")
    return int(Bounce.objects.filter(member=member).delete()[0])
