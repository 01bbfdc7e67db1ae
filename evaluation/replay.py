"""What would be: a draft submission's figures in place of the accepted ones, or proposed contracts in place of those in force.

The same steps as the judgement, read and not written: months, window rules and scores are computed from what is judged again and from the
stored judgements around it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Min

from contracts.models import Period
from evaluation import pipeline
from evaluation.models import Month, Result, TriggeredRule
from evaluation.pipeline import MONTHS, SLOTS, EvaluationRequest, statement, values
from evaluation.proposed import Rows, as_parameter
from measurements.models import Submission
from organisations import kept_plans
from slas.models import ServiceLevel

Row = dict[str, Any]

REST = ("evaluation_window", "stored_results", "projected_results", *MONTHS, "scored_months", "scores")
PROPOSED = ("proposed_contracts", *SLOTS, *REST)
PREVIEWED = (*SLOTS, "headroom", *REST)

# One text for each kind of rows: a text for each row took longer to read than to judge.
PROJECTION = """SELECT 'results', json_agg(r)::text FROM (
    SELECT contract_id, service_level_id, code, starts_on, month, value, band_name, outcome, streak, factor, points, score
    FROM windowed_result WHERE is_new) AS r
UNION ALL SELECT 'months', json_agg(n)::text FROM money AS n
UNION ALL SELECT 'triggered_rules', json_agg(f)::text FROM triggered_rule AS f
UNION ALL SELECT 'scores', json_agg(s)::text FROM score AS s
UNION ALL SELECT 'credit_changes', json_agg(d)::text FROM (
    SELECT n.contract_id, n.month, n.credit - n.earned_back - o.credit + o.earned_back AS amount
    FROM money AS n
    JOIN evaluation_month AS o ON o.contract_id = n.contract_id AND o.month = n.month AND o.contract_id = ANY (%(contracts)s::bigint[])
    ) AS d WHERE d.amount <> 0
