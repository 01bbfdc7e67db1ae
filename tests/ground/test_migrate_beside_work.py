"""`migrate` while people work: nobody waits behind it for longer than it waits itself, and what was broken off is put right."""

import os
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from lib import short_locks
from organisations import row_security, wall_building
from organisations.management.commands.migrate import alone
from organisations.scope import open_scope
from tests.cast import Cast
from tests.factories import everything

TABLE = "contracts_contract"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short turns, so that a test sees many."""
    monkeypatch.setattr(short_locks, "LOCK_TIMEOUT", 100)
    monkeypatch.setattr(short_locks, "PAUSE", 0.1)


@pytest.fixture
def another(committed: None) -> Any:
    """A session of its own, of the owner: reads, and may hold what it read."""
    with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as session:
        yield session


def migrating(*words: str) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call_command("migrate", *words, verbosity=0)
        except BaseException as broken:
            raised.append(broken)
        finally:
            connections.close_all()

    return threading.Thread(target=run), raised


def drift() -> list[str]:
    with connections["owner"].cursor() as cursor:
        return row_security.drift(cursor)


@pytest.mark.parametrize("what", ["walls", "migration"])
def test_readers_are_not_held_up_by_a_migration_that_waits(another: Any, what: str, caplog: Any) -> None:
    """A long transaction holds the table; `migrate` wants it whole; others go on reading, who would fail if they had to wait for it."""
    table = TABLE
    if what == "walls":
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP POLICY staff ON {TABLE}")
    else:
        # Nothing depends on what came after this, so that little is taken back.
        table = "notifications_event"
        call_command("migrate", "notifications", "0008", verbosity=0)
    with another.cursor() as holder:
        holder.execute(f"SELECT count(*) FROM {table}")  # and its transaction goes on
        thread, raised = migrating()
        thread.start()
        reader = connections["owner"].cursor()
        reader.execute("SET lock_timeout = '20s'")
        while not caplog.records:  # until it has given way once
            reader.execute(f"SELECT count(*) FROM {table}")
        for _ in range(20):
            reader.execute(f"SELECT count(*) FROM {table}")
        assert thread.is_alive()
        reader.execute("RESET lock_timeout")
    assert "A table is held" in caplog.text
    assert f"SELECT count(*) FROM {table}" in caplog.text  # who holds it, for those who wait for the upgrade
    another.rollback()
    thread.join(60)
    assert not raised and not thread.is_alive()
    assert drift() == []


def test_it_gives_up_after_a_while_and_changes_nothing(another: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_locks, "TRIES", 2)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP POLICY staff ON {TABLE}")
    with another.cursor() as holder:
        holder.execute(f"SELECT count(*) FROM {TABLE}")
        with pytest.raises(OperationalError, match="lock timeout"):
            call_command("migrate", verbosity=0)
    another.rollback()
    assert drift() == [
        f"policy {TABLE} staff: should be " + row_security.wanted()["policy", TABLE, "staff"].definition + ", is absent"
    ]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_keys_and_uniques_of_tables_with_rows_are_built_beside_work(
    committed: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_scope(organisation_id=cast.aldermoor.pk):
        everything.for_vendor(cast.corvid)
    connection.close()
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_vendor_wall CASCADE")
        # What a CREATE INDEX CONCURRENTLY leaves that was broken off.
        cursor.execute(f"CREATE UNIQUE INDEX {TABLE}_vendor_wall ON {TABLE} (organisation_id, vendor_id, id)")
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [f"{TABLE}_vendor_wall"]
        )
        said: list[str] = []

        def listen(execute: Callable, sql: Any, *rest: Any) -> Any:
            said.append(str(sql))
            return execute(sql, *rest)

        with owner.execute_wrapper(listen):
            assert wall_building.apply(cursor) > 4
    assert (
        f'CREATE UNIQUE INDEX CONCURRENTLY "{TABLE}_vendor_wall" ON "{TABLE}" (organisation_id, vendor_id, id)' in said
    )
    keys = [one for one in said if "FOREIGN KEY" in one]
    assert keys and all(one.endswith("NOT VALID") for one in keys)
    assert len([one for one in said if "VALIDATE CONSTRAINT" in one]) == len(keys)
    assert drift() == []


def test_only_what_differs_is_touched(committed: None) -> None:
    said: list[str] = []

    def listen(execute: Callable, sql: Any, *rest: Any) -> Any:
        said.append(str(sql))
        return execute(sql, *rest)

    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TRIGGER audit ON slas_terms")
        with connections["owner"].execute_wrapper(listen):
            assert wall_building.apply(cursor) == 1
    assert [one for one in said if one.startswith(("ALTER", "CREATE", "DROP", "GRANT", "REVOKE"))] == [
        row_security.wanted()["trigger", "slas_terms", "audit"].build
    ]


def test_one_at_a_time(another: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("organisations.management.commands.migrate.PAUSE", 0.05)
    with connections["owner"].cursor() as cursor, alone(connections["owner"]):
        thread, raised = migrating()
        thread.start()
        while True:  # until it has asked
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone()[0]:
                break
        assert thread.is_alive()
    thread.join(60)
    assert not raised and not thread.is_alive()


def test_a_function_whose_text_was_changed_is_put_back(committed: None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION vendor_writes_measurements_figure() RETURNS trigger "
            "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
        )
        cursor.execute("GRANT EXECUTE ON FUNCTION audit_write() TO PUBLIC")
        cursor.execute("CREATE FUNCTION stray() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    found = drift()
    assert (
        "function vendor_writes_measurements_figure: its text is not that of walls/vendor_writes_measurements_figure.sql"
        in found
    )
    assert "function audit_write: should be with the rights of its owner, search_path=public, pg_temp, is " in "".join(
        found
    )
    assert any("stray" in one for one in found)
    with connections["owner"].cursor() as cursor:
        # A newer release's text is nothing that this one could not serve with.
        assert [one for one in row_security.lacking(cursor) if "vendor_writes" in one] == []
        wall_building.apply(cursor)
    assert drift() == []
