"""Judging: what is due, from the facts and terms that stand now. Runs twice without harm; the second time writes nothing."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import DataError, connection, transaction

from evaluation import pipeline
from evaluation.pipeline import SHARE, EvaluationRequest

log = logging.getLogger(__name__)

# Each contract that is marked for re-evaluation, or whose local day has changed: from which day, as of which day, and since when facts or
# terms changed. It starts at the first month that is not settled: not final yet, or missing because nothing ended in it. Where only days
# have passed, `needs_evaluation` says whether that matters: a month ended, a period began or an open slot fell due. On all other days
# nothing can differ from what is stored. Rows are locked, so that a mark set meanwhile is seen the next time.
DUE = """
SELECT c.id, least(d.from_on, open.starts_on, unsettled.month, CASE WHEN d.judged_on IS NULL THEN c.starts_on END),
    t.today, coalesce(d.from_on, CASE WHEN d.judged_on IS NULL THEN c.starts_on END),
    d.from_on IS NOT NULL OR d.judged_on IS NULL OR open.due_on < t.today
        OR date_trunc('month', d.judged_on) < date_trunc('month', t.today)
        OR EXISTS (SELECT FROM contracts_period AS p WHERE p.contract_id = c.id AND p.starts_on > d.judged_on AND p.starts_on <= t.today)
        AS needs_evaluation
FROM contracts_reevaluation AS d
JOIN contracts_contract AS c ON c.id = d.contract_id
CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE c.timezone)::date AS today) AS t
CROSS JOIN LATERAL (
    SELECT min(r.starts_on) AS starts_on, min(p.due_on) AS due_on
    FROM evaluation_result AS r
    JOIN contracts_period AS p ON p.id = r.period_id
    WHERE r.contract_id = c.id AND r.outcome = 'pending'
) AS open
CROSS JOIN LATERAL (
    SELECT coalesce(min(m.month) FILTER (WHERE NOT m.final), (max(m.month) + interval '1 month')::date, c.starts_on) AS month
    FROM evaluation_month AS m WHERE m.contract_id = c.id
) AS unsettled
WHERE d.from_on IS NOT NULL OR d.judged_on IS NULL OR d.judged_on < t.today
ORDER BY c.id LIMIT %(limit)s
FOR UPDATE OF d SKIP LOCKED
"""
CLEAR = """
UPDATE contracts_reevaluation AS d SET from_on = NULL, judged_on = a.as_of
FROM unnest(%s::bigint[], %s::date[]) AS a (contract_id, as_of) WHERE d.contract_id = a.contract_id
"""


def judge_due(*, now: datetime, limit: int = SHARE) -> int:
    """Bring up to `limit` contracts of the organisation up to date and clear them from the re-evaluation queue. Returns how many.

    Call it until it returns 0. Contracts that another worker holds are left to that worker.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "limit": limit})
        due = [(EvaluationRequest(*row), needs_evaluation) for *row, needs_evaluation in cursor.fetchall()]
        done = [one for one, needs_evaluation in due if not needs_evaluation]
        done += _judge_apart([one for one, needs_evaluation in due if needs_evaluation], now)
        cursor.execute(CLEAR, [[one.contract_id for one in done], [one.as_of for one in done]])
    return len(done)


def _judge_apart(due: list[EvaluationRequest], now: datetime) -> list[EvaluationRequest]:
    """Judge contracts together or, where the database refuses that (a number too large for its column), one by one.

    So one contract holds up no other. It stays in the re-evaluation queue and is tried, and logged, again. Returns those that were judged.
    """
    if not due:
        return []
    try:
        with transaction.atomic():
            judge(due, now=now)
        return due
    except DataError:
        if len(due) == 1:
            log.exception("Contract %s cannot be judged.", due[0].contract_id)
            return []
        return [one for each in due for one in _judge_apart([each], now)]


def judge(requests: Sequence[EvaluationRequest], *, now: datetime) -> int:
    """Judge slots, then the months from the earliest difference on. Returns the number of contracts where a result changed."""
    pipeline.tune()
    changed = pipeline.store_results(requests, now)
    pipeline.store_months([_touch(one, changed.get(one.contract_id)) for one in requests], now)
    return len(changed)


def _touch(request: EvaluationRequest, changed: date | None) -> EvaluationRequest:
    """With the earliest month that a changed result or a mark for re-evaluation affects."""
    days = [day for day in (request.changed_from, changed) if day is not None]
    return replace(request, from_on=min([request.from_on, *days]), changed_from=min(days, default=None))