UNION ALL SELECT 'outcome_changes', json_agg(t)::text FROM (
    SELECT n.contract_id, n.service_level_id, n.code, n.starts_on, n.month, n.streak > 0 AS breach
    FROM windowed_result AS n
    JOIN evaluation_result AS o ON o.service_level_id = n.service_level_id AND o.starts_on = n.starts_on
        AND o.contract_id = ANY (%(contracts)s::bigint[]) AND o.month >= (SELECT min(q.since) FROM evaluation_window AS q)
    WHERE n.is_new AND (n.streak > 0) <> (o.streak > 0)
    ) AS t"""
HEADROOM = "SELECT 'headroom', json_agg(h)::text FROM headroom AS h"
PREVIEW = f"{PROJECTION}\nUNION ALL {HEADROOM}"
# Rows come as texts, because a number of JSON would come as a binary fraction.
EXACT = json.JSONDecoder(parse_float=Decimal)


@dataclass(frozen=True)
class Proposal:
    """A contract as proposed, and the ids of its service levels that are judged again; of the others the results stand."""

    rows: Rows
    levels: Sequence[int]

    @property
    def contract_id(self) -> int:
        return int(self.rows.contract["id"])


@dataclass(frozen=True)
class Projection:
    """Re-evaluated slots, and the months, triggered rules and scores that follow; rows have the columns of evaluation/sql.

    Compared with what is stored: `credit_changes` are months whose credit, less what is earned back, differs (`amount`, the difference);
    `outcome_changes` are slots that would become a breach or would no longer be one (`breach`). Of a preview, `headroom` has with how many
    more failures a slot would lose its band (evaluation/sql/headroom.sql).
    """

    results: list[Row]
    months: list[Row]
    triggered_rules: list[Row]
    scores: list[Row]
    credit_changes: list[Row] = field(default_factory=list)
    outcome_changes: list[Row] = field(default_factory=list)
    headroom: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Replay:
    """What holds now and what would hold, for the same slots and months. `fingerprint` changes with any input of either."""

    before: Projection
    after: Projection
    fingerprint: str

    @property
    def changed(self) -> list[tuple[Row, Row]]:
        """The slots whose outcome would be another: (before, after)."""
        old = {(row["service_level_id"], row["starts_on"]): row for row in self.before.results}
        pairs = [(old.get((row["service_level_id"], row["starts_on"])), row) for row in self.after.results]
        return [(was, now) for was, now in pairs if was is not None and was["outcome"] != now["outcome"]]


def preview(
    submission: Submission,
    *,
    as_of: date,
    from_on: date | None = None,
    levels: Sequence[int] | None = None,
    headroom_of: int | None = None,
) -> Projection:
    """The outcome of a submission before it is accepted: slots from its month on to today, and what follows for their months.

    Whoever has read them says `from_on`, the first day of the earliest period that ends in the month, of a quarter two months ago, and
    `levels`, the ids of the contract's service levels: two statements then. `headroom_of`: the
    one service level whose headroom is asked for.
    """
    if from_on is not None:
        requests = [EvaluationRequest(submission.contract_id, from_on, as_of)]
        return _preview(requests, levels=levels, preview=submission.pk, headroom_of=headroom_of)
    cycles = ServiceLevel.objects.filter(contract=submission.contract_id).values("cycle")
    ending = Period.objects.filter(contract=submission.contract_id, month=submission.month, cycle__in=cycles)
    first = ending.aggregate(first=Min("starts_on"))["first"]  # of a quarter that ends now, two months ago
    requests = [EvaluationRequest(submission.contract_id, first or submission.month, as_of)]
    return _preview(requests, preview=submission.pk, headroom_of=headroom_of)


def _preview(requests: Sequence[EvaluationRequest], **parameters: Any) -> Projection:
    return _project(requests, PREVIEWED, PREVIEW, **parameters)


def headroom(submission_id: int, contract_id: int, level: int, *, starts_on: date, as_of: date) -> Row | None:
    """With how many more failures a service level loses its band, in the period that begins on `starts_on` and runs on `as_of`, by the
    figures of a submission, accepted or not; None where nothing can be said. One statement: of one service level, it needs no other
    planner."""
    requests, steps = [EvaluationRequest(contract_id, starts_on, as_of)], (*SLOTS, "headroom")
    given = values(steps, requests, levels=[level], preview=submission_id)
    [(_, text)] = kept_plans.rows(statement(steps, HEADROOM), given)
    return next(iter(_decoded(text)), None)


def replay(proposals: Sequence[Proposal], *, from_on: date, as_of: date, until: date | None = None) -> Replay:
    """Judge the periods from `from_on` to `as_of` as if proposed contracts were those in force, and compare months up to `until`.

    Set-based: one run for proposals over many service levels and contracts.
    """
    levels = [number for proposal in proposals for number in proposal.levels]
    contracts = sorted(proposal.contract_id for proposal in proposals)
    requests = [EvaluationRequest(contract_id, from_on, as_of) for contract_id in contracts]
    proposed = as_parameter(proposal.rows for proposal in proposals)
    before = stored(contracts, levels, from_on)
    after = _project(requests, PROPOSED, levels=levels, proposed=proposed)
    if until is not None:
        before, after = (_up_to(until, one) for one in (before, after))
    return Replay(before, after, _fingerprint(proposed, before))


def _up_to(until: date, projection: Projection) -> Projection:
    return Projection(
        **{
            kind.name: [row for row in getattr(projection, kind.name) if row["month"] <= until]
            for kind in fields(Projection)
        }
    )


def stored(contracts: Sequence[int], levels: Sequence[int], from_on: date) -> Projection:
    """What holds now for the service levels from a day on, and for their contracts' months from that month on."""
    month = from_on.replace(day=1)
    results = Result.objects.filter(service_level_id__in=levels, starts_on__gte=from_on).order_by(
        "service_level_id", "starts_on"
    )
    names = (
        "service_level_id",
        "starts_on",
        "month",
        "value",
        "band_name",
        "outcome",
        "streak",
        "points",
        "revision",
    )
    months = Month.objects.filter(contract_id__in=contracts, month__gte=month).order_by("contract_id", "month")
    triggered_rules = TriggeredRule.objects.filter(contract_id__in=contracts, month__gte=month).order_by(
        "month", "rule"
    )
    return Projection(
        list(results.values(*names)),
        list(
            months.values(
                "contract_id",
                "month",
                "points",
                "credit_before_caps",
                "credit",
                "capped_amount",
                "earned_back",
                "capped",
            )
        ),
        list(triggered_rules.values("contract_id", "month", "rule", "service_level_id", "measured", "then")),
        [],
    )


def _project(
    requests: Sequence[EvaluationRequest], steps: tuple[str, ...], last: str = PROJECTION, **parameters: Any
) -> Projection:
    found: dict[str, list[Row]] = {kind.name: [] for kind in fields(Projection)}
    with pipeline.tuned() as session:
        rows = session.run(steps, last, requests, **parameters)
    for kind, text in rows:
        found[kind] = _decoded(text)
    return Projection(**{kind: sorted(rows, key=_order) for kind, rows in found.items()})


def _decoded(text: str | None) -> list[Row]:
    return [_dated(row) for row in EXACT.decode(text or "[]")]


def _dated(row: Row) -> Row:
    for name in ("starts_on", "month"):
        if name in row:
            row[name] = _day(row[name])
    return row


@lru_cache(maxsize=4096)  # the same few days in thousands of rows
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _order(row: Row) -> tuple[Any, ...]:
    named = row.get("code") or row.get("rule", "")
    return row["contract_id"], row["month"], named, row.get("service_level_id") or 0, row.get("starts_on", row["month"])


def _fingerprint(proposed: str, before: Projection) -> str:
    """Of the proposal and of every judgement it is compared with: approval may ask whether it still matches the data.

    Fingerprints are kept: another form of the text would make everything that waits for approval look stale.
    """
    results = [
        (row["service_level_id"], str(row["starts_on"]), row["revision"], row["outcome"], str(row["points"]))
        for row in before.results
    ]
    months = [
        (row["contract_id"], str(row["month"]), *(str(row[name]) for name in ("points", "credit", "earned_back")))
        for row in before.months
    ]
    text = f"[{proposed}, {json.dumps(results)}, {json.dumps(months)}]"
    return hashlib.sha256(text.encode()).hexdigest()
