"""Bring the walls of a database into line with the models, beside people who work in it.

What differs is changed, table by table, each in a transaction that waits for its lock in short turns (`lib.short_locks`). Keys are added
NOT VALID and validated by themselves, and uniques on tables with rows are built CONCURRENTLY: nobody waits while rows are read.
"""

from collections.abc import Iterator
from typing import Any

from psycopg2 import sql

from lib.short_locks import run_patiently
from organisations import catalogue, row_security
from organisations.row_security import KINDS, Key, role, roles

NOT_VALID = " NOT VALID"
FUNCTIONS = (
    "function",
    "text",
)  # replaced in place; those that nobody wants go last, when no trigger calls them any more


def apply(cursor: Any) -> int:
    """Create the roles, then drop and build whatever differs. Returns the number of statements; 0 the second time."""
    _create_roles(cursor)
    count, done = 0, []
    while steps := list(_steps(cursor)):
        if steps in done:  # and changed nothing, or what another step changes back
            raise RuntimeError(f"The walls do not come to rest: {steps}")
        done.append(steps)
        for statements in steps:
            run_patiently(cursor.db, statements)
        count += sum(map(len, steps))
    return count


def _steps(cursor: Any) -> Iterator[list[str]]:
    """What to drop and to build, together for each kind and table, so that a policy or a grant is not gone for a moment.

    Dropping a unique constraint takes the keys along that point at it, and a key is validated once it is there: hence look again.
    """
    want, have = row_security.wanted(), row_security.current_state(cursor)
    differing = [key for key in want.keys() | have.keys() if key not in want or want[key].definition != have.get(key)]
    for kind in KINDS:
        for table in sorted({key[1] for key in differing if key[0] == kind}):
            statements = []
            for key in sorted(key for key in differing if key[:2] == (kind, table)):
                definition, wall = have.get(key), want.get(key)
                if wall and definition == wall.definition + NOT_VALID:
                    statements.append(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{key[2]}"')
                    continue
                if definition is not None and kind in catalogue.DROP and kind not in FUNCTIONS:
                    statements.append(_drop(key))
                if wall and kind == "unique" and _has_rows(cursor, table):
                    yield [*statements, *_unique_beside_work(table, key[2], wall.definition)]
                    statements = []
                elif wall:
                    statements.append(wall.build)
            if statements:
                yield statements
    gone = sorted({key for key in have if key[0] == "function" and key not in want})
    if gone:
        yield [_drop(key) for key in gone]


def _drop(key: Key) -> str:
    return catalogue.DROP[key[0]].format(table=key[1], name=key[2], roles=", ".join(roles()))


def _has_rows(cursor: Any, table: str) -> bool:
    """And whether it can be helped: inside a transaction (tests) nothing is built CONCURRENTLY."""
    if cursor.db.in_atomic_block:
        return False
    cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
    return bool(cursor.fetchone()[0])


def _unique_beside_work(table: str, name: str, definition: str) -> list[str]:
    """An index of an attempt that was broken off goes first."""
    return [
        f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"',
        f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON "{table}" {definition.removeprefix("UNIQUE ")}',
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE USING INDEX "{name}"',
    ]


def _create_roles(cursor: Any) -> None:
    """The roles besides the owner, for all databases of the server."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [roles()])
    there = {name for (name,) in cursor.fetchall()}
    for name in roles():
        if name not in there:
            cursor.execute(f"CREATE ROLE {name} {'LOGIN NOINHERIT' if name == role('login') else 'NOLOGIN'}")
