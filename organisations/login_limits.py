"""What the log-in role's statements may take outside every scope: signing in, accounts, finding out who comes in.

A scope sets its limits with its transaction. Outside one each statement stands alone, and a limit of the session would be another reader's
behind a transaction pooler; so the server gives the role its limits when it logs in, through a pooler as well.
"""

from typing import Any

from django.conf import settings
from django.db import ProgrammingError, transaction

from organisations.row_security import role


def missing(cursor: Any) -> list[str]:
    """The statements that give the role its limits, as far as it lacks them."""
    cursor.execute("SELECT coalesce(rolconfig, '{}') FROM pg_roles WHERE rolname = %s", [role("login")])
    row = cursor.fetchone()
    there = dict(setting.split("=", 1) for setting in row[0]) if row else {}
    return [
        f"ALTER ROLE {role('login')} SET {name} = '{limit}ms'"
        for name, limit in settings.DATABASE_LIMITS["web"].items()
        if there.get(name) != f"{limit}ms"
    ]


def apply(cursor: Any) -> None:
    """Give them. An owner who may not change roles leaves it at that: `manage.py walls` then says what to run."""
    for statement in missing(cursor):
        try:
            with transaction.atomic(using=cursor.db.alias):
                cursor.execute(statement)
        except ProgrammingError:
            return
