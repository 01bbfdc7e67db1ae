"""Which PostgreSQL Plumbline runs on, and what its errors are about."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import DatabaseError

# The oldest major version: JSON constructors with ABSENT ON NULL, and grants of roles without inheritance, are new in it.
OLDEST = 16


def server_version(connection: Any) -> int:
    """The version of a Django connection's server, as libpq gives it: 150018 is 15.18."""
    return int(connection.pg_version)


def describe_too_old(version: int) -> str | None:
    """A sentence for people where a server is too old, else None."""
    major, minor = divmod(version, 10_000)
    if major >= OLDEST:
        return None
    return f"PostgreSQL {major}.{minor} is too old: Plumbline needs {OLDEST} or newer"


def array(members: Iterable[int | date | None]) -> str:
    """An array as one literal. Of a list the driver makes an expression of thousands of parts, whose parsing took 30 ms of a statement."""
    return "{" + ",".join("NULL" if one is None else str(one) for one in members) + "}"


# Classes of SQLSTATE that are about the surroundings (connections, transactions, locks, memory, disk, shutting down), whatever was asked.
SURROUNDINGS = ("08", "25", "40", "53", "55", "57P", "58")


def describe_refusal(error: DatabaseError) -> str | None:
    """SQLSTATE and the database's sentence where it refuses what a statement works on: "22003: numeric field overflow".

    None where the same statement may work a minute later, or nobody knows. Without the sentence's details: they hold data.
    """
    cause: Any = error.__cause__
    state = getattr(cause, "pgcode", None)
    if not state or state.startswith(SURROUNDINGS):
        return None
    return f"{state}: {cause.diag.message_primary}"
