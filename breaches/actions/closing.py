"""Ending a breach by hand, with a reason, and opening it again."""

from django.db import transaction

from breaches.actions.acknowledgement import acknowledge
from breaches.actions.thread import write
from breaches.models import Breach
from breaches.rules import TRANSITIONS, Status
from breaches.rules.plans import EntryKind
from lib import clock
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
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
    write([breach], EntryKind.CLOSED, by=by, at=clock.database_now(), text=why)
    return breach


@transaction.atomic
def open_again(*, by: Membership, breach: Breach, reason: str, seen: int | None = None) -> Breach:
    """Take up a breach that had ended; it stands as acknowledged, without a plan. RuleBroken without a reason."""
    require(by, "breach.close")
    must_be_as_seen(breach, seen)
    why = checked(reason, "reason")
    move(breach, Status.ACKNOWLEDGED, TRANSITIONS, plan=None)
    write([breach], EntryKind.OPENED_AGAIN, by=by, at=clock.database_now(), text=why)
    return breach
