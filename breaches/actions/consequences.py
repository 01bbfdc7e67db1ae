"""What triggered rules lead to: items that follow the judgement, and what people decide about them."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import md5
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from breaches.models import Consequence, ConsequenceStep
from breaches.rules import NEWS_MONTHS
from breaches.rules.consequences import (
    CONSEQUENCE_TRANSITIONS,
    ConsequenceStatus,
    is_over,
)
from lib import clock
from lib.errors import RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import checked
from lib.transitions import move, move_all, must_be_as_seen, touched
from notifications.actions import mark_handled
from organisations.actions import require
from organisations.models import Membership
from organisations.scope import current_organisation_id

SQL = Path(__file__).parent.parent / "sql"
RUNS = f"WITH {(SQL / 'rule_runs.sql').read_text()}"
OPEN = RUNS + (SQL / "open_consequences.sql").read_text()
COMPARE = RUNS + (SQL / "compare_consequences.sql").read_text()


def follow_rules(contracts: Sequence[int], *, now: datetime) -> int:
    """Bring the items of some contracts into line with the rules that are triggered: opened, counted on, withdrawn, open again.

    Returns how many were opened or changed; 0 the second time. Two statements where nothing changed. Who is told is the alerts' matter.
    """
    values: dict[str, Any] = {"organisation": current_organisation_id(), "contracts": list(contracts), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(COMPARE, values)
        rows = cursor.fetchall()
        cursor.execute(OPEN, values | {"news_months": NEWS_MONTHS})
        opened = int(cursor.fetchone()[0])
    gone = [pk for pk, _, month, _ in rows if month is None]
    again = [pk for pk, status, month, _ in rows if month is not None and status == ConsequenceStatus.WITHDRAWN]
    if gone:
        move_all(Consequence.objects.filter(pk__in=gone), ConsequenceStatus.WITHDRAWN, CONSEQUENCE_TRANSITIONS)
    if again:
        move_all(
            Consequence.objects.filter(pk__in=again),
            ConsequenceStatus.OPEN,
            CONSEQUENCE_TRANSITIONS,
            **undecided(),
        )
    became = [(pk, ConsequenceStatus.WITHDRAWN) for pk in gone] + [(pk, ConsequenceStatus.OPEN) for pk in again]
    ConsequenceStep.objects.bulk_create(ConsequenceStep(consequence_id=pk, status=to, at=now) for pk, to in became)
    for pk, _, month, measured in rows:
        if month is not None:
            touched(Consequence.objects.filter(pk=pk), last_month=month, measured=measured)
    return opened + len(rows)


def undecided() -> dict[str, object]:
    """Columns of an item about which nobody has decided."""
    return {"reason": "", "decided_by": None, "decided_by_name": "", "decided_at": None}


@transaction.atomic
def decide_on_consequence(
    *, by: Membership, consequence: Consequence, decision: ConsequenceStatus, reason: str, seen: int | None = None
) -> Consequence:
    """Use what a rule gives a right to, let it lapse, or waive it; a decision may be changed by another one.

    RuleBroken without a reason, or where the time to use it is over; Conflict where it is another one by now than was seen.
    """
    require(by, "rule.decide")
    must_be_as_seen(consequence, seen)
    why, now = checked(reason, "reason"), clock.database_now()
    today = consequence.contract.day(now)
    until = consequence.usable_until
    if decision == ConsequenceStatus.USED and until is not None and is_over(until, today):
        raise RuleBroken(
            "expired", f"This could be used until {format_day(until)}. Say that it lapsed, or that it is waived."
        )
    move(
        consequence,
        decision,
        CONSEQUENCE_TRANSITIONS,
        reason=why,
        decided_by=by,
        decided_by_name=by.name,
        decided_at=now,
    )
    ConsequenceStep.objects.create(consequence=consequence, status=decision, reason=why, by=by, by_name=by.name, at=now)
    mark_handled(by=by, key=event_key(consequence), at=now)
    return consequence


def event_key(consequence: Consequence) -> str:
    """What the keys of all events about it begin with, as in sql/rules_that_hold.sql."""
    digest = md5(consequence.rule.encode(), usedforsecurity=False).hexdigest()
    return f"rule:{consequence.contract_id}:{consequence.service_level_id or 0}:{consequence.since:%Y-%m}:{digest}"
