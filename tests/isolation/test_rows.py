"""Every table × role on a database with rows that could leak: who sees which rows, who may write which.

Two voices for each question: the ORM, which refuses by itself, and raw SQL, which only the database can refuse.
The rows are made once for each question, and the tables are subtests: making them takes longer than asking.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Prefetch, Subquery

from contracts.models import Contract
from organisations import row_security
from organisations.models import Membership, Organisation, Vendor
from organisations.scope import ScopeMissing, is_open
from organisations.tenancy import TenantModel
from tests.cast import Cast

TENANT: list[Any] = [model for model in row_security.tables() if issubclass(model, TenantModel)]
STAFF, VENDORS = ("aldermoor", "brightwater"), ("corvid", "halden", "corvid at brightwater")


def ask(sql: str, *values: Any) -> list[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else [cursor.rowcount]


def refused(sql: str, *values: Any) -> str:
    """The message with which the database refuses; fails where it does not."""
    with pytest.raises(DatabaseError) as refusal:
        ask(sql, *values)
    return str(refusal.value)


def owners_of_rows(model: Any) -> set[tuple[int, int | None]]:
    """(organisation, vendor) of the rows that are visible to raw SQL."""
    columns = {field.column for field in model._meta.local_concrete_fields}
    vendor = model.VENDOR_COLUMN if model.VENDOR_COLUMN in columns else "NULL"
    return set(ask(f'SELECT {model.ORGANISATION_COLUMN}, {vendor} FROM "{model._meta.db_table}"'))


# Outside a scope -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", TENANT, ids=lambda model: model._meta.label)
def test_the_orm_refuses_outside_a_scope(model: Any) -> None:
    """At the latest when the SQL is compiled, in whichever way a query is written: no database is needed to refuse."""
    assert not is_open()
    inner = model.objects.filter(organisation_id=OuterRef("pk"))
    queries: dict[str, Callable[[], Any]] = {
        "all": lambda: list(model.objects.all()),
        "filter": lambda: list(model.objects.filter(pk=1)),
        "get": lambda: model.objects.get(pk=1),
        "exists": lambda: model.objects.exists(),
        "count": lambda: model.objects.count(),
        "values": lambda: list(model.objects.values("pk")),
        "subquery": lambda: list(Organisation.objects.annotate(x=Subquery(inner.values("pk")[:1]))),
        "exists inside": lambda: list(Organisation.objects.filter(Exists(inner))),
        "in": lambda: list(Organisation.objects.filter(pk__in=model.objects.values("organisation"))),
        "union": lambda: list(model.objects.all().union(model.objects.all())),
        "update": lambda: model.objects.update(organisation_id=1),
        "iterator": lambda: list(model.objects.iterator()),
        "base manager": lambda: list(model._base_manager.all()),
        "refresh": lambda: model(organisation_id=1, pk=1).refresh_from_db(),
        "a new row": lambda: model(),
    }
    for name, query in queries.items():
        with pytest.raises(ScopeMissing):
            pytest.fail(f"{model.__name__} answered {name}: {query()}")


def test_related_rows_and_prefetches_refuse_outside_a_scope(rows: Cast, inside: Callable, sides: dict) -> None:
    with inside(sides["aldermoor"]):
        contract = Contract.objects.first()
        lazy = Contract.objects.select_related("vendor").prefetch_related(Prefetch("periods"))
    for query in (
        lambda: contract.vendor,
        lambda: list(contract.periods.all()),
        lambda: contract.kras.exists(),
        lambda: list(lazy),
        lambda: contract.delete(),
        lambda: Contract.objects.filter(pk=contract.pk).delete(),
        lambda: list(rows.vera.user.memberships.all()),
    ):
        with pytest.raises(ScopeMissing):
            query()


def test_raw_sql_is_refused_outside_a_scope(rows: Cast, subtests: pytest.Subtests) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label):
            assert ask("SELECT current_user") == [("plumbline_login",)]
            table = model._meta.db_table
            reading = refused if not model.LOGIN_ACCESS else ask
            reading(f'SELECT * FROM "{table}"')
            for writing in (
                f'UPDATE "{table}" SET organisation_id = organisation_id',
                f'DELETE FROM "{table}"',
                f'INSERT INTO "{table}" (organisation_id) VALUES ({rows.aldermoor.pk})',
                f'TRUNCATE "{table}" CASCADE',
            ):
                assert "permission denied" in refused(writing)


# Inside a scope ------------------------------------------------------------------------------------------------


def test_there_are_rows_that_could_leak(rows: Cast, sides: dict, inside: Callable, subtests: pytest.Subtests) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label):
            seen: set[tuple[int, int | None]] = set()
            for side in STAFF:
                with inside(sides[side]):
                    seen |= owners_of_rows(model)
            assert {organisation for organisation, _ in seen} == {rows.aldermoor.pk, rows.brightwater.pk}, (
                f"Give tests/factories/everything.py rows of {model._meta.label}."
            )
            if model.VENDOR_ACCESS:
                vendors = {rows.corvid.pk, rows.halden.pk, rows.corvid_at_brightwater.pk}
                assert vendors <= {vendor for _, vendor in seen}


@pytest.mark.parametrize("side", STAFF)
def test_staff_see_one_organisation(sides: dict, inside: Callable, side: str, subtests: pytest.Subtests) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label), inside(sides[side]):
            seen = owners_of_rows(model)
            assert {organisation for organisation, _ in seen} == {sides[side].organisation_id}
            assert {row.organisation_id for row in model.objects.all()} == {sides[side].organisation_id}


@pytest.mark.parametrize("side", VENDORS)
def test_a_vendor_sees_its_own_rows_or_no_table(
    sides: dict, inside: Callable, side: str, subtests: pytest.Subtests
) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label), inside(sides[side]):
            if not model.VENDOR_ACCESS:
                assert "permission denied" in refused(f'SELECT FROM "{model._meta.db_table}"')
                continue
            assert owners_of_rows(model) == {(sides[side].organisation_id, sides[side].vendor_id)}
            rows = list(model.objects.all())
            assert rows
            assert {getattr(row, model.VENDOR_COLUMN) for row in rows} == {sides[side].vendor_id}


@pytest.mark.parametrize("side", STAFF + VENDORS)
def test_everybody_sees_their_own_organisation_only(sides: dict, inside: Callable, side: str) -> None:
    with inside(sides[side]):
        assert ask("SELECT id FROM organisations_organisation") == [(sides[side].organisation_id,)]
        for table in ("organisations_user", "django_session", "account_emailaddress", "mfa_authenticator"):
            assert "permission denied" in refused(f"SELECT FROM {table}")


# Writing -------------------------------------------------------------------------------------------------------


def columns_of(model: Any) -> list[str]:
    return [field.column for field in model._meta.local_concrete_fields if not field.primary_key]


def copy_into(model: Any, **changed: int) -> str:
    """An INSERT that copies the first visible row with some columns changed; overlaps are what the walls come before."""
    names = columns_of(model)
    chosen = [str(changed.get(name, f'"{name}"')) for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{model._meta.db_table}" ({listed}) SELECT {", ".join(chosen)} FROM "{model._meta.db_table}" LIMIT 1'


def test_staff_cannot_write_into_another_organisation(
    rows: Cast, sides: dict, inside: Callable, subtests: pytest.Subtests
) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label):
            other = rows.brightwater.pk
            with inside(sides["aldermoor"]):
                why = "row-level security" if "INSERT" in model.STAFF_ACCESS else "permission denied"
                assert why in refused(copy_into(model, organisation_id=other))
                why = "row-level security" if "UPDATE" in model.STAFF_ACCESS else "permission denied"
                why = "append-only" if model.APPEND_ONLY_BUT else why
                assert why in refused(f'UPDATE "{model._meta.db_table}" SET organisation_id = {other}')


def test_rows_of_others_are_neither_changed_nor_removed(
    rows: Cast, sides: dict, inside: Callable, subtests: pytest.Subtests
) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label):
            table = model._meta.db_table
            column = model.APPEND_ONLY_BUT[0] if model.APPEND_ONLY_BUT else "id"
            with inside(sides["aldermoor"]):
                ids = [id_ for (id_,) in ask(f'SELECT id FROM "{table}"')]
            with inside(sides["brightwater"]):
                for verb, sql in (
                    ("UPDATE", f'UPDATE "{table}" SET {column} = {column}'),
                    ("DELETE", f'DELETE FROM "{table}"'),
                ):
                    condition = f"{sql} WHERE id = ANY(%s)"
                    if verb in model.STAFF_ACCESS:
                        assert ask(condition, ids) == [0]
                    else:
                        assert "permission denied" in refused(condition, ids)


def test_a_vendor_writes_what_its_access_says_and_only_its_own(
    rows: Cast, sides: dict, inside: Callable, subtests: pytest.Subtests
) -> None:
    for model in TENANT:
        with subtests.test(model._meta.label):
            table = model._meta.db_table
            with inside(sides["corvid"]):
                for verb, sql in (
                    ("INSERT", copy_into(model, organisation_id=rows.brightwater.pk)),
                    ("UPDATE", f'UPDATE "{table}" SET organisation_id = {rows.brightwater.pk}'),
                ):
                    why = "row-level security" if verb in model.VENDOR_ACCESS else "permission denied"
                    assert why in refused(sql)
                if "vendor_id" in columns_of(model):
                    why = "row-level security" if "INSERT" in model.VENDOR_ACCESS else "permission denied"
                    assert why in refused(copy_into(model, vendor_id=rows.halden.pk))
                    why = "row-level security" if "UPDATE" in model.VENDOR_ACCESS else "permission denied"
                    assert why in refused(f'UPDATE "{table}" SET vendor_id = {rows.halden.pk}')
                if "DELETE" not in model.VENDOR_ACCESS:
                    assert "permission denied" in refused(f'DELETE FROM "{table}"')


def test_no_key_points_into_another_organisation_or_vendor(
    rows: Cast, sides: dict, inside: Callable, subtests: pytest.Subtests
) -> None:
    """Row security does not stop a foreign key; the composite key does."""
    for model in TENANT:
        with subtests.test(model._meta.label):
            for field in model._meta.local_concrete_fields:
                target = field.related_model if field.is_relation else None
                if target is None or not issubclass(target, TenantModel) or "INSERT" not in model.STAFF_ACCESS:
                    continue
                with inside(sides["brightwater"]):
                    foreign = ask(f'SELECT min(id) FROM "{target._meta.db_table}"')[0][0]
                with inside(sides["aldermoor"]):
                    assert "violates" in refused(copy_into(model, **{field.column: foreign})), field.name
                if not (row_security._has_vendor(model) and row_security._has_vendor(target)):
                    continue
                with inside(sides["halden"]):
                    foreign = ask(f'SELECT min(id) FROM "{target._meta.db_table}"')[0][0]
                with inside(sides["aldermoor"]):
                    corvid = f"{copy_into(model, **{field.column: foreign})[: -len(' LIMIT 1')]} WHERE vendor_id = %s LIMIT 1"
                    assert "violates" in refused(corvid, rows.corvid.pk), field.name


def test_the_orm_cannot_write_into_another_organisation(rows: Cast, sides: dict, inside: Callable) -> None:
    with inside(sides["aldermoor"]):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Vendor.objects.create(organisation=rows.brightwater, code="X", name="X")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Vendor.objects.bulk_create([Vendor(organisation=rows.brightwater, code="X", name="X")])
        assert Vendor.objects.filter(organisation=rows.brightwater).update(name="X") == 0
        assert not Membership.unscoped.filter(organisation=rows.brightwater).exists()
