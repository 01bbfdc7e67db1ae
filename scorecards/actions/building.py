"""Building scorecards from judged months."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection

from evaluation.apart import do_apart
from evaluation.follow_up import note_seen
from evaluation.pipeline import SHARE, EvaluationRequest, tuned

STEP = "score"

# Of each contract that was judged since its scorecards were built: from the earliest month on that has no card of its judgement, and its
# local day. Locked as for judging, so that no month is judged again while it is read. What is being judged, or is still to be, is left to
# whoever judges it: it is scored next, and must not be found taken.
# Months are looked at of the contracts that are taken, not of all that wait.
DUE = """
SELECT taken.failed, taken.judgements, taken.contract_id, late.month, taken.today
FROM (
    SELECT d.failed_step = %(step)s AS failed, d.judgements, d.contract_id, (%(now)s AT TIME ZONE c.timezone)::date AS today
    FROM contracts_reevaluation AS d
    JOIN contracts_contract AS c ON c.id = d.contract_id
    LEFT JOIN evaluation_watermark AS w ON w.contract_id = d.contract_id AND w.step = %(step)s
    WHERE d.from_on IS NULL AND d.judgements IS DISTINCT FROM w.judgements
        AND (d.failed_step <> %(step)s OR d.try_at IS NULL OR d.try_at <= %(now)s)
    ORDER BY 1, d.contract_id LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED
) AS taken
CROSS JOIN LATERAL (
    SELECT min(m.month) AS month
    FROM evaluation_month AS m
    LEFT JOIN scorecards_scorecard AS s ON s.contract_id = m.contract_id AND s.month = m.month
    WHERE m.contract_id = taken.contract_id AND s.judged_at IS DISTINCT FROM m.judged_at
) AS late
"""
STEPS = ("stored_months", "scores")
STORE = (Path(__file__).parent.parent / "sql" / "store_scorecards.sql").read_text().strip()


def build_due(*, now: datetime, limit: int = SHARE) -> int:
    """Build the scorecards of months that were judged since, for up to `limit` contracts. Returns for how many it was tried.

    Call it until it returns 0: who reports on a contract waits as long as it is held.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "limit": limit, "step": STEP})
        rows = cursor.fetchall()
    due = {row[2]: EvaluationRequest(*row[2:]) for row in rows if row[3]}
    built = do_apart(due, build, step=STEP, failed_before={row[2] for row in rows if row[0]}, now=now)
    seen = {one.contract_id for one in built} | {row[2] for row in rows if not row[3]}
    note_seen(STEP, {row[2]: row[1] for row in rows if row[2] in seen})
    return len(rows)


def build(requests: Sequence[EvaluationRequest]) -> int:
    """Build scorecards from `from_on` on and write them. Returns the number written."""
    with tuned() as session:
        return int(session.run(STEPS, STORE, requests)[0][0])
