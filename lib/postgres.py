"""Which PostgreSQL Plumbline runs on."""

# The oldest major version: JSON constructors with ABSENT ON NULL, and grants of roles without inheritance, are new in it.
OLDEST = 16


def describe_too_old(version: int) -> str | None:
    """A sentence for people where a server is too old, else None. `version` as libpq gives it: 150018 is 15.18."""
    major, minor = divmod(version, 10_000)
    if major >= OLDEST:
        return None
    return f"PostgreSQL {major}.{minor} is too old: Plumbline needs {OLDEST} or newer"
