"""The walls between organisations, derived from the models: row security, grants, composite keys, triggers.

`wall_building.apply()` runs after every migration and brings what differs into line; `drift()` says what differs. Both compare the same two
dictionaries, so there is no second list to forget a table in. What a vendor may see is said by each model: `VENDOR_ACCESS`,
`SHARED_COLUMN`, `VENDOR_ROWS` (`organisations/tenancy.py`). A model that says nothing is not reachable for anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from organisations import catalogue
from organisations.tenancy import TenantModel
from organisations.wall_functions import wall_functions

# Tables of libraries that hold nothing of an organisation's: people, sessions, second factors.
LIBRARY_APPS = frozenset({"auth", "contenttypes", "sessions", "account", "mfa", "usersessions"})
LIBRARY_ACCESS = "SELECT, INSERT, UPDATE, DELETE"

# Accounts, whose changes are written to a trail of their own: table, and the columns of which only a change is noted.
ACCOUNTS = {"organisations_user": ("password",), "account_emailaddress": (), "mfa_authenticator": ("data",)}

Key = tuple[str, str, str]  # kind, table, name


@dataclass(frozen=True)
class CatalogueItem:
    """One thing in the catalogue: its definition as PostgreSQL prints it, and the statement that builds it."""

    definition: str
    build: str = ""


# In the order of building; grants last. Other kinds are compared, but nothing builds or drops them.
KINDS = (
    "role",
    "function",
    "text",
    "rls",
    "unique",
    "foreign",
    "policy",
    "trigger",
    "column grant",
    "grant",
    "owner's function",
)
# Django keeps its list of migrations without a model; `migrate --check` and readiness read it as the log-in role.
MIGRATIONS = "django_migrations"


class Unclassified(RuntimeError):
    """A model says neither that it is an organisation's nor that it is global."""


def role(name: str) -> str:
    return f"{settings.DATABASE_ROLE_PREFIX}_{name}"


def roles() -> list[str]:
    return [role("login"), role("staff"), role("vendor"), role("limited")]


def is_tenant(model: type[models.Model]) -> bool:
    return hasattr(model, "ORGANISATION_COLUMN")


def tables() -> list[type[models.Model]]:
    return [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]


def wanted() -> dict[Key, CatalogueItem]:
    """What should stand, from the models alone. Raises Unclassified."""
    walls: dict[Key, CatalogueItem] = dict(_roles())
    walls.update(_functions())
    walls["table", MIGRATIONS, ""] = CatalogueItem("there")
    walls.update(_grants(MIGRATIONS, {"login": "SELECT"}))
    for model in tables():
        walls["table", model._meta.db_table, ""] = CatalogueItem("there")
        if is_tenant(model):
            walls.update(_tenant_items(model))
        elif model._meta.app_label in LIBRARY_APPS or hasattr(model, "LOGIN_ACCESS"):
            access = getattr(model, "LOGIN_ACCESS", LIBRARY_ACCESS)
            _points_at_no_tenant(model)
            walls.update(_grants(model._meta.db_table, {"login": access}))
            walls.update(_global_triggers(model))
        else:
            raise Unclassified(f"{model._meta.label} is neither a TenantModel nor global. Say which in its class.")
    return walls


def _roles() -> Iterator[tuple[Key, CatalogueItem]]:
    """NOINHERIT: the log-in role has a scope's rights only while it has put the scope's role on."""
    login, staff, vendor, limited = roles()
    others = f"{staff}, {vendor}, {limited}"
    give = f"GRANT {others} TO {login} WITH INHERIT FALSE, SET TRUE; ALTER ROLE {login} LOGIN NOINHERIT"
    yield ("role", login, ""), CatalogueItem(f"logs in, puts on {limited}, puts on {staff}, puts on {vendor}", give)
    for name in (staff, vendor):
        yield ("role", name, ""), CatalogueItem("", f"ALTER ROLE {name} NOLOGIN")
    # What vendors' people may, and then less: its policies are restrictive, and add to those of the vendor's role.
    inherit = f"GRANT {vendor} TO {limited} WITH INHERIT TRUE, SET FALSE; ALTER ROLE {limited} NOLOGIN"
    yield ("role", limited, ""), CatalogueItem(f"has the rights of {vendor}", inherit)


