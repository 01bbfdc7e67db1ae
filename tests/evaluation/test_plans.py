"""The plans that sessions keep for the judgement's statements."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from evaluation import pipeline, replay
from evaluation.actions import judge
from evaluation.pipeline import EvaluationRequest
from scorecards.actions import building as scorecards

STATEMENTS = {
    "results": (pipeline.SLOTS, pipeline.STORE_RESULTS),
    "months": ((*pipeline.STORED, *pipeline.MONTHS), pipeline.STORE_MONTHS),
    "scorecards": (scorecards.STEPS, scorecards.STORE),
    "preview": (replay.PREVIEWED, replay.PREVIEW),
    "replay": (replay.PROPOSED, replay.PROJECTION),
}
REQUESTS = [EvaluationRequest(1, date(2025, 1, 1), date(2025, 6, 1), date(2025, 1, 1))]
NOW = datetime(2025, 6, 1, tzinfo=UTC)


def scans(node):
    if "Relation Name" in node and "Scan" in node["Node Type"]:
        yield node
    for part in node.get("Plans", []):
        yield from scans(part)


def plan(steps, last):
    with pipeline.tuned() as session:
        return session.plan(steps, last, REQUESTS, levels=[1], now=NOW)


@pytest.mark.parametrize(("steps", "last"), STATEMENTS.values(), ids=STATEMENTS)
def test_no_table_is_read_from_end_to_end(steps, last, cast, scope_of):
    with scope_of(cast.aldermoor):
        found = list(scans(plan(steps, last)))
    assert len(found) > 5
    assert {scan["Node Type"] for scan in found} <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}


def test_a_plan_is_made_again_when_the_tables_have_grown(cast, scope_of, monkeypatch):
    monkeypatch.setattr(pipeline, "GROWING", ["growing"])
    with scope_of(cast.aldermoor), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE growing (word text) ON COMMIT DROP")
        kept = []
        for rows in (0, 1, 3000):
            cursor.execute("INSERT INTO growing SELECT repeat('x', 100) FROM generate_series(1, %s)", [rows])
            plan(*STATEMENTS["results"])
            plan(*STATEMENTS["results"])
            cursor.execute("SELECT name FROM pg_prepared_statements")
            kept.append({name for (name,) in cursor.fetchall()})
    small, still_small, large = kept
    assert small == still_small and len(large - small) == 1


def planner():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s) ORDER BY 1", [list(pipeline.TUNED)])
        return cursor.fetchall()


WORK = {
    "judging": lambda: judge(REQUESTS, now=NOW),
    "scorecards": lambda: scorecards.build(REQUESTS),
    "a preview": lambda: replay._preview(REQUESTS, preview=1),
}


@pytest.mark.parametrize("work", WORK)
def test_the_planner_is_as_before_once_the_judgement_is_done(work, cast, scope_of):
    """A page that shows a preview goes on in the same transaction; without loops a lookup of one row would hash whole tables."""
    with scope_of(cast.aldermoor):
        before = planner()
        WORK[work]()
        assert planner() == before
        with pipeline.tuned():
            assert planner() != before
        with suppress(DatabaseError), transaction.atomic(), pipeline.tuned(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert planner() == before
