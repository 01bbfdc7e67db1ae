"""The trail: one row changed, one entry, with who and by which request; and nobody takes an entry back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from audit.models import Entry
from organisations import row_security
from organisations.models import Membership, Vendor
from organisations.scope import open_scope
from tests.cast import Cast, assemble
from tests.factories import everything

# Whose changes are not in the trail, and why that is right. Everything else is.
NOT_AUDITED = {
    "api.RepeatableCall": "an answer that is kept for a day; what the call changed is in the trail",
    "organisations.Logo": "a picture; that it changed is in the trail by its hash, in the settings",
    "exports.TableExportFile": "whole tables that are removed after a week; who asked for them is in the trail",
    "scorecards.PackFile": "whole files, append-only; who had them made is in the trail by their version",
    "scorecards.PackHandover": "copies of whole files, append-only; who published the version is in the trail",
    "audit.Entry": "is the trail",
    "audit.Seal": "is made of the trail, and append-only",
    "audit.VendorSeal": "is made of the trail, and append-only",
    "audit.Checkpoint": "is made of the trail, and append-only",
    "breaches.Escalation": "planned by the clock; whom it told is an event, and those are only ever added",
    "contracts.Period": "computed from the contract, whose change is in the trail",
    "contracts.Reevaluation": "what is left to judge: a to-do list, not a fact",
    "credits.Reconciliation": "a file that was looked at; what is booked from it is in the trail, claim by claim",
    "evaluation.Watermark": "how far a step of the work has come: a bookmark, not a fact",
    "evaluation.Result": "computed from figures and terms; what held before stays in PastResult",
    "evaluation.PastResult": "only ever added",
    "evaluation.Month": "computed from results",
    "evaluation.TriggeredRule": "computed from results",
    "scorecards.Scorecard": "computed from results",
    "organisations.ApiUse": "how often and when last, not what: the changes that a call makes are in the trail",
    "organisations.Presence": "when somebody was here last: it changes without anybody's deciding",
    "measurements.ReportedPeriod": "counted from figures, which are in the trail",
    "measurements.ImportBatch": "nothing of it is in force; what is saved from it is in the trail",
    "notifications.InvitationLetter": "the state of sending",
    "notifications.Bounce": "the state of sending",
    "notifications.Event": "only ever added, about what is in the trail itself",
    "notifications.Notification": "the state of sending and reading",
}


def test_what_is_not_audited_is_listed_with_its_reason() -> None:
    silent = {
        m._meta.label for m in row_security.tables() if row_security.is_tenant(m) and not getattr(m, "AUDITED", False)
    }
    assert silent == set(NOT_AUDITED)


def entries() -> list[Entry]:
    return list(Entry.objects.order_by("id"))


def test_each_change_of_a_row_is_one_entry(cast: Cast) -> None:
    with open_scope(organisation_id=cast.aldermoor.pk, actor_id=cast.ada.pk, request_id="r-1"):
        before = Entry.objects.count()
        vendor = Vendor.objects.create(code="NEW", name="New")
        Vendor.objects.filter(pk=vendor.pk).update(name="Newer")
        Vendor.objects.filter(pk=vendor.pk).update(name="Newer")  # changes nothing
        with connection.cursor() as cursor:  # what goes round the ORM is written down too
            cursor.execute("DELETE FROM organisations_vendor WHERE id = %s", [vendor.pk])
        inserted, updated, deleted = entries()[before:]
    assert [e.operation for e in (inserted, updated, deleted)] == ["INSERT", "UPDATE", "DELETE"]
    assert updated.difference == {"name": ["New", "Newer"]}
    assert inserted.difference["code"] == [None, "NEW"]
    assert deleted.difference["code"] == ["NEW", None]
    for entry in (inserted, updated, deleted):
        assert (entry.actor_id, entry.request_id) == (cast.ada.pk, "r-1")
        assert (entry.table_name, entry.row_id) == ("organisations_vendor", vendor.pk)
        assert entry.organisation_id == cast.aldermoor.pk


def test_the_system_has_no_name(cast: Cast) -> None:
    with open_scope(organisation_id=cast.aldermoor.pk):
        Vendor.objects.create(code="NEW", name="New")
        assert entries()[-1].actor_id is None


def test_a_row_for_every_row_written(cast: Cast) -> None:
    """As many entries as rows, in every audited table at once."""
    with open_scope(organisation_id=cast.aldermoor.pk):
        everything.for_vendor(cast.corvid)
        tables: list[Any] = [m for m in row_security.tables() if row_security.is_tenant(m) and m.AUDITED]
        for model in tables:
            written = Entry.objects.filter(table_name=model._meta.db_table, operation="INSERT")
            assert sorted(written.values_list("row_id", flat=True)) == sorted(
                model.objects.values_list("pk", flat=True)
            )
        assert {entry.table_name for entry in entries()} == {model._meta.db_table for model in tables}


def test_what_is_rolled_back_was_never_written(cast: Cast) -> None:
    with open_scope(organisation_id=cast.aldermoor.pk):
        before = Entry.objects.count()
        with transaction.atomic():
            Vendor.objects.create(code="NEW", name="New")
            transaction.set_rollback(True)
        assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET actor_id = 1",
        "DELETE FROM audit_entry",
        "INSERT INTO audit_entry SELECT * FROM audit_entry LIMIT 1",
        "TRUNCATE audit_entry",
        "SELECT audit_write()",
    ],
)
def test_nobody_in_a_scope_writes_into_the_trail(cast: Cast, scope_of: Callable, sql: str) -> None:
    for member in (cast.ada, cast.olu, cast.vera):
        with scope_of(member), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(sql)


def test_it_is_append_only_for_the_owner_too(committed: None) -> None:
    people = assemble()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry")
        count = cursor.fetchone()[0]
        assert count > 0
        for table in ("audit_entry", "audit_seal"):
            for sql in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(DatabaseError, match="append-only"):
                    cursor.execute(sql.format(table))
        cursor.execute("SELECT count(*) FROM audit_entry")
        assert cursor.fetchone()[0] == count
    assert people.ada.pk


def test_a_temporary_table_does_not_catch_it(cast: Cast) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(f"{field.column} {field.db_type(connection)}" for field in Entry._meta.local_fields)
        cursor.execute(f"CREATE TEMPORARY TABLE audit_entry ({columns}) ON COMMIT DROP")
        cursor.execute("GRANT ALL ON audit_entry TO PUBLIC")
    with open_scope(organisation_id=cast.aldermoor.pk):
        Membership.objects.filter(pk=cast.marco.pk).update(name="Marco B")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM public.audit_entry WHERE difference ->> 'name' IS NOT NULL")
            assert cursor.fetchone()[0] >= 1
            cursor.execute("SELECT count(*) FROM pg_temp.audit_entry")
            assert cursor.fetchone()[0] == 0
