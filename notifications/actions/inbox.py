"""One's own inbox."""

from collections.abc import Collection

from django.utils import timezone

from notifications.models import Notice
from organisations.actions import require
from organisations.models import Membership


def mark_read(*, by: Membership, notices: Collection[int]) -> int:
    """Mark the notices with these ids as read, as far as they are one's own. Returns how many were unread."""
    require(by, "inbox.view")
    return Notice.objects.filter(member=by, pk__in=notices).unread().update(read_at=timezone.now())


def mark_all_read(*, by: Membership, up_to: int) -> int:
    """Mark all one's notices up to the one with this id as read: those that came while the page was open stay unread."""
    require(by, "inbox.view")
    return Notice.objects.filter(member=by, pk__lte=up_to).unread().update(read_at=timezone.now())
