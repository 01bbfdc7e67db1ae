"""How far the reporting of a month has come, for many contracts at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from contracts.models import Contract

# What can be said of a slot, the most urgent first. A draft says nothing yet: nobody has handed it over.
STATES = ("late", "returned", "submitted", "due", "not_due", "accepted")

SLOTS = """
WITH period AS MATERIALIZED (
    SELECT p.contract_id, p.id, p.cycle, p.starts_on, p.due_on,
        CASE WHEN p.ends_on >= t.today THEN 'not_due' WHEN p.due_on >= t.today THEN 'due' ELSE 'late' END AS unreported
    FROM contracts_period AS p
    JOIN contracts_contract AS c ON c.id = p.contract_id
    CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE c.timezone)::date AS today) AS t
    WHERE p.contract_id = ANY(%(contracts)s) AND p.month = %(month)s
),
slot AS MATERIALIZED (
    SELECT p.contract_id, p.id AS period_id, s.id AS service_level_id, p.due_on, p.unreported
    FROM period AS p
    JOIN slas_servicelevel AS s ON s.contract_id = p.contract_id AND s.cycle = p.cycle
    WHERE EXISTS (SELECT FROM slas_terms AS t WHERE t.service_level_id = s.id AND t.valid @> p.starts_on)
),
-- Of an accepted revision and a correction under way, the accepted one holds for the slot.
reported AS MATERIALIZED (
    SELECT f.service_level_id, f.period_id, min(b.status) FILTER (WHERE b.status <> 'draft') AS status,
        bool_or(b.status = 'draft') AS drafted
    FROM measurements_submission AS b
    JOIN measurements_figure AS f ON f.submission_id = b.id
    WHERE b.contract_id = ANY(%(contracts)s) AND b.month = %(month)s AND b.status <> 'superseded'
    GROUP BY f.service_level_id, f.period_id
)
SELECT s.contract_id, coalesce(r.status, s.unreported) AS state, count(*),
    count(*) FILTER (WHERE r.drafted AND r.status IS NULL) AS drafted, min(s.due_on) AS first_due, max(s.due_on) AS last_due
FROM slot AS s
LEFT JOIN reported AS r USING (service_level_id, period_id)
GROUP BY s.contract_id, coalesce(r.status, s.unreported)
"""

SUBMISSIONS = """
SELECT b.contract_id, b.status, b.id, b.revision, b.submitted_at,
    -- Of a submission that was returned, when it was first submitted decides whether it was late: what follows has a reason of its own.
    (least(b.submitted_at, (
        SELECT min(sent.at) FROM measurements_step AS sent
        JOIN measurements_step AS back ON back.submission_id = sent.submission_id AND back.kind = 'returned' AND back.at >= sent.at
        WHERE sent.submission_id = b.id AND sent.kind = 'submitted'
    )) AT TIME ZONE c.timezone)::date AS submitted_on
FROM measurements_submission AS b
JOIN contracts_contract AS c ON c.id = b.contract_id
WHERE b.contract_id = ANY(%(contracts)s) AND b.month = %(month)s
ORDER BY b.revision
"""


@dataclass
class MonthState:
    """One contract's month: how many slots are in which of STATES, and the submissions that hold their figures.

    `due_on` is the first due day among the slots for which nothing was submitted yet, None where there are none;
    `last_due_on` the last one of all. Days are the contract's local days, and `today` is one.
    """

    month: date
    today: date
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    drafted: int = 0  # slots that have a figure in a draft alone
    due_on: date | None = None
    last_due_on: date | None = None
    live_id: int | None = None  # the draft, submitted or returned submission
    live_status: str = ""
    accepted_id: int | None = None
    revision: int = 0  # of the latest submission, 0 where there is none
    submitted_at: datetime | None = None  # of the first that was submitted and still counts
    first_sent_on: date | None = None  # when revision 1 was submitted, superseded or not

    @property
    def expected(self) -> int:
        """The number of slots that end in the month."""
        return sum(self.counts.values())

    @property
    def state(self) -> str:
        """The most urgent state that any slot is in; empty where the month has no slots."""
        return next((state for state in STATES if self.counts[state]), "")

    @property
    def was_late(self) -> bool:
        """Whether figures were first submitted after the month's last due day. A correction is not late."""
        return bool(self.first_sent_on and self.last_due_on and self.first_sent_on > self.last_due_on)


def month_state(contracts: Iterable[Contract], month: date, now: datetime) -> dict[int, MonthState]:
    """How far each contract's reporting of a month has come on its local day, by its id. `month` is its first day.

    Two statements, whatever the number of contracts.
    """
    days = {one.pk: one.day(now) for one in contracts}
    asked: dict[str, Any] = {"contracts": list(days), "month": month, "now": now}
    states = {pk: MonthState(month, today) for pk, today in days.items()}
    if not states:
        return states
    with connection.cursor() as cursor:
        cursor.execute(SLOTS, asked)
        for contract_id, name, count, drafted, first_due, last_due in cursor.fetchall():
            state = states[contract_id]
            state.counts[name] = count
            state.drafted += drafted
            state.last_due_on = max(last_due, state.last_due_on or last_due)
            if name in ("late", "due", "not_due"):
                state.due_on = min(first_due, state.due_on or first_due)
        cursor.execute(SUBMISSIONS, asked)
        for contract_id, status, pk, revision, submitted_at, submitted_on in cursor.fetchall():
            state = states[contract_id]
            state.revision = revision
            if revision == 1:
                state.first_sent_on = submitted_on
            if status == "superseded":
                continue
            if status == "accepted":
                state.accepted_id = pk
            else:
                state.live_id, state.live_status = pk, status
            if submitted_at is not None and state.submitted_at is None:
                state.submitted_at = submitted_at
    return states
