"""Judging: what is due, from the facts and terms that stand now. Runs twice without harm; the second time writes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from evaluation import pipeline
from evaluation.apart import do_apart
from evaluation.pipeline import SHARE, EvaluationRequest
from lib.postgres import array

STEP = "judge"
SLOTS_AT_ONCE = 25_000  # a second or so of one worker
# Each contract that is marked for re-evaluation, or whose local day has changed. Rows are locked, so that a mark set meanwhile is seen the
# next time. What failed comes last.
TAKE = """
SELECT d.failed_step = %(step)s, d.contract_id
FROM contracts_reevaluation AS d
JOIN contracts_contract AS c ON c.id = d.contract_id
WHERE (d.from_on IS NOT NULL OR d.judged_on IS NULL OR d.judged_on < (%(now)s AT TIME ZONE c.timezone)::date)
    AND (d.failed_step <> %(step)s OR d.try_at IS NULL OR d.try_at <= %(now)s)
ORDER BY 1, d.contract_id LIMIT %(limit)s
FOR UPDATE OF d SKIP LOCKED
"""
# Of each that was taken: from which day, as of which day, and since when facts or terms changed. It starts at the first month that is not
# settled: not final yet, or missing because nothing ended in it. Where only days have passed, `needs_evaluation` says whether that matters:
# a month ended, a period began or an open slot fell due. On all other days nothing can differ from what is stored. Looked at once they are
# held: what another worker judged until it let go of them is seen, and of those that wait nothing is read.
DUE = """
SELECT c.id, least(d.from_on, open.starts_on, unsettled.month, CASE WHEN d.judged_on IS NULL THEN c.starts_on END),
    t.today, coalesce(d.from_on, CASE WHEN d.judged_on IS NULL THEN c.starts_on END),
    d.from_on IS NOT NULL OR d.judged_on IS NULL OR open.due_on < t.today OR d.failed_step = %(step)s
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
WHERE d.contract_id = ANY (%(contracts)s::bigint[])
ORDER BY array_position(%(contracts)s::bigint[], c.id)
"""
# Whether there is any of them.
IS_DUE = """
SELECT EXISTS (
    SELECT FROM contracts_reevaluation AS d
    JOIN contracts_contract AS c ON c.organisation_id = d.organisation_id AND c.id = d.contract_id
    WHERE d.organisation_id = %(organisation)s
        AND (d.from_on IS NOT NULL OR d.judged_on IS NULL OR d.judged_on < (%(now)s AT TIME ZONE c.timezone)::date)
        AND (d.failed_step <> 'judge' OR d.try_at IS NULL OR d.try_at <= %(now)s)
)
"""
# How many slots each of them has from a day on: what the time to judge it depends on.
SLOTS = """
SELECT a.contract_id, (
    SELECT count(*) FROM slas_servicelevel AS s
    JOIN contracts_period AS p ON p.organisation_id = s.organisation_id AND p.contract_id = s.contract_id AND p.cycle = s.cycle
    WHERE s.contract_id = a.contract_id AND p.starts_on BETWEEN a.from_on AND a.as_of)
FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS a (contract_id, from_on, as_of)
"""
CLEAR = """
UPDATE contracts_reevaluation AS d SET from_on = NULL, judged_on = a.as_of, judgements = d.judgements + a.judged::int
FROM unnest(%s::bigint[], %s::date[], %s::bool[]) AS a (contract_id, as_of, judged) WHERE d.contract_id = a.contract_id
"""


def judge_due(*, now: datetime, limit: int = SHARE) -> int:
    """Judge a share of what is due. Returns how many contracts were tried; call it until it returns 0."""
    return judge_share(now=now, limit=limit)[0]


def judge_share(*, now: datetime, limit: int = SHARE, slots: int = SLOTS_AT_ONCE) -> tuple[int, bool]:
    """Bring a share of the organisation's contracts up to date and clear them from the queue. Returns how many were tried, and whether
    there may be more.

    A share is at most `limit` contracts and about `slots` slots; one contract with more is a share by itself. Contracts that another
    worker holds are left to that worker. One that cannot be judged stays in the queue, with the reason, and is tried again later.
    """
    asked: dict[str, Any] = {"now": now, "step": STEP}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, asked | {"limit": limit})
        taken = {contract_id: failed for failed, contract_id in cursor.fetchall()}
    if not taken:
        return 0, False
    with connection.cursor() as cursor:
        cursor.execute(DUE, asked | {"contracts": array(taken)})
        rows = cursor.fetchall()
    due = [EvaluationRequest(*row) for *row, needs_evaluation in rows if needs_evaluation]
    share = _first(due, slots)
    quiet = [EvaluationRequest(*row) for *row, needs_evaluation in rows if not needs_evaluation]
    judged = do_apart(
        {one.contract_id: one for one in share},
        lambda requests: judge(requests, now=now),
        step=STEP,
        failed_before={contract_id for contract_id, failed in taken.items() if failed},
        now=now,
    )
    with connection.cursor() as cursor:
        contracts, days = [one.contract_id for one in judged + quiet], [one.as_of for one in judged + quiet]
        cursor.execute(CLEAR, [contracts, days, [True] * len(judged) + [False] * len(quiet)])
    return len(rows) - len(due) + len(share), len(rows) == limit or len(share) < len(due)


def _first(due: list[EvaluationRequest], slots: int) -> list[EvaluationRequest]:
    """As many as have about so many slots together, but at least one."""
    if len(due) < 2:
        return due
    with connection.cursor() as cursor:
        asked = [[getattr(one, name) for one in due] for name in ("contract_id", "from_on", "as_of")]
        cursor.execute(SLOTS, asked)
        sizes = dict(cursor.fetchall())
    share: list[EvaluationRequest] = []
    for one in due:
        slots -= sizes[one.contract_id]
        if share and slots < 0:
            break
        share.append(one)
    return share


def judge(requests: Sequence[EvaluationRequest], *, now: datetime) -> int:
    """Judge slots, then the months from the earliest difference on. Returns the number of contracts where a result changed."""
    with pipeline.tuned() as session:
        changed = pipeline.store_results(session, requests, now)
        pipeline.store_months(session, [_touch(one, changed.get(one.contract_id)) for one in requests], now)
    return len(changed)


def _touch(request: EvaluationRequest, changed: date | None) -> EvaluationRequest:
    """With the earliest month that a changed result or a mark for re-evaluation affects."""
    days = [day for day in (request.changed_from, changed) if day is not None]
    return replace(request, from_on=min([request.from_on, *days]), changed_from=min(days, default=None))
