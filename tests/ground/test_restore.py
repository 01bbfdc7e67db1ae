"""Backup and restore as docs/operations.md says, from one server to another that has never seen Plumbline."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.utils import timezone

from audit import actions
from config.databases import OWNER_ROLE
from embedded.pair import Pair
from organisations.scope import open_scope
from tests.factories import everything
from tests.ground.commands import CHECKOUT, block

COUNTS = "SELECT format('SELECT %L, count(*) FROM %I', tablename, tablename) FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def kept(committed, cast):
    """Rows of two vendors, and a sealed trail of how they came about."""
    with open_scope(organisation_id=cast.aldermoor.pk):
        everything.for_vendor(cast.corvid)
        everything.for_vendor(cast.halden)
        actions.seal(now=timezone.now())
    return cast


@pytest.fixture
def elsewhere(data_folder):
    """A server with the owner's account and an empty database."""
    pair = Pair(data_folder, durable=False)
    pair.start(ends_with_us=True)
    with (
        closing(psycopg2.connect(pair.environment()["DATABASE_OWNER_URL"])) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("DROP ROLE plumbline_login")
        connection.commit()
    yield pair
    pair.stop()


def run(pair: Pair, script: str, **more: str) -> str:
    programs = f"{pair.postgres.binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | more | {"PATH": programs, "LOG_LEVEL": "WARNING"}
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def counts(url: str) -> dict[str, int]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(COUNTS)
        cursor.execute(" UNION ALL ".join(query for (query,) in cursor.fetchall()))
        return dict(cursor.fetchall())


def test_what_was_backed_up_is_there_again(kept, elsewhere, tmp_path):
    with open_scope(organisation_id=kept.aldermoor.pk):
        last = actions.last_hash()
    backup, here, there = str(tmp_path / "backup"), os.environ["DATABASE_OWNER_URL"], elsewhere.environment()
    before = counts(here)
    run(elsewhere, block("operations.md", "sh", "# backup"), BACKUP=backup, DATABASE_OWNER_URL=here)
    answer = run(elsewhere, block("operations.md", "sh", "# restore"), BACKUP=backup, **there)
    assert "No drift." in answer
    after = counts(there["DATABASE_OWNER_URL"])
    assert after == before and sum(before.values()) > 100
    verify = block("operations.md", "sh", "# verify")
    assert last in run(elsewhere, verify, ORGANISATION="aldermoor", **there)


def test_a_restore_that_lets_everybody_write_the_trail_is_mended_by_migrate(kept, elsewhere, tmp_path):
    """`--no-privileges` loses the REVOKE with which the trail's function was made, and PostgreSQL's default is EXECUTE for PUBLIC."""
    backup, there = str(tmp_path / "backup"), elsewhere.environment()
    run(elsewhere, block("operations.md", "sh", "# backup"), BACKUP=backup)
    restore = block("operations.md", "sh", "# restore").partition("python manage.py migrate")[0]
    run(elsewhere, restore, BACKUP=backup, **there)
    asked = """SELECT proname, has_function_privilege('plumbline_login', oid, 'EXECUTE')
        FROM pg_proc WHERE starts_with(proname, 'audit_write')"""
    with closing(psycopg2.connect(there["DATABASE_OWNER_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute(asked)
        assert set(cursor.fetchall()) == {("audit_write", True), ("audit_write_account", True)}
        connection.commit()
        assert f"{OWNER_ROLE}@" in there["DATABASE_OWNER_URL"]
        run(elsewhere, "python manage.py migrate", **there)
        cursor.execute(asked)
        assert set(cursor.fetchall()) == {("audit_write", False), ("audit_write_account", False)}


def test_the_query_of_the_runbook_runs(committed):
    with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute(block("runbook.md", "sql", "SELECT m.id"))
        assert [column.name for column in cursor.description] == ["id", "given_up_at", "last_error"]
