"""Seals: the trail cannot be changed afterwards without being seen, and can be checked without the database."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, transaction

from audit.actions import FIRST, LINE, last_hash, seal, seals, verify
from audit.models import Entry, Seal
from organisations.models import Membership, Vendor
from organisations.scope import OPEN, open_scope
from tests.cast import Cast, assemble

NOW = datetime(2024, 5, 16, tzinfo=UTC)


@pytest.fixture
def people(committed: None) -> Iterator[Cast]:
    """The cast, really committed: a seal is about what other transactions do."""
    yield assemble()
    connections.close_all()


def sealed(people: Cast) -> int:
    with open_scope(organisation_id=people.aldermoor.pk):
        return seal(now=NOW)


def findings(people: Cast) -> list[str]:
    with open_scope(organisation_id=people.aldermoor.pk):
        return verify()


def change(people: Cast, name: str) -> None:
    with open_scope(organisation_id=people.aldermoor.pk):
        Membership.objects.filter(pk=people.marco.pk).update(name=name)


def tamper(sql: str) -> None:
    """As somebody who owns the database and switches the protection off."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in ("audit_entry", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("audit_entry", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")


def test_a_chain_over_everything_there_is(people: Cast) -> None:
    with open_scope(organisation_id=people.aldermoor.pk):
        count = Entry.objects.count()
    assert sealed(people) == count
    assert sealed(people) == 0
    change(people, "Marco B")
    assert sealed(people) == 1
    assert findings(people) == []
    with open_scope(organisation_id=people.aldermoor.pk):
        first, second = Seal.objects.order_by("pk")
        assert (first.previous_hash, second.previous_hash) == (FIRST, first.hash)
        assert last_hash() == second.hash
        assert set(Seal.objects.values_list("organisation", flat=True)) == {people.aldermoor.pk}
    with open_scope(organisation_id=people.brightwater.pk):
        assert last_hash() == FIRST


def test_it_can_be_checked_without_the_database(people: Cast) -> None:
    sealed(people)
    with open_scope(organisation_id=people.aldermoor.pk), connection.cursor() as cursor:
        cursor.execute(f"SELECT {LINE} FROM audit_entry ORDER BY id")
        lines = [line for (line,) in cursor.fetchall()]
        wanted = last_hash()
    hashes = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
    assert hashlib.sha256("\n".join([FIRST, *hashes]).encode()).hexdigest() == wanted


def test_many_entries_take_several_seals(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH_SIZE", 4)
    counts = []
    while count := sealed(people):
        counts.append(count)
    assert counts[:-1] == [4] * (len(counts) - 1)
    assert len(counts) > 2
    assert findings(people) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE audit_entry SET actor_id = 99 WHERE id = (SELECT min(first_entry) FROM audit_seal)", "were changed"),
        (
            "UPDATE audit_entry SET at = at + interval '1 us' WHERE id = (SELECT min(first_entry) FROM audit_seal)",
            "changed",
        ),
        ("DELETE FROM audit_entry WHERE id = (SELECT min(first_entry) FROM audit_seal)", "are there"),
        (
            "INSERT INTO audit_entry SELECT id - 1000, at, actor_id, request_id, table_name, row_id, operation, difference,"
            " transaction_id, organisation_id, concerned_vendor_id FROM audit_entry WHERE id = (SELECT min(first_entry) FROM audit_seal)",
            "no seal covers",
        ),
        ("DELETE FROM audit_seal WHERE previous_hash = repeat('0', 64)", "does not follow"),
    ],
)
def test_tampering_is_seen(people: Cast, sql: str, said: str) -> None:
    sealed(people)
    change(people, "Marco B")
    sealed(people)
    with open_scope(organisation_id=people.aldermoor.pk):
        columns = [field.column for field in Entry._meta.local_fields]
    given = "id, at, actor_id, request_id, table_name, row_id, operation, difference, transaction_id, organisation_id"
    given += ", concerned_vendor_id"
    assert sorted(columns) == sorted(given.split(", "))
    tamper(sql.replace("INSERT INTO audit_entry SELECT", f"INSERT INTO audit_entry ({given}) SELECT"))
    assert any(said in finding for finding in findings(people)), findings(people)


def test_it_waits_for_who_is_still_writing(people: Cast, monkeypatch: pytest.MonkeyPatch, raw: Callable) -> None:
    """An entry that is written but not committed has a smaller id than later ones: sealing past it would leave it out."""
    monkeypatch.setattr(seals, "LOCK_TIMEOUT", "100ms")
    sealed(people)
    slow = raw()
    with slow.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(OPEN, [str(people.aldermoor.pk), "", "", "", "", "plumbline_staff"])
        cursor.execute("UPDATE organisations_vendor SET name = 'Slow' WHERE id = %s", [people.corvid.pk])
        change(people, "Marco B")
        assert sealed(people) == 0
        with open_scope(organisation_id=people.brightwater.pk):
            assert seal(now=NOW) > 0  # another organisation does not wait
        cursor.execute("COMMIT")
    assert sealed(people) == 2
    assert findings(people) == []


def test_another_failure_is_not_taken_for_patience(people: Cast, raw: Callable) -> None:
    with raw().cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(OPEN, [str(people.aldermoor.pk), "", "", "", "", "plumbline_staff"])
        cursor.execute("UPDATE organisations_vendor SET name = 'Slow' WHERE id = %s", [people.corvid.pk])
        with (
            pytest.raises(OperationalError, match="statement timeout"),
            open_scope(organisation_id=people.aldermoor.pk),
        ):
            connection.cursor().execute("SET LOCAL statement_timeout = '100ms'")
            seal(now=NOW)


def test_writers_do_not_wait_for_each_other(people: Cast, raw: Callable) -> None:
    with raw().cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(OPEN, [str(people.aldermoor.pk), "", "", "", "", "plumbline_staff"])
        cursor.execute("UPDATE organisations_vendor SET name = 'Slow' WHERE id = %s", [people.corvid.pk])
        with open_scope(organisation_id=people.aldermoor.pk), connection.cursor() as mine:
            mine.execute("SET LOCAL lock_timeout = '1s'")
            Vendor.objects.create(code="NEW", name="New")


@pytest.fixture
def raw() -> Iterator[Callable[[], psycopg2.extensions.connection]]:
    made: list[psycopg2.extensions.connection] = []

    def connect() -> psycopg2.extensions.connection:
        made.append(psycopg2.connect(**connection.get_connection_params()))
        made[-1].autocommit = True
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_the_command(people: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    sealed(people)
    call_command("verify_audit", organisation="aldermoor")
    assert "as it was sealed" in capsys.readouterr().out
    tamper("UPDATE audit_entry SET table_name = 'x' WHERE id = (SELECT min(first_entry) FROM audit_seal)")
    with pytest.raises(CommandError, match="were changed"):
        call_command("verify_audit", organisation="aldermoor")
    with pytest.raises(CommandError, match="no organisation at the address nowhere"):
        call_command("verify_audit", organisation="nowhere")
