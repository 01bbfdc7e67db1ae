"""Whether a migration can be applied while the release before it serves people: neither locks a table for long nor takes anything away.

`python -m tools.migrations` reads the operations of all migrations; no database is needed. What is found and accepted all the same stands
in `tools/migrations.toml` with its reason; an allowance that nothing needs any more is an error, too.
"""

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

ALLOWED = Path(__file__).with_suffix(".toml")
DATA = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\w", re.IGNORECASE)
WALLS = re.compile(r"\bCREATE (OR REPLACE )?(FUNCTION|TRIGGER|POLICY)\b", re.IGNORECASE)

TAKES_AWAY = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
CONCURRENTLY = (postgres.AddIndexConcurrently, postgres.RemoveIndexConcurrently)

# code → what is wrong and what to do instead
RULES = {
    "index": "builds or drops an index and locks its table meanwhile: AddIndexConcurrently, RemoveIndexConcurrently, atomic = False",
    "atomic": "does something CONCURRENTLY in a transaction: atomic = False",
    "constraint": "reads the whole table under a lock: AddConstraintNotValid, then ValidateConstraint in a migration of its own",
    "takes-away": "takes away or renames what the release before still uses: stop using it in one release, remove it in the next",
    "no-default": "adds a column that the release before does not fill: null=True, or db_default",
    "rewrites": "changes the type of a column or forbids null: the table is rewritten or read under a lock",
    "mixed": "changes data and tables in one: two migrations",
    "walls": "makes a function, trigger or policy: those stand in <app>/walls and in the models",
}


def problems(migration: Any, state: ProjectState) -> Iterator[tuple[str, str]]:
    """(code, operation) of everything in a migration that would disturb; `state` is what stands before it."""
    new: set[str] = set()
    operations = list(_flat(migration.operations))
    if any(map(_writes_data, operations)) and not all(map(_is_data, operations)):
        yield "mixed", "RunPython or RunSQL beside others"
    for whole in migration.operations:
        for operation in _flat([whole]):
            told, name = operation.describe(), getattr(operation, "model_name", "").lower()
            if isinstance(operation, migrations.CreateModel):
                new.add(operation.name.lower())
            elif name not in new and (code := _code(operation, migration.app_label, name, state)):
                yield code, told
            if isinstance(operation, CONCURRENTLY) and migration.atomic:
                yield "atomic", told
            if isinstance(operation, migrations.RunSQL) and WALLS.search(str(operation.sql)):
                yield "walls", told
        whole.state_forwards(migration.app_label, state)


def _flat(operations: Any) -> Iterator[Any]:
    """What is done to the database; what is done to the state alone disturbs nobody."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _is_data(operation: Any) -> bool:
    return isinstance(operation, migrations.RunPython | migrations.RunSQL)


def _writes_data(operation: Any) -> bool:
    if isinstance(operation, migrations.RunPython):
        return True
    return (
        isinstance(operation, migrations.RunSQL)
        and bool(DATA.search(str(operation.sql)))
        and not WALLS.search(str(operation.sql))
    )


def _code(operation: Any, app: str, model: str, state: ProjectState) -> str:
    """Which rule an operation on a table that is there already breaks; "" for none."""
    if isinstance(operation, TAKES_AWAY):
        return "takes-away"
    if isinstance(operation, (*CONCURRENTLY, postgres.AddConstraintNotValid)):
        return ""
    if isinstance(operation, migrations.AddIndex | migrations.RemoveIndex):
        return "index"
    if isinstance(operation, migrations.AddConstraint):
        return "constraint"
    if isinstance(operation, migrations.AddField):
        field: Any = operation.field
        if field.db_index or field.unique:
            return "index"
        filled = field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED
        return "" if filled else "no-default"
    if isinstance(operation, migrations.AlterField):
        before = state.models[app, model].fields[operation.name]
        return "rewrites" if _rewrites(before, operation.field) else ""
    return ""


def _rewrites(before: Any, after: Any) -> bool:
    if before.null and not after.null:
        return True
    if isinstance(before, models.ForeignKey) and isinstance(after, models.ForeignKey):
        return False
    if before.get_internal_type() != after.get_internal_type():
        return True
    sizes = [(getattr(before, name, None), getattr(after, name, None)) for name in ("max_length", "max_digits")]
    if any(old is not None and (new is None or new < old) for old, new in sizes):
        return True
    return getattr(before, "decimal_places", None) != getattr(after, "decimal_places", None)


def found() -> dict[str, dict[str, str]]:
    """Migration → code → operation, of the product's own migrations."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    all_of_it: dict[str, dict[str, str]] = {}
    for key in sorted(key for key in loader.disk_migrations if key[0] in ours):
        migration = loader.get_migration(*key)
        state = loader.project_state(nodes=key, at_end=False)
        if these := dict(problems(migration, state)):
            all_of_it[".".join(key)] = these
    return all_of_it


def main() -> int:
    allowed: dict[str, dict[str, str]] = tomllib.loads(ALLOWED.read_text())
    there = found()
    wrong = [
        f"{name}: {told}: {RULES[code]}"
        for name, these in there.items()
        for code, told in these.items()
        if not allowed.get(name, {}).get(code)
    ]
    wrong += [
        f"{name}: {code} is allowed in {ALLOWED.name} and nothing needs it"
        for name, codes in allowed.items()
        for code in codes
        if code not in there.get(name, {})
    ]
    print("\n".join(wrong) or f"{len(there)} migrations are as they are allowed to be.")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main())
