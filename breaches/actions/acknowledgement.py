"""What people do about a breach."""

from datetime import datetime
from typing import Any

from breaches.actions.escalation import plan_ladder
from breaches.models import Breach
from breaches.rules import TRANSITIONS, Status
from lib import clock
from lib.errors import RuleBroken
from lib.transitions import move, must_be_as_seen
from notifications.actions import mark_handled, reopen
from organisations.actions import require
from organisations.models import Membership

LONGEST_NOTE = 2000


def acknowledge(*, by: Membership, breach: Breach, note: str = "", seen: int | None = None) -> Breach:
    """Say that one knows and deals with it; then no colleague need. NotAllowed but for account managers; Conflict where it is
    not open any more."""
    require(by, "breach.acknowledge")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise RuleBroken("note_too_long", f"The note has {len(note)} characters; {LONGEST_NOTE} fit. Shorten it.")
    must_be_as_seen(breach, seen)
    now = clock.database_now()
    move(breach, Status.ACKNOWLEDGED, TRANSITIONS, note=note, **acknowledged(by, now))
    mark_handled(by=by, key=event_key_prefix(breach), at=now)
    return breach


def undo_acknowledge(*, by: Membership, breach: Breach, seen: int | None = None) -> Breach:
    """Open it again, in the inboxes too; the note stays. NotAllowed but for account managers; Conflict where it has gone further."""
    require(by, "breach.acknowledge")
    must_be_as_seen(breach, seen)
    at = breach.acknowledged_at
    move(breach, Status.OPEN, TRANSITIONS, **acknowledged(None, None))
    reopen(by=by, key=event_key_prefix(breach), at=at)
    plan_ladder([breach])
    return breach


def acknowledged(by: Membership | None, at: datetime | None) -> dict[str, Any]:
    """Columns of a breach that somebody acknowledged; without one, of a breach that nobody has."""
    return {"acknowledged_by": by, "acknowledged_by_name": by.name if by else "", "acknowledged_at": at}


def event_key_prefix(breach: Breach) -> str:
    """What the keys of all events about a breach begin with."""
    return f"breach:{breach.pk}:"