def _functions() -> Iterator[tuple[Key, CatalogueItem]]:
    """Triggers call them; who may not call them cannot hang a function with its owner's rights on a table of their own."""
    for name, function in wall_functions().items():
        build = f"{function.statement}REVOKE ALL ON FUNCTION {name}() FROM PUBLIC, {', '.join(roles())}"
        yield ("function", name, ""), CatalogueItem(function.manner, build)
        yield ("text", name, ""), CatalogueItem(function.text, build)


def _points_at_no_tenant(model: type[models.Model]) -> None:
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantModel):
            raise Unclassified(f"{model._meta.label} is global; its {field.name} cannot point into an organisation.")


def _global_triggers(model: Any) -> Iterator[tuple[Key, CatalogueItem]]:
    table = model._meta.db_table
    if table in ACCOUNTS:
        hidden = ", ".join(f"'{column}'" for column in ACCOUNTS[table])
        yield _trigger(table, "audit", "AFTER INSERT OR DELETE OR UPDATE", "ROW", f"audit_write_account({hidden})")
    if table == "organisations_user":
        when = " WHEN (old.email::text IS DISTINCT FROM new.email::text)"
        yield _trigger(table, "members_follow", "AFTER UPDATE", "ROW", "members_follow()", when=when)
    if getattr(model, "APPEND_ONLY", False):
        yield _trigger(table, "append_only", "BEFORE DELETE OR UPDATE OR TRUNCATE", "STATEMENT", "audit_refuse()")


def _tenant_items(model: Any) -> Iterator[tuple[Key, CatalogueItem]]:
    table = model._meta.db_table
    row_security = f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY'
    yield ("rls", table, ""), CatalogueItem("on", row_security)
    access = {"staff": model.STAFF_ACCESS, "vendor": model.VENDOR_ACCESS, "login": model.LOGIN_ACCESS}
    for who, rights in access.items():
        if rights:
            yield _policy(table, who, _condition(model, who))
    if model.VENDOR_ACCESS and (limit := limit_of(model)):
        yield _policy(table, "limited", limit, restrictive=True)
    yield from _grants(table, access)
    yield from _keys_by_statement(model) if getattr(model, "WRITTEN_IN_SETS", False) else _keys_by_row(model)
    yield from _acting(model)
    if model.AUDITED:
        yield _trigger(table, "audit", "AFTER INSERT OR DELETE OR UPDATE", "ROW", "audit_write()")
    if getattr(model, "APPEND_ONLY", False):
        yield _trigger(table, "append_only", f"BEFORE {_kept(model)}", "STATEMENT", "audit_refuse()")
    for function in getattr(model, "ON_INSERT", ()):
        yield _trigger(table, function, "AFTER INSERT", "ROW", f"{function}()")


def _kept(model: Any) -> str:
    """What nobody does with an append-only table, as PostgreSQL prints it."""
    if not model.APPEND_ONLY_BUT:
        return "DELETE OR UPDATE OR TRUNCATE"
    columns = [field.column for field in model._meta.local_concrete_fields]
    return f"DELETE OR UPDATE OF {', '.join(one for one in columns if one not in model.APPEND_ONLY_BUT)} OR TRUNCATE"


WRITING = ("INSERT", "DELETE", "UPDATE")  # as PostgreSQL prints the events of a trigger


