"""Letters that were given up, sent again because somebody says so."""

from datetime import datetime

from django.db import transaction

from notifications.models import InvitationLetter, Notification
from organisations.actions import require
from organisations.models import Invitation, Membership


@transaction.atomic
def retry_letters(*, by: Membership | None, now: datetime) -> int:
    """Make every letter due that was tried and given up, with all its tries, under the id that it had. Returns how many notifications
    and invitations; what was not wanted, or not needed any more, stays ended."""
    require(by, "settings.manage")
    again = {"given_up_at": None, "leased_until": None, "tries": 0, "due_at": now, "last_error": ""}
    count: int = Notification.objects.given_up().filter(sent_at=None).update(attempt_started_at=None, **again)
    open_ones = Invitation.objects.open(now).order_by().values("pk")
    lost = InvitationLetter.objects.exclude(given_up_at=None).filter(sent_at=None, invitation__in=open_ones)
    return count + int(lost.update(**again))
