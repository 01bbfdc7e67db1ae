"""The plans that sessions keep for the judgement's statements."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from evaluation import pipeline, replay
from evaluation.pipeline import EvaluationRequest
from scorecards import actions as scorecards

STATEMENTS = {
    "results": (pipeline.SLOTS, pipeline.STORE_RESULTS),
    "months": ((*pipeline.STORED, *pipeline.MONTHS), pipeline.STORE_MONTHS),
    "scorecards": (scorecards.STEPS, scorecards.STORE),
    "replay": (replay.STEPS, replay.PROJECTION),
}


def scans(node):
    if "Relation Name" in node and "Scan" in node["Node Type"]:
        yield node
    for part in node.get("Plans", []):
        yield from scans(part)


def plan(steps, last):
    requests = [EvaluationRequest(1, date(2025, 1, 1), date(2025, 6, 1), date(2025, 1, 1))]
    pipeline.tune()
    return pipeline.plan(steps, last, requests, levels=[1], now=datetime(2025, 6, 1, tzinfo=UTC))


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
