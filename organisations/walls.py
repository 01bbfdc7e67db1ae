"""The walls between organisations, derived from the models: row security, grants, composite keys, audit triggers.

`apply()` runs after every migration and brings what differs into line; `drift()` says what differs. Both compare the same two
dictionaries, so there is no second list to forget a table in. A model that says nothing is not reachable for anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from organisations.tenancy import TenantModel

# Tables of libraries that hold nothing of an organisation's: people, sessions, second factors.
LIBRARY_APPS = frozenset({"auth", "contenttypes", "sessions", "account", "mfa"})
LIBRARY_ACCESS = "SELECT, INSERT, UPDATE, DELETE"

Key = tuple[str, str, str]  # kind, table, name


@dataclass(frozen=True)
class Wall:
    """One thing in the catalogue: its definition as PostgreSQL prints it, and the statement that builds it."""

    definition: str
    build: str


KINDS = ("rls", "unique", "foreign", "policy", "trigger", "grant")  # in the order of building; grants last


class Unclassified(RuntimeError):
    """A model says neither that it is an organisation's nor that it is global."""


def role(name: str) -> str:
    return f"{settings.DATABASE_ROLE_PREFIX}_{name}"


def is_tenant(model: type[models.Model]) -> bool:
    return hasattr(model, "ORGANISATION_COLUMN")


def tables() -> list[type[models.Model]]:
    return [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]


def wanted() -> dict[Key, Wall]:
    """What should stand, from the models alone. Raises Unclassified."""
    walls = dict(_grants("django_migrations", {"login": "SELECT"}))  # readiness asks what is applied
    for model in tables():
        if is_tenant(model):
            walls.update(_tenant_walls(model))
        elif model._meta.app_label in LIBRARY_APPS or hasattr(model, "LOGIN_ACCESS"):
            access = getattr(model, "LOGIN_ACCESS", LIBRARY_ACCESS)
            walls.update(_grants(model._meta.db_table, {"login": access}))
        else:
            raise Unclassified(f"{model._meta.label} is neither a TenantModel nor global. Say which in its class.")
    return walls


def _tenant_walls(model: Any) -> Iterator[tuple[Key, Wall]]:
    table = model._meta.db_table
    yield ("rls", table, ""), Wall("on", f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    access = {"staff": model.STAFF_ACCESS, "vendor": model.VENDOR_ACCESS, "login": model.LOGIN_ACCESS}
    for who, rights in access.items():
        if rights:
            yield _policy(table, who, _condition(model, who))
    yield from _grants(table, access)
    yield from _keys(model)
    if model.AUDITED:
        build = (
            f'CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION audit_write()"
        )
        yield ("trigger", table, "audit"), Wall("audit_write", build)


def _equals(column: str, setting: str) -> str:
    """A plain equality, as PostgreSQL prints it; never OR or CASE, which no index serves."""
    return f"({column} = (current_setting('app.{setting}'::text))::bigint)"


def _condition(model: Any, who: str) -> str:
    if who == "login":
        return "true"
    organisation = _equals(model.ORGANISATION_COLUMN, "organisation_id")
    columns = {field.column for field in model._meta.local_concrete_fields}
    vendor_column = getattr(model, "VENDOR_COLUMN", None)
    if who == "staff" or not vendor_column:
        return organisation
    if vendor_column not in columns:
        raise Unclassified(f"{model._meta.label} lets vendors in but has no column {vendor_column}.")
    return f"({organisation} AND {_equals(vendor_column, 'vendor_id')})"


def _policy(table: str, who: str, condition: str) -> tuple[Key, Wall]:
    build = f'CREATE POLICY "{who}" ON "{table}" TO {role(who)} USING ({condition}) WITH CHECK ({condition})'
    return ("policy", table, who), Wall(f"{role(who)}|ALL|{condition}|{condition}", build)


def _grants(table: str, access: dict[str, str]) -> Iterator[tuple[Key, Wall]]:
    for who, rights in access.items():
        if rights:
            privileges = ", ".join(sorted(rights.replace(" ", "").split(",")))
            yield ("grant", table, role(who)), Wall(privileges, f'GRANT {privileges} ON "{table}" TO {role(who)}')


def _keys(model: Any) -> Iterator[tuple[Key, Wall]]:
    """Composite foreign keys, and the unique constraints they point at: a plain one could point into another organisation."""
    table = model._meta.db_table
    for field in model._meta.local_concrete_fields:
        target = field.related_model if field.is_relation else None
        if target is None or not issubclass(target, TenantModel):
            continue
        if field.db_constraint:
            raise Unclassified(f"{model._meta.label}.{field.name} must be a TenantForeignKey.")
        to_table = target._meta.db_table
        own = ["organisation_id", *(["vendor_id"] if _has_vendor(model) and _has_vendor(target) else [])]
        yield _unique(to_table, [*own, "id"])
        columns, targets = ", ".join([*own, field.column]), ", ".join([*own, "id"])
        definition = f"FOREIGN KEY ({columns}) REFERENCES {to_table}({targets})"
        name = f"{table}_{field.column}_wall"
        build = f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}'
        yield ("foreign", table, name), Wall(f"{definition}", build)


