"""Large statements whose plans a database session keeps: to parse and plan one takes up to 6 ms, as long as to run it.

A plan holds for all values (`scope.OPEN` says so), but there is one for each choice of values that are None: a filter that is not asked
for must not make the planner expect fewer rows, and one that is asked for must not keep it from an index: `(%(contracts)s::bigint[] IS
NULL OR …)` is the rest alone where there is a value. PostgreSQL makes a plan again when the statistics of its tables have changed. It
also holds the row policies of a role, and would be made again wherever another role came in between; so each role has its own. Statements
that are given long lists of keys are better planned for these each time.
"""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection

from organisations.scope import current

PARAMETER = re.compile(r"%\((\w+)\)s")
OR_NOT_ASKED = re.compile(r"\(%\((\w+)\)s(?:::\w+(?:\[\])?)? IS NULL OR ")


class Prepared(NamedTuple):
    name: str
    parameters: list[str]
    prepare: str
    execute: str


def rows(text: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement with parameters like `%(month)s`, in the open scope. One statement, also where it is new to the session.

    PostgreSQL takes a parameter's type from where it stands first: say `::date` where that is nowhere in particular.
    """
    return _run("", text, values)


def plan(text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """How the session runs a statement, with what it read, as EXPLAIN gives it in JSON."""
    [[[found]]] = _run("EXPLAIN (ANALYZE, FORMAT JSON) ", text, values)
    return dict(found["Plan"])


def _run(lead: str, text: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    scope = current()
    wanted = _prepared(text, scope.database_role, frozenset(name for name, value in values.items() if value is None))
    call = lead + wanted.execute
    if wanted.name not in scope.prepared:
        call = f"{wanted.prepare}\n; {call}"
        scope.prepared.add(wanted.name)
    with connection.cursor() as cursor:
        cursor.execute(call, [values[name] for name in wanted.parameters])
        return list(cursor.fetchall())


@cache
def _prepared(text: str, role: str, absent: frozenset[str]) -> Prepared:
    text = OR_NOT_ASKED.sub(lambda found: found[0] if found[1] in absent else "(", text)
    parameters = list(dict.fromkeys(name for name in PARAMETER.findall(text) if name not in absent))
    numbers = dict.fromkeys(absent, "NULL") | {name: f"${number}" for number, name in enumerate(parameters, 1)}
    numbered = PARAMETER.sub(lambda found: numbers[found[1]], text)  # a %% stays one, for the driver
    name = f"kept_{sha256(f'{role} {numbered}'.encode()).hexdigest()[:24]}"
    given = f" ({', '.join(['%s'] * len(parameters))})" if parameters else ""
    return Prepared(name, parameters, f"PREPARE {name} AS {numbered}", f"EXECUTE {name}{given}")
