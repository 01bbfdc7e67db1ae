"""Whether an organisation has anything to do: what each tick asks for each organisation, in one prepared statement that reads no history.

The conditions stand with the steps that they are for. Each may say yes where a step then finds nothing; none may say no where it would
find something. Once a night every step looks at everything all the same (`config.tasks.look_again`).
"""

from datetime import datetime
from hashlib import sha256
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
PARAMETERS = {
    "organisation": "bigint", "now": "timestamptz", "since": "timestamptz", "news_months": "int", "limit": "bigint",
    "contracts": "bigint[]", "steps": "text[]",
}  # fmt: skip
NUMBERS = {name: f"${number}" for number, name in enumerate(PARAMETERS, 1)}
STATEMENT = f"({', '.join(PARAMETERS.values())}) AS SELECT " + " OR ".join(f"({one % NUMBERS})" for one in CONDITIONS)
NAME = f"work_is_due_{sha256(STATEMENT.encode()).hexdigest()[:16]}"
# One plan for all organisations, by indexes alone: a table that is small when the plan is made grows. The session is asked what it has,
# because a pooler may give us another.
KNOWN = """
SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
    EXISTS (SELECT FROM pg_prepared_statements WHERE name = %s)
"""


def work_is_due(*, now: datetime) -> bool:
    """Whether any step has something to do for the organisation in scope. Two statements; the scope is to be closed after them."""
    return bool(_execute("EXECUTE", now))


def plan(*, now: datetime) -> dict[str, Any]:
    """How the statement is run, with what it read, as EXPLAIN gives it in JSON."""
    [found] = _execute("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE", now)
    return dict(found["Plan"])


def _execute(how: str, now: datetime) -> Any:
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "now": now,
        "since": now - LATELY,
        "news_months": NEWS_MONTHS,
    }
    values |= {"limit": 1, "contracts": [], "steps": STEPS}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [NAME])
        if not cursor.fetchone()[-1]:
            cursor.execute(f"PREPARE {NAME} {STATEMENT}")
        cursor.execute(f"{how} {NAME} ({', '.join(['%s'] * len(PARAMETERS))})", [values[name] for name in PARAMETERS])
        return cursor.fetchone()[0]
