"""Which PostgreSQL Plumbline runs on."""

from typing import Any

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
