"""Statements whose plans a session keeps: one statement each time, everybody's own rows, and what is None is not filtered by."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from organisations import kept_plans

pytestmark = pytest.mark.django_db
VENDORS = """
SELECT name FROM organisations_vendor WHERE (%(names)s::text[] IS NULL OR name = ANY (%(names)s)) AND name NOT LIKE '%%#' ORDER BY name
"""
HALVES = "SELECT 1 / %(divisor)s::int"


def _names(names=None):
    return [name for (name,) in kept_plans.rows(VENDORS, {"names": names})]


def test_a_plan_is_prepared_with_its_first_statement_and_kept(scope_of, cast):
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as in a new session
    with scope_of(cast.petra) as scope:
        with CaptureQueriesContext(connection) as first:
            found = _names()
        with CaptureQueriesContext(connection) as second:
            assert _names() == found
    assert [len(first), len(second)] == [1, 1]
    assert first[0]["sql"].startswith("PREPARE")
    assert second[0]["sql"].startswith("EXECUTE")
    with scope_of(cast.petra) as again:
        assert again.prepared >= scope.prepared
        with CaptureQueriesContext(connection) as third:
            assert _names() == found
    assert third[0]["sql"].startswith("EXECUTE")


def test_each_sees_its_own_by_the_plans_of_one_session(scope_of, cast):
    everybody = (cast.petra, cast.vera, cast.otto, cast.hana, cast.petra)
    seen = []
    for member in everybody:
        with scope_of(member):
            seen.append(_names())
    petra, vera, otto, hana, again = seen
    assert petra == again == ["Corvid Systems", "Halden BPO"]
    assert (vera, otto, hana) == (["Corvid Systems"], ["Corvid Systems"], ["Halden BPO"])


def test_what_is_none_is_not_filtered_by(scope_of, cast):
    with scope_of(cast.petra):
        assert _names(["Halden BPO"]) == ["Halden BPO"]
        assert _names() == ["Corvid Systems", "Halden BPO"]
        assert _names([]) == []


def test_a_filter_that_is_asked_for_is_no_choice_of_the_plan(scope_of, cast):
    by_index = "WHERE (%(keys)s::bigint[] IS NULL OR id = ANY (%(keys)s))"
    with scope_of(cast.petra) as scope:
        asked, all_of_them = (
            kept_plans._prepared(f"SELECT id FROM organisations_vendor {by_index}", scope.database_role, absent)
            for absent in (frozenset(), frozenset({"keys"}))
        )
    assert asked.prepare.endswith("WHERE (id = ANY ($1))")
    assert "NULL::bigint[] IS NULL OR" in all_of_them.prepare
    assert (asked.parameters, all_of_them.parameters) == (["keys"], [])


def test_a_plan_stays_where_its_first_statement_fails(scope_of, cast):
    with scope_of(cast.petra):
        with pytest.raises(DataError), transaction.atomic():
            kept_plans.rows(HALVES, {"divisor": 0})
        assert kept_plans.rows(HALVES, {"divisor": 1}) == [(1,)]
