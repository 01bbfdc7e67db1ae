"""What has been judged since a step that builds on it last looked: breaches, the ledger, scorecards and alerts find their work by this.

Each judgement of a contract has a number, which stands in its row of the re-evaluation queue; each step notes per contract the number
that it has seen, in the transaction in which it did its work. The number is read before the work: what is judged meanwhile has a higher
one, and is found the next time. So a step reads the history of contracts that were judged since, and of no others.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from evaluation.models import Watermark
from organisations.scope import current_organisation_id

AT_ONCE = 200  # contracts that a step follows up in one transaction
RESULTS_AT_ONCE = 50_000  # of all of them together; one contract with more is followed up by itself
BEHIND = """
FROM contracts_contract AS c
LEFT JOIN contracts_reevaluation AS d ON d.organisation_id = c.organisation_id AND d.contract_id = c.id
LEFT JOIN evaluation_watermark AS w ON w.organisation_id = c.organisation_id AND w.contract_id = c.id AND w.step = %(step)s
WHERE c.organisation_id = %(organisation)s AND coalesce(d.judgements, 0) IS DISTINCT FROM w.judgements
    AND (d.try_at IS NULL OR d.failed_step <> %(step)s OR d.try_at <= %(now)s)
"""
JUDGED_SINCE = f"""
WITH behind AS (SELECT c.organisation_id, c.id, coalesce(d.judgements, 0) AS judgements {BEHIND} ORDER BY c.id LIMIT %(limit)s),
sized AS (
    SELECT b.id, b.judgements, (
        SELECT count(*) FROM evaluation_result AS r WHERE r.organisation_id = b.organisation_id AND r.contract_id = b.id) AS results
    FROM behind AS b
),
summed AS (SELECT *, row_number() OVER w AS nth, sum(results) OVER w AS so_far FROM sized WINDOW w AS (ORDER BY id))
SELECT id, judgements FROM summed WHERE nth = 1 OR so_far <= %(results)s ORDER BY id
"""  # noqa: S608  # its parts are constants
IS_BEHIND = f"SELECT EXISTS (SELECT {BEHIND})"
# The same for any of the steps that are named.
ANY_IS_BEHIND = """
SELECT EXISTS (
    SELECT FROM contracts_reevaluation AS d
    CROSS JOIN unnest(%(steps)s) AS s (step)
    LEFT JOIN evaluation_watermark AS w ON w.organisation_id = %(organisation)s AND w.contract_id = d.contract_id
        AND w.step = s.step AND w.judgements = d.judgements
    WHERE d.organisation_id = %(organisation)s AND w.id IS NULL
        AND (d.try_at IS NULL OR d.failed_step <> s.step OR d.try_at <= %(now)s)
)
"""
NOTE = """
INSERT INTO evaluation_watermark (organisation_id, contract_id, step, judgements)
SELECT %s, a.contract_id, %s, a.judgements FROM unnest(%s::bigint[], %s::bigint[]) AS a (contract_id, judgements)
ON CONFLICT (organisation_id, contract_id, step) DO UPDATE SET judgements = excluded.judgements
"""


def judged_since(step: str, *, now: datetime) -> dict[int, int]:
    """A share of the contracts that were judged since the step has seen them, each with the number to note once its work is done."""
    with connection.cursor() as cursor:
        cursor.execute(JUDGED_SINCE, _values(step, now) | {"limit": AT_ONCE, "results": RESULTS_AT_ONCE})
        return dict(cursor.fetchall())


def is_behind(step: str, *, now: datetime) -> bool:
    """Whether there are any."""
    with connection.cursor() as cursor:
        cursor.execute(IS_BEHIND, _values(step, now))
        return bool(cursor.fetchone()[0])


def note_seen(step: str, seen: Mapping[int, int]) -> None:
    """Note what the step has seen, in the transaction of its work."""
    if not seen:
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [current_organisation_id(), step, list(seen), list(seen.values())])


def look_again() -> int:
    """Have every step look at every contract of the organisation in scope again, as after a restored backup. Returns the number of marks
    that went."""
    return Watermark.objects.all().delete()[0]


def _values(step: str, now: datetime) -> dict[str, Any]:
    return {"step": step, "now": now, "organisation": current_organisation_id()}
