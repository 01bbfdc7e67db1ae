"""Ending a breach by hand, with a reason, and opening it again."""

from django.db import transaction
from django.utils import timezone

from breaches.actions.acknowledgement import acknowledge, event_key_prefix
from breaches.actions.audience import Audience
from breaches.actions.thread import checked, write
from breaches.models import Breach
from breaches.rules import TRANSITIONS, Status
from breaches.rules.plans import EntryKind
from breaches.wording import listed, quoted
from lib.transitions import move, must_be_as_seen
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def close(*, by: Membership, breach: Breach, reason: str, seen: int | None = None) -> Breach:
    """End it without waiting for verification. RuleBroken without a reason; Conflict where it is over already."""
    require(by, "breach.close")
    must_be_as_seen(breach, seen)
    why = checked(reason, "reason")
    if breach.status == Status.OPEN:
        acknowledge(by=by, breach=breach)
    move(breach, Status.CLOSED, TRANSITIONS)
    _said(breach, EntryKind.CLOSED, by, why, "Breach closed")
    return breach


@transaction.atomic
def open_again(*, by: Membership, breach: Breach, reason: str, seen: int | None = None) -> Breach:
    """Take up a breach that was closed or verified; it stands as acknowledged, without a plan. RuleBroken without a reason."""
    require(by, "breach.close")
    must_be_as_seen(breach, seen)
    why = checked(reason, "reason")
    move(breach, Status.ACKNOWLEDGED, TRANSITIONS, plan=None)
    _said(breach, EntryKind.OPENED_AGAIN, by, why, "Breach opened again")
    return breach


def _said(breach: Breach, kind: EntryKind, by: Membership, why: str, title: str) -> None:
    now = timezone.now()
    write([breach], kind, by=by, at=now, text=why)
    news = NewEvent(
        key=f"{event_key_prefix(breach)}{kind}:{now:%Y%m%d%H%M%S%f}",
        kind="plan",
        title=title,
        detail=listed(breach.contract.reference, breach.service_level.name, quoted(why)),
        path=f"breaches/{breach.pk}/",
        members=Audience().vendor(breach.vendor_id),
        vendor_id=breach.vendor_id,
    )
    publish_events([news], now=now)
