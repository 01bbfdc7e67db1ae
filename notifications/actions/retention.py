"""What has been in inboxes long enough."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from notifications.models import Event, InvitationLetter, Notification

DONE = ~Q(sent_at=None) | ~Q(given_up_at=None)


@transaction.atomic
def forget_letters(*, days: int | None, now: datetime) -> int:
    """Remove notifications and letters that are older than `days`, and events that nobody has in the inbox any more, but those that
    still ask for a decision. Returns how many notifications. None: they are kept for ever."""
    if days is None:
        return 0
    before = now - timedelta(days=days)
    gone: int = Notification.objects.filter(DONE, created_at__lt=before).delete()[0]
    InvitationLetter.objects.filter(DONE, due_at__lt=before).delete()
    nobodys = ~Exists(Notification.objects.filter(event=OuterRef("pk")))
    waiting = Q(kind="approval", decided_at=None)
    Event.objects.filter(nobodys, created_at__lt=before).exclude(waiting).delete()
    return gone
