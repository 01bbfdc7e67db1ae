"""The scope does not leak: not over a commit, a rollback, an exception, a savepoint, a thread, or a pooled connection."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections, transaction

from contracts.models import Contract
from organisations.models import Vendor
from organisations.scope import OPEN, ScopeMissing, current, is_open, open_scope
from tests.architecture.sources import PRODUCT, SQL
from tests.cast import Cast, assemble

OUTSIDE = ("plumbline_login", "", "", "", "")


def standing() -> tuple[str, ...]:
    """What the connection believes: role, organisation, vendor, actor, request."""
    names = ("organisation_id", "vendor_id", "actor_id", "request_id")
    settings_ = ", ".join(f"coalesce(current_setting('app.{name}', true), '')" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_user, {settings_}")
        return cursor.fetchone()


@pytest.fixture
def people(committed: None) -> Iterator[Cast]:
    """The cast, really committed: the test has the transactions that the product has."""
    yield assemble()
    connection.close()


def test_it_is_open_inside_and_closed_after_a_commit(people: Cast) -> None:
    with open_scope(organisation_id=people.aldermoor.pk, vendor_id=people.corvid.pk, actor_id=7, request_id="abc"):
        assert current().organisation_id == people.aldermoor.pk
        assert standing() == ("plumbline_vendor", str(people.aldermoor.pk), str(people.corvid.pk), "7", "abc")
    assert not is_open()
    assert standing() == OUTSIDE


def test_it_is_closed_after_an_exception_and_nothing_is_kept(people: Cast) -> None:
    with pytest.raises(ZeroDivisionError), open_scope(organisation_id=people.aldermoor.pk):
        Vendor.objects.create(code="NEW", name="New")
        raise ZeroDivisionError
    assert not is_open()
    assert standing() == OUTSIDE
    with open_scope(organisation_id=people.aldermoor.pk):
        assert not Vendor.objects.filter(code="NEW").exists()


def test_it_is_closed_after_a_database_error(people: Cast) -> None:
    with pytest.raises(DatabaseError), open_scope(organisation_id=people.aldermoor.pk), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert not is_open()
    assert standing() == OUTSIDE


def test_it_is_closed_after_a_rollback_that_was_asked_for(people: Cast) -> None:
    with open_scope(organisation_id=people.aldermoor.pk):
        transaction.set_rollback(True)
    assert standing() == OUTSIDE


def test_a_savepoint_inside_keeps_it(people: Cast) -> None:
    with open_scope(organisation_id=people.aldermoor.pk):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Vendor.objects.create(code="NEW", name="New")
            raise ZeroDivisionError
        assert standing()[:2] == ("plumbline_staff", str(people.aldermoor.pk))
        assert Vendor.objects.count() == 2


@pytest.mark.parametrize("fails", [False, True])
def test_it_is_closed_inside_an_outer_transaction(people: Cast, fails: bool) -> None:
    """Commands and tests open scopes inside a transaction of their own: then nothing ends it but the scope itself."""
    with transaction.atomic():
        for organisation in (people.aldermoor, people.brightwater):
            try:
                with open_scope(organisation_id=organisation.pk):
                    assert set(Vendor.objects.values_list("organisation", flat=True)) == {organisation.pk}
                    if fails:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            assert standing()[0] == "plumbline_login"
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute("SELECT FROM organisations_vendor")


def test_what_runs_after_the_commit_is_outside(people: Cast) -> None:
    heard: list[object] = []
    with open_scope(organisation_id=people.aldermoor.pk):
        transaction.on_commit(lambda: heard.extend([is_open(), standing()]))
    assert heard == [False, OUTSIDE]


def test_scopes_do_not_nest(people: Cast) -> None:
    with open_scope(organisation_id=people.aldermoor.pk):
        with pytest.raises(RuntimeError, match="do not nest"), open_scope(organisation_id=people.brightwater.pk):
            pytest.fail("a second scope was opened")
        assert current().organisation_id == people.aldermoor.pk
        assert Contract.objects.count() == 0


def test_another_thread_has_no_scope(people: Cast) -> None:
    def look() -> tuple[bool, tuple[str, ...]]:
        try:
            with pytest.raises(ScopeMissing):
                Vendor.objects.exists()
            return is_open(), standing()
        finally:
            connections.close_all()

    with open_scope(organisation_id=people.aldermoor.pk), ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result() == (False, OUTSIDE)


def test_a_queryset_asks_the_scope_in_which_it_runs(people: Cast) -> None:
    """It may be written in one scope and run in another: what counts is where it runs."""
    with open_scope(organisation_id=people.aldermoor.pk):
        vendors = Vendor.objects.order_by("code")
    with open_scope(organisation_id=people.brightwater.pk):
        assert [vendor.organisation_id for vendor in vendors] == [people.brightwater.pk]


def test_a_pooled_connection_forgets_at_the_end_of_each_transaction(people: Cast, raw: Callable) -> None:
    """As a transaction pooler hands it on: the next client's transaction finds nothing of the one before."""
    shared = raw()
    for ending in ("COMMIT", "ROLLBACK"):
        with shared.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(OPEN, [str(people.aldermoor.pk), "", "", "", "", "plumbline_staff"])
            cursor.execute("SELECT DISTINCT organisation_id FROM organisations_vendor")
            assert cursor.fetchall() == [(people.aldermoor.pk,)]
            cursor.execute(ending)
            cursor.execute("BEGIN")
            cursor.execute("SELECT current_user, current_setting('app.organisation_id', true)")
            assert cursor.fetchone() == ("plumbline_login", "")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("SELECT FROM organisations_vendor")
            cursor.execute("ROLLBACK")


def test_a_role_without_an_organisation_is_an_error_and_not_nothing(people: Cast, raw: Callable) -> None:
    """Half a scope: the policy's setting is missing or empty, and the database says so."""
    with raw().cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL ROLE plumbline_staff")
        with pytest.raises(psycopg2.Error, match="unrecognized configuration parameter"):
            cursor.execute("SELECT FROM organisations_vendor")
        cursor.execute("ROLLBACK; BEGIN; SET LOCAL ROLE plumbline_staff; SET LOCAL app.organisation_id = ''")
        with pytest.raises(psycopg2.errors.InvalidTextRepresentation):
            cursor.execute("SELECT FROM organisations_vendor")
        cursor.execute("ROLLBACK")


@pytest.fixture
def raw() -> Iterator[Callable[[], psycopg2.extensions.connection]]:
    """A connection of its own, as the log-in role, without Django."""
    made: list[psycopg2.extensions.connection] = []

    def connect() -> psycopg2.extensions.connection:
        made.append(psycopg2.connect(**connection.get_connection_params()))
        made[-1].autocommit = True
        return made[-1]

    yield connect
    for one in made:
        one.close()


SESSION_LEVEL = re.compile(
    r"set_config\([^)]*,\s*false\s*\)|\bSET\s+(SESSION\s+)?(ROLE|AUTHORIZATION|app\.)", re.IGNORECASE
)


def test_nothing_sets_a_scope_for_a_session() -> None:
    found = [
        f"{source}:{number}"
        for source in [*PRODUCT, *SQL]
        for number, line in enumerate(source.text.splitlines(), 1)
        if SESSION_LEVEL.search(line)
    ]
    assert found == []


def test_every_setting_of_a_scope_ends_with_the_transaction() -> None:
    assert OPEN.count("set_config(") == OPEN.count(", true)") == 7