def _has_vendor(model: Any) -> bool:
    """Whether every row belongs to a vendor through a column of its own."""
    return any(field.column == "vendor_id" and not field.null for field in model._meta.local_concrete_fields)


def _unique(table: str, columns: list[str]) -> tuple[Key, Wall]:
    name = f"{table}_{'vendor_' if 'vendor_id' in columns else ''}wall"
    definition = f"UNIQUE ({', '.join(columns)})"
    return ("unique", table, name), Wall(definition, f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


STANDING = {
    "rls": "SELECT c.relname, '', 'on' FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity",
    "policy": """SELECT tablename, policyname, concat_ws('|', array_to_string(roles, ','), cmd, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public'""",
    "unique": """SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'u' AND right(k.conname, 5) = '_wall' AND k.connamespace = 'public'::regnamespace""",
    "foreign": """SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND right(k.conname, 5) = '_wall' AND k.connamespace = 'public'::regnamespace""",
    "trigger": """SELECT c.relname, t.tgname, p.proname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgname = 'audit' AND t.tgenabled = 'O'""",
    "grant": """SELECT c.relname, coalesce(r.rolname, 'public'), string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.grantee <> c.relowner
          AND (a.grantee = 0 OR r.rolname = ANY(%s)) GROUP BY 1, 2""",
}
DROP = {
    "rls": 'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
    "policy": 'DROP POLICY "{name}" ON "{table}"',
    "unique": 'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE',
    "foreign": 'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
    "trigger": 'DROP TRIGGER "{name}" ON "{table}"',
    "grant": 'REVOKE ALL ON "{table}" FROM {name}',
}


def standing(cursor: Any) -> dict[Key, str]:
    """What stands, from the catalogue alone."""
    found: dict[Key, str] = {}
    for kind, sql in STANDING.items():
        cursor.execute(sql, [[role("login"), role("staff"), role("vendor")]] if kind == "grant" else None)
        found.update({(kind, table, name): definition for table, name, definition in cursor.fetchall()})
    return found


def drift(cursor: Any) -> list[str]:
    """Each difference between the models and the catalogue, in words. Empty is what it must be."""
    want, have = wanted(), standing(cursor)
    return [
        f"{' '.join(key)}: should be {want[key].definition if key in want else 'absent'}, is {have.get(key, 'absent')}"
        for key in sorted(want.keys() | have.keys())
        if key not in want or have.get(key) != want[key].definition
    ]


def apply(cursor: Any) -> int:
    """Create the roles, then drop and build whatever differs. Returns the number of statements; 0 the second time."""
    _roles(cursor)
    want, have = wanted(), standing(cursor)
    statements = [
        DROP[kind].format(table=table, name=name)
        for kind in reversed(KINDS)
        for (k, table, name), definition in sorted(have.items())
        if k == kind and ((k, table, name) not in want or want[(k, table, name)].definition != definition)
    ]
    statements += [
        wall.build
        for kind in KINDS
        for key, wall in sorted(want.items())
        if key[0] == kind and have.get(key) != wall.definition
    ]
    for statement in statements:
        cursor.execute(statement)
    return len(statements)


def _roles(cursor: Any) -> None:
    """The three roles besides the owner. NOINHERIT: the log-in role has a scope's rights only while it has put the scope's role on."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"{settings.DATABASE_ROLE_PREFIX}\\_%"])
    there = {name for (name,) in cursor.fetchall()}
    for name, options in (("staff", "NOLOGIN"), ("vendor", "NOLOGIN"), ("login", "LOGIN NOINHERIT")):
        if role(name) not in there:
            cursor.execute(f"CREATE ROLE {role(name)} {options}")
    cursor.execute(
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member "
        "WHERE r.rolname = %s AND g.rolname = ANY(%s)",
        [role("login"), [role("staff"), role("vendor")]],
    )
    if cursor.fetchone()[0] < 2:
        cursor.execute(f"GRANT {role('staff')}, {role('vendor')} TO {role('login')}")
