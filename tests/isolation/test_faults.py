"""Every seeded fault is seen by the check that is there for it; without a fault no check says anything."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction

from organisations.scope import open_scope
from tests.cast import Cast, assemble
from tests.factories import everything
from tests.isolation.faults import FAULTS, LEAKS, OUTSIDE, found_by, line, made


def with_rows() -> Cast:
    """The cast, with rows of Aldermoor with two vendors and of Brightwater with one."""
    cast = assemble()
    with open_scope(organisation_id=cast.aldermoor.pk):
        everything.for_vendor(cast.corvid)
        everything.for_vendor(cast.halden)
    with open_scope(organisation_id=cast.brightwater.pk):
        everything.for_vendor(cast.corvid_at_brightwater)
    return cast


@pytest.fixture(autouse=True)
def rooms(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.organisations.probe_addresses"


@pytest.fixture
def as_owner(committed: None) -> Iterator[None]:
    """The default connection belongs to the owner, in a transaction that is rolled back."""
    login = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = connections["owner"].settings_dict["USER"]
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    connection.close()
    connection.settings_dict["USER"] = login


def test_faults_in_the_database(as_owner: None, subtests: pytest.Subtests) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {OUTSIDE}")
        cast = with_rows()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert found_by(cast) == {}
        cursor.execute("RESET SESSION AUTHORIZATION")
    for fault in FAULTS:
        if not fault.sql:
            continue
        with subtests.test(fault.name):
            with made(fault):
                found = found_by(cast, ("drift", "outside", "rows"))
            print(line(fault, found))
            assert fault.check in found
            assert LEAKS.get(fault.name, fault.check) in found
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {OUTSIDE}")
    assert found_by(cast) == {}


def test_faults_in_the_code(committed: None, subtests: pytest.Subtests) -> None:
    cast = with_rows()
    assert found_by(cast) == {}
    for fault in FAULTS:
        if not fault.code:
            continue
        with subtests.test(fault.name):
            with fault.code():
                found = found_by(cast, (fault.check,))
            connection.close()  # what leaked into the session ends with it
            print(line(fault, found))
            assert fault.check in found
    assert found_by(cast) == {}


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) == len({fault.name for fault in FAULTS}) >= 12
