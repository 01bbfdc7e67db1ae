"""Building scorecards from judged months."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection

from evaluation.apart import do_apart
from evaluation.pipeline import SHARE, EvaluationRequest, run, tune

STEP = "score"

# Of each contract with a month that was judged since its scorecard was built: from which month on, and its local day. Locked as for
# judging, so that no month is judged anew while it is read. What is being judged, or is still to be, is left to whoever judges it: it is
# scored next, and must not be found taken.
DUE = """
SELECT d.failed_step = %(step)s, d.contract_id, late.month, (%(now)s AT TIME ZONE c.timezone)::date
FROM contracts_reevaluation AS d
JOIN contracts_contract AS c ON c.id = d.contract_id
JOIN (
    SELECT m.contract_id, min(m.month) AS month
    FROM evaluation_month AS m
    LEFT JOIN scorecards_scorecard AS s ON s.contract_id = m.contract_id AND s.month = m.month
    WHERE s.judged_at IS DISTINCT FROM m.judged_at
    GROUP BY m.contract_id
) AS late ON late.contract_id = d.contract_id
WHERE d.from_on IS NULL AND (d.failed_step <> %(step)s OR d.try_at IS NULL OR d.try_at <= %(now)s)
ORDER BY 1, d.contract_id LIMIT %(limit)s
FOR UPDATE OF d SKIP LOCKED
"""
STEPS = ("stored_months", "scores")
STORE = (Path(__file__).parent / "sql" / "store_scorecards.sql").read_text().strip()


def build_due(*, now: datetime, limit: int = SHARE) -> int:
    """Build the scorecards of months that were judged since, for up to `limit` contracts. Returns for how many it was tried.

    Call it until it returns 0: who reports on a contract waits as long as it is held.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "limit": limit, "step": STEP})
        rows = cursor.fetchall()
    due = [EvaluationRequest(*row) for _, *row in rows]
    do_apart(due, build, step=STEP, failed_before={contract_id for failed, contract_id, *_ in rows if failed}, now=now)
    return len(due)


def build(requests: Sequence[EvaluationRequest]) -> int:
    """Build scorecards from `from_on` on and write them. Returns the number written."""
    tune()
    return int(run(STEPS, STORE, requests)[0][0])