def _acting(model: Any) -> Iterator[tuple[Key, CatalogueItem]]:
    """Who writes what in whose name. AFTER, because row security is checked before: a row of somebody else's is refused as such."""
    table = model._meta.db_table
    events = [event for event in WRITING if event in model.VENDOR_ACCESS]
    if events:
        function = f"vendor_writes_{table}"
        if function not in wall_functions():
            raise Unclassified(f"{model._meta.label} lets vendors write. Say what in walls/{function}.sql of its app.")
        vendors = ", ".join(f"'{role(who)}'::name" for who in ("vendor", "limited"))
        when = f" WHEN (CURRENT_USER = ANY (ARRAY[{vendors}]))"
        yield _trigger(table, "vendor_writes", f"AFTER {' OR '.join(events)}", "ROW", f"{function}()", when=when)
    if actors := getattr(model, "ACTORS", None):
        words = ", ".join(f"'{' '.join(filter(None, pair))}'" for pair in actors.items())
        yield _trigger(table, "actors", "AFTER INSERT OR UPDATE", "ROW", f"actors_act({words})")


def _trigger(
    table: str, name: str, event: str, each: str, function: str, seeing: str = "", when: str = ""
) -> tuple[Key, CatalogueItem]:
    definition = f"CREATE TRIGGER {name} {event} ON {table}{seeing} FOR EACH {each}{when} EXECUTE FUNCTION {function}"
    return ("trigger", table, name), CatalogueItem(definition, definition)


def _equals(column: str, setting: str) -> str:
    """A plain equality, as PostgreSQL prints it; never OR or CASE, which no index serves. A sub-select: see docs/adr/0008."""
    return f"({column} = ( SELECT (current_setting('app.{setting}'::text))::bigint AS current_setting))"


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
    shared = f" AND {model.SHARED_COLUMN}" if getattr(model, "SHARED_COLUMN", "") else ""
    rows = f" AND {model.VENDOR_ROWS}" if getattr(model, "VENDOR_ROWS", "") else ""
    return f"({organisation} AND {_equals(vendor_column, 'vendor_id')}{shared}{rows})"


CONTRACTS = "( SELECT (current_setting('app.contracts'::text))::bigint[] AS current_setting)::bigint[]"


def limit_of(model: Any) -> str:
    """What a person of a vendor sees of the table who is limited to some of its contracts; empty: all that the vendor's people see.

    By the table's own column, or by a key to rows of which they see some: a sub-select that obeys the policies itself.
    """
    if limit := getattr(model, "LIMITED_TO", ""):
        return str(limit)
    if column := contract_column(model):
        return f"({column} = ANY ({CONTRACTS}))"
    keys = [
        (field.column, field.related_model)
        for field in model._meta.local_concrete_fields
        if field.is_relation and not field.null and issubclass(field.related_model, TenantModel)
    ]
    # The nearest way first: a row whose table has the column, then one that is itself limited by a key.
    for leads in (contract_column, limit_of):
        for column, target in keys:
            if target is not model and leads(target):
                table = target._meta.db_table
                return f"({column} IN ( SELECT {table}.id\n   FROM {table}))"  # noqa: S608  # names of the models
    return ""


def contract_column(model: Any) -> str | None:
    """The column that says of which contract a row is."""
    own: str | None = getattr(model, "CONTRACT_COLUMN", None)
    has = any(field.column == "contract_id" for field in model._meta.local_concrete_fields)
    return own or ("contract_id" if has else None)


def _policy(table: str, who: str, condition: str, restrictive: bool = False) -> tuple[Key, CatalogueItem]:
    kind, said = (" AS RESTRICTIVE", "|RESTRICTIVE") if restrictive else ("", "")
    build = f'CREATE POLICY "{who}" ON "{table}"{kind} TO {role(who)} USING ({condition}) WITH CHECK ({condition})'
    return ("policy", table, who), CatalogueItem(f"{role(who)}|ALL|{condition}|{condition}{said}", build)


def _grants(table: str, access: dict[str, str]) -> Iterator[tuple[Key, CatalogueItem]]:
    for who, rights in access.items():
        if rights:
            privileges = ", ".join(sorted(rights.replace(" ", "").split(",")))
            yield (
                ("grant", table, role(who)),
                CatalogueItem(privileges, f'GRANT {privileges} ON "{table}" TO {role(who)}'),
            )


