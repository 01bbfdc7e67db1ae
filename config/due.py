"""Whether an organisation has anything to do: what each tick asks for each organisation, in one prepared statement that reads no history.

The conditions stand with the steps that they are for. Each may say yes where a step then finds nothing; none may say no where it would
find something. Once a night every step looks at everything all the same (`config.tasks.look_again`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

import agreements.actions
import audit.actions
import breaches.actions
import credits.actions
import disputes.actions
import evaluation.actions
import exports.actions
import notifications.actions
import scorecards.actions
from breaches.rules import LATELY, NEWS_MONTHS
from evaluation import follow_up
from organisations import kept_plans
from organisations.scope import current_organisation_id

STEPS = [
    scorecards.actions.STEP,
    breaches.actions.OPEN_STEP,
    breaches.actions.VERIFY_STEP,
    credits.actions.POST_STEP,
    breaches.actions.ALERT_STEP,
]
CONDITIONS = (
    agreements.actions.IS_DUE,
    agreements.actions.NOTICES_ARE_DUE,
    agreements.actions.BULK_IS_DUE,
    agreements.actions.ENDINGS_ARE_DUE,
    evaluation.actions.IS_DUE,
    follow_up.ANY_IS_BEHIND,
    *breaches.actions.ALERTS_ARE_DUE,
    breaches.actions.VERIFY_IS_DUE,
    breaches.actions.CLIMB_IS_DUE,
    scorecards.actions.PACKS_ARE_DUE,
    exports.actions.IS_DUE,
    disputes.actions.ACCEPTANCE_IS_DUE,
    disputes.actions.ESCALATION_IS_DUE,
    notifications.actions.DELIVERY_IS_DUE,
    notifications.actions.INVITATIONS_ARE_DUE,
    audit.actions.IS_DUE,
)
TYPES = {
    "organisation": "bigint", "now": "timestamptz", "since": "timestamptz", "news_months": "int", "limit": "bigint",
    "contracts": "bigint[]", "steps": "text[]",
}  # fmt: skip
GIVEN = ", ".join(f"%({name})s::{kind}" for name, kind in TYPES.items())  # so that it is known what each is
STATEMENT = f"SELECT {' OR '.join(f'({one})' for one in CONDITIONS)} FROM (SELECT {GIVEN}) AS given"  # noqa: S608
# One plan for all organisations, by indexes alone: a table that is small when the plan is made grows.
BY_INDEX = "SET LOCAL enable_seqscan = off"


def work_is_due(*, now: datetime) -> bool:
    """Whether any step has something to do for the organisation in scope. Two statements; the scope is to be closed after them."""
    return bool(_by_index(kept_plans.rows, now)[0][0])


def plan(*, now: datetime) -> dict[str, Any]:
    """How the statement is run, with what it read, as EXPLAIN gives it in JSON."""
    return dict(_by_index(kept_plans.plan, now))


def _by_index(how: Callable[[str, Mapping[str, Any]], Any], now: datetime) -> Any:
    given: dict[str, Any] = {"organisation": current_organisation_id(), "now": now, "since": now - LATELY}
    given |= {"news_months": NEWS_MONTHS, "limit": 1, "contracts": "{}", "steps": STEPS}
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
    return how(STATEMENT, given)
