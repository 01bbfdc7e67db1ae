"""Building scorecards from judged months."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection

from evaluation.apart import do_apart
from evaluation.follow_up import note_seen
from evaluation.pipeline import SHARE, EvaluationRequest, tuned
from lib.postgres import array

STEP = "score"

# Each contract that was judged since its scorecards were built. Locked as for judging, so that no month is judged again while it is read.
# What is being judged, or is still to be, is left to whoever judges it: it is scored next, and must not be found taken.
TAKE = """
SELECT d.failed_step = %(step)s, d.judgements, d.contract_id, (%(now)s AT TIME ZONE c.timezone)::date
FROM contracts_reevaluation AS d
JOIN contracts_contract AS c ON c.id = d.contract_id
LEFT JOIN evaluation_watermark AS w ON w.contract_id = d.contract_id AND w.step = %(step)s
WHERE d.from_on IS NULL AND d.judgements IS DISTINCT FROM w.judgements
    AND (d.failed_step <> %(step)s OR d.try_at IS NULL OR d.try_at <= %(now)s)
ORDER BY 1, d.contract_id LIMIT %(limit)s
FOR UPDATE OF d SKIP LOCKED
"""
# Of those that were taken, the earliest month that has no card of its judgement. Looked for once they are held: the number that is noted as
# seen is that of the row as it was locked, and a statement sees the months as they stood when it began.
LATE = """
SELECT m.contract_id, min(m.month)
FROM evaluation_month AS m
LEFT JOIN scorecards_scorecard AS s ON s.contract_id = m.contract_id AND s.month = m.month
WHERE m.contract_id = ANY (%s::bigint[]) AND s.judged_at IS DISTINCT FROM m.judged_at
GROUP BY m.contract_id ORDER BY m.contract_id
"""
STEPS = ("stored_months", "scores")
STORE = (Path(__file__).parent.parent / "sql" / "store_scorecards.sql").read_text().strip()


def build_due(*, now: datetime, limit: int = SHARE) -> int:
    """Build the scorecards of months that were judged since, for up to `limit` contracts. Returns for how many it was tried.

    Call it until it returns 0: who reports on a contract waits as long as it is held.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"now": now, "limit": limit, "step": STEP})
        rows = cursor.fetchall()
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(LATE, [array([contract_id for _, _, contract_id, _ in rows])])
        late = dict(cursor.fetchall())
    today = {contract_id: day for _, _, contract_id, day in rows}
    due = {
        contract_id: EvaluationRequest(contract_id, month, today[contract_id]) for contract_id, month in late.items()
    }
    failed = {contract_id for has_failed, _, contract_id, _ in rows if has_failed}
    built = {one.contract_id for one in do_apart(due, build, step=STEP, failed_before=failed, now=now)}
    note_seen(
        STEP, {contract: judgements for _, judgements, contract, _ in rows if contract in built or contract not in due}
    )
    return len(rows)


def build(requests: Sequence[EvaluationRequest]) -> int:
    """Build scorecards from `from_on` on and write them. Returns the number written."""
    with tuned() as session:
        return int(session.run(STEPS, STORE, requests)[0][0])