def _keys(model: Any) -> Iterator[tuple[str, str, list[str]]]:
    """Each reference into an organisation's table: column, table, and what the two rows must have in common besides the id."""
    for field in model._meta.local_concrete_fields:
        target = field.related_model if field.is_relation else None
        if target is None or not issubclass(target, TenantModel):
            continue
        if field.db_constraint:
            raise Unclassified(f"{model._meta.label}.{field.name} must be a TenantForeignKey.")
        shared = ["organisation_id", *(["vendor_id"] if _has_vendor(model) and _has_vendor(target) else [])]
        yield field.column, target._meta.db_table, shared


def _keys_by_row(model: Any) -> Iterator[tuple[Key, CatalogueItem]]:
    """Composite foreign keys, and the unique constraints they point at: a plain one could point into another organisation."""
    table = model._meta.db_table
    for column, to_table, shared in _keys(model):
        yield _unique(to_table, [*shared, "id"])
        columns, targets = ", ".join([*shared, column]), ", ".join([*shared, "id"])
        # Looked at at once, but for whoever moves rows of several tables together and asks to be looked at afterwards.
        definition = f"FOREIGN KEY ({columns}) REFERENCES {to_table}({targets}) DEFERRABLE"
        name = f"{table}_{column}_wall"
        build = f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition} NOT VALID'
        yield ("foreign", table, name), CatalogueItem(f"{definition}", build)


def _keys_by_statement(model: Any) -> Iterator[tuple[Key, CatalogueItem]]:
    """The same keys, checked for all rows of a statement together; and the rows they point at stay as long as they are pointed at."""
    table = model._meta.db_table
    keys = list(_keys(model))
    words = ", ".join(f"'{column} {to_table} {' '.join(shared)}'" for column, to_table, shared in keys)
    for event in ("INSERT", "UPDATE"):
        seeing = " REFERENCING NEW TABLE AS written"
        yield _trigger(table, f"keys_{event.lower()}", f"AFTER {event}", "STATEMENT", f"keys_hold({words})", seeing)
    for column, to_table, shared in keys:
        word = f"'{column} {table} {' '.join(shared)}'"
        seeing = " REFERENCING OLD TABLE AS gone"
        yield _trigger(
            to_table, f"kept_for_{table}_{column}", "AFTER DELETE", "STATEMENT", f"keys_keep({word})", seeing
        )


def _has_vendor(model: Any) -> bool:
    """Whether every row belongs to a vendor through a column of its own."""
    return any(field.column == "vendor_id" and not field.null for field in model._meta.local_concrete_fields)


def _unique(table: str, columns: list[str]) -> tuple[Key, CatalogueItem]:
    name = f"{table}_{'vendor_' if 'vendor_id' in columns else ''}wall"
    definition = f"UNIQUE ({', '.join(columns)})"
    return ("unique", table, name), CatalogueItem(
        definition, f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}'
    )


def current_state(cursor: Any) -> dict[Key, str]:
    """What stands, from the catalogue alone."""
    return catalogue.current_state(cursor, roles())


def drift(cursor: Any) -> list[str]:
    """Each difference between the models and the catalogue, in words. Empty is what it must be."""
    return sorted(lacking(cursor) + unknown(cursor))


def lacking(cursor: Any) -> list[str]:
    """What the models ask for and is absent, or not as they say: what this release cannot do without."""
    want, have = wanted(), current_state(cursor)
    return [
        f"{_named(key)}: should be {wall.definition}, is {have.get(key, 'absent')}"
        for key, wall in sorted(want.items())
        if have.get(key) != wall.definition and not (key[0] == "text" and key in have)
    ]


def unknown(cursor: Any) -> list[str]:
    """What is there and no model asks for, and functions of another text: a newer release has added it, or somebody by hand."""
    want, have = wanted(), current_state(cursor)
    found = [f"{_named(key)}: should be absent, is {definition}" for key, definition in have.items() if key not in want]
    texts = [key for key in have if key[0] == "text" and key in want and have[key] != want[key].definition]
    return sorted(found + [f"function {name}: its text is not that of walls/{name}.sql" for _, name, _ in texts])


def _named(key: Key) -> str:
    return " ".join(part for part in key if part)
