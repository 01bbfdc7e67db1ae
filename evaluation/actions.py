"""Judging: what is due, from the facts and terms that stand now. Runs twice without harm; the second time writes nothing."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import DataError, connection, transaction

from evaluation import pipeline
from evaluation.pipeline import SHARE, Asked

log = logging.getLogger(__name__)

# Of each contract with something to judge: from when on, and its local day. Facts or terms entered in the docket, slots that
# are still open, and periods that have begun since. Locked, so that an entry made meanwhile waits and is seen the next time.
DUE = """
SELECT c.id, least(d.from_on, open.starts_on, d.judged_on + 1, CASE WHEN d.judged_on IS NULL THEN c.starts_on END),
    (%(now)s AT TIME ZONE c.timezone)::date, coalesce(d.from_on, CASE WHEN d.judged_on IS NULL THEN c.starts_on END)
FROM contracts_docket AS d
JOIN contracts_contract AS c ON c.id = d.contract_id
LEFT JOIN LATERAL (
    SELECT min(r.starts_on) AS starts_on FROM evaluation_result AS r WHERE r.contract_id = c.id AND r.outcome = 'pending'
) AS open ON true
WHERE d.from_on IS NOT NULL OR d.judged_on IS NULL OR d.judged_on < (%(now)s AT TIME ZONE c.timezone)::date
ORDER BY c.id LIMIT %(limit)s
FOR UPDATE OF d SKIP LOCKED
"""
STRIKE = """
UPDATE contracts_docket AS d SET from_on = NULL, judged_on = a.as_of
FROM unnest(%s::bigint[], %s::date[]) AS a (contract_id, as_of) WHERE d.contract_id = a.contract_id
"""


def judge_due(*, now: datetime, limit: int = SHARE) -> int:
    """Judge up to `limit` contracts of the organisation that have something to judge. Returns how many were judged.

    Call it until it returns 0. Contracts that another worker holds are left to that worker.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "limit": limit})
        judged = _judge_apart([Asked(*row) for row in cursor.fetchall()], now)
        cursor.execute(STRIKE, [[one.contract_id for one in judged], [one.as_of for one in judged]])
    return len(judged)


def _judge_apart(due: list[Asked], now: datetime) -> list[Asked]:
    """Judge contracts together or, where the database refuses that (a number too large for its column), one by one.

    So one contract holds up no other. It stays in the docket and is tried, and logged, again. Returns those that were judged.
    """
    try:
        with transaction.atomic():
            if due:
                judge(due, now=now)
        return due
    except DataError:
        if len(due) == 1:
            log.exception("Contract %s cannot be judged.", due[0].contract_id)
            return []
        return [one for each in due for one in _judge_apart([each], now)]


def judge(asked: Sequence[Asked], *, now: datetime) -> int:
    """Judge slots, then the months from the earliest difference on. Returns the number of contracts where a result changed."""
    pipeline.tune()
    changed = pipeline.store_results(asked, now)
    pipeline.store_months([_touch(one, changed.get(one.contract_id)) for one in asked], now)
    return len(changed)


def _touch(asked: Asked, changed: date | None) -> Asked:
    """With the earliest month that a changed result or the docket touches."""
    days = [day for day in (asked.touched_from, changed) if day is not None]
    return replace(asked, from_on=min([asked.from_on, *days]), touched_from=min(days, default=None))
