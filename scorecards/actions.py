"""Building scorecards from judged months."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection

from evaluation.pipeline import MONTHS, STORED, Asked, run, set_aside, tune

DUE = """
SELECT m.contract_id, min(m.month), (%(now)s AT TIME ZONE c.timezone)::date
FROM evaluation_month AS m
JOIN contracts_contract AS c ON c.id = m.contract_id
LEFT JOIN scorecards_scorecard AS s ON s.contract_id = m.contract_id AND s.month = m.month
WHERE s.id IS NULL OR s.built_at < m.judged_at
GROUP BY m.contract_id, c.timezone
"""
STEPS = (*MONTHS, "scores")
STORE = (Path(__file__).parent / "sql" / "store_scorecards.sql").read_text().strip()


def build_due(*, now: datetime) -> int:
    """Build the scorecards of months that were judged since. Returns the number of contracts that had one to build."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now})
        due = [Asked(*row) for row in cursor.fetchall()]
    if due:
        build(due, now=now)
    return len(due)


def build(asked: Sequence[Asked], *, now: datetime) -> int:
    """Build scorecards from `from_on` on and write them. Returns the number written."""
    tune()
    with set_aside(STORED, "SELECT * FROM result", asked):
        return int(run(STEPS, STORE, asked, now=now)[0][0])
