"""Deliberate holes in the walls, one by one, and which check sees each: proof that the checks can fail.

`python -m pytest tests/isolation/test_faults.py -s` prints the table. A fault is a statement of the database's owner, or a
piece of code that is another one meanwhile; the checks are `row_security.drift()`, and probes that ask the questions of
tests/isolation with rows that could leak.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from django.apps.registry import Apps
from django.db import DatabaseError, connection, models, transaction
from django.test import Client

from organisations import middleware, row_security, scope
from organisations.models import Membership, User, Vendor
from organisations.presence import with_presence
from organisations.scope import open_scope
from organisations.tenancy import TenantManager
from tests.cast import Cast

OUTSIDE = "plumbline_login"


@dataclass(frozen=True)
class Fault:
    """What is broken, and the check that must see it (others may see it too)."""

    name: str
    check: str = "drift"
    sql: str = ""
    code: Callable[[], AbstractContextManager[object]] | None = None


def sql(name: str, *statements: str, check: str = "drift") -> Fault:
    return Fault(name, check, "; ".join(statements))


# Prefetched of code with a hole. ------------------------------------------------------------------------------------


def door_that_lets_the_disabled_in() -> AbstractContextManager[object]:
    def read(user: User) -> list[Membership]:
        found = Membership.unscoped.select_related("organisation").filter(user_id=user.pk)
        return list(with_presence(found))

    return patch.object(middleware, "memberships_read", read)


def door_for_everybody() -> AbstractContextManager[object]:
    def read(user: User) -> list[Membership]:
        found = Membership.unscoped.select_related("organisation").filter(is_active=True)
        return list(with_presence(found))

    return patch.object(middleware, "memberships_read", read)


def door_without_the_vendor() -> AbstractContextManager[object]:
    @contextmanager
    def opened(*, vendor_id: int | None = None, **given: int) -> Iterator[object]:
        with open_scope(**given) as opened:  # type: ignore[arg-type]
            yield opened

    return patch.object(middleware, "open_scope", opened)


def scope_for_the_session() -> AbstractContextManager[object]:
    return patch.object(scope, "OPEN", scope.OPEN.replace(", true)", ", false)"))


def scope_left_open() -> AbstractContextManager[object]:
    return patch.object(scope, "_leave", lambda: None)


def manager_without_the_scope() -> AbstractContextManager[object]:
    return patch.object(TenantManager, "get_queryset", models.Manager.get_queryset)


def model_nobody_classified() -> AbstractContextManager[object]:
    class Stray(models.Model):
        class Meta:
            app_label = "organisations"
            apps = Apps()  # a registry of its own: the real one stays as it is

        def __str__(self) -> str:
            return "stray"

    there = row_security.tables()
    return patch.object(row_security, "tables", lambda: [*there, Stray])


VENDOR, MEMBER, CONTRACT = "organisations_vendor", "organisations_membership", "contracts_contract"
RESULT = "evaluation_result"
TERMS_NOT_KEPT = [
    f"DROP TRIGGER kept_for_evaluation_{which}_terms_id ON slas_terms" for which in ("result", "pastresult")
]
HOLDS = "organisation_id = current_setting('app.organisation_id')::bigint"

FAULTS = (
    sql("a policy that says true", f"ALTER POLICY staff ON {CONTRACT} USING (true) WITH CHECK (true)"),
    sql("a second policy beside the right one", f"CREATE POLICY more ON {CONTRACT} TO plumbline_staff USING (true)"),
    sql("a policy that checks reading but not writing", f"ALTER POLICY staff ON {CONTRACT} WITH CHECK (true)"),
    sql("a missing policy", f"DROP POLICY staff ON {CONTRACT}"),
    sql(
        "the vendor's policy without the vendor",
        f"ALTER POLICY vendor ON {CONTRACT} USING ({HOLDS}) WITH CHECK ({HOLDS})",
    ),
    sql("row security switched off", f"ALTER TABLE {CONTRACT} DISABLE ROW LEVEL SECURITY"),
    sql("row security forced on the owner", f"ALTER TABLE {CONTRACT} FORCE ROW LEVEL SECURITY"),
    sql("a missing grant", f"REVOKE SELECT ON {CONTRACT} FROM plumbline_staff"),
    sql("a grant to the log-in role", f"GRANT SELECT ON {CONTRACT} TO plumbline_login"),
    sql("a grant to everybody", f"GRANT SELECT ON {CONTRACT} TO PUBLIC"),
    sql("a grant of one column", f"GRANT SELECT (title) ON {CONTRACT} TO plumbline_login"),
    sql("a table that vendors may not see is granted", "GRANT SELECT ON contracts_reevaluation TO plumbline_vendor"),
    sql(
        "a plain foreign key instead of the composite one",
        f"ALTER TABLE {MEMBER} DROP CONSTRAINT {MEMBER}_vendor_id_wall",
        f"ALTER TABLE {MEMBER} ADD CONSTRAINT {MEMBER}_vendor_id_wall FOREIGN KEY (vendor_id) REFERENCES {VENDOR} (id)",
    ),
    sql("a foreign key that is gone", f"ALTER TABLE {MEMBER} DROP CONSTRAINT {MEMBER}_vendor_id_wall"),
    sql("a statement whose keys nobody checks", f"DROP TRIGGER keys_update ON {RESULT}"),
    sql("rows that results point at may go", *TERMS_NOT_KEPT),
    sql("a unique without the organisation", f"CREATE UNIQUE INDEX loose ON {CONTRACT} (reference)"),
    sql("the audit trigger dropped", f"DROP TRIGGER audit ON {CONTRACT}"),
    sql("the audit trigger disabled", f"ALTER TABLE {CONTRACT} DISABLE TRIGGER audit"),
    sql("a trail that can be changed", "ALTER TABLE audit_entry DISABLE TRIGGER append_only"),
    sql("a view over an organisation's table", f"CREATE VIEW all_contracts AS SELECT * FROM {CONTRACT}"),
    sql("a materialised view", f"CREATE MATERIALIZED VIEW all_contracts AS SELECT * FROM {CONTRACT}"),
    sql(
        "a function with its owner's rights",
        f"CREATE FUNCTION peek() RETURNS SETOF {CONTRACT} LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM {CONTRACT}'",
    ),
    sql("a log-in role that inherits", "GRANT plumbline_staff TO plumbline_login WITH INHERIT TRUE"),
    sql("a vendor role that may become staff", "GRANT plumbline_staff TO plumbline_vendor"),
    sql("a staff role above row security", "ALTER ROLE plumbline_staff BYPASSRLS"),
    sql("a table in the hands of the log-in role", f"ALTER TABLE {CONTRACT} OWNER TO plumbline_login"),
    sql("a table that no model knows", "CREATE TABLE stray (organisation_id bigint)"),
    Fault("a model that nobody classified", code=model_nobody_classified),
    Fault("a door that lets disabled members in", "door", code=door_that_lets_the_disabled_in),
    Fault("a door that asks for no membership", "door", code=door_for_everybody),
    Fault("a door that forgets the vendor", "door", code=door_without_the_vendor),
    Fault("a scope for the whole session", "outside", code=scope_for_the_session),
    Fault("a scope that is left open", "outside", code=scope_left_open),
    Fault("a manager without the scope", "outside", code=manager_without_the_scope),
)
# Which faults of the database must be seen by more than the comparison with the models: rows really leak.
LEAKS = {
    "a policy that says true": "rows",
    "a second policy beside the right one": "rows",
    "a missing policy": "rows",
    "the vendor's policy without the vendor": "rows",
    "row security switched off": "rows",
    "a missing grant": "rows",
    "a plain foreign key instead of the composite one": "rows",
    "a foreign key that is gone": "rows",
    "a statement whose keys nobody checks": "rows",
    "rows that results point at may go": "rows",
    "a staff role above row security": "rows",
    "a grant to the log-in role": "outside",
    "a grant to everybody": "outside",
    "a log-in role that inherits": "outside",
    "a table in the hands of the log-in role": "outside",
}


# The checks. Each returns what it found, "" for nothing. --------------------------------------------------------


def check_drift(cast: Cast) -> str:
    try:
        with connection.cursor() as cursor:
            return "; ".join(row_security.drift(cursor))
    except row_security.Unclassified as unclassified:
        return str(unclassified)


def check_outside(cast: Cast) -> str:
    """What the connection may do where no scope is open: before one was, after one, and in a transaction that goes on."""
    found = _outside()
    with open_scope(organisation_id=cast.aldermoor.pk):
        pass
    found = found or _outside()
    with transaction.atomic():
        with open_scope(organisation_id=cast.brightwater.pk):
            pass
        found = found or _outside()
    return found


def _outside() -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            if (user := cursor.fetchone()[0]) != OUTSIDE:
                return f"outside a scope the role is {user}"
            cursor.execute(f"SELECT count(*) FROM {CONTRACT}")
            return f"outside a scope {CONTRACT} can be read"
    except DatabaseError as refusal:
        if "permission denied" not in str(refusal):
            return str(refusal).splitlines()[0]
    try:
        with transaction.atomic():
            Vendor.objects.exists()
    except scope.ScopeMissing:
        return ""
    except DatabaseError:
        return "outside a scope the ORM went to the database"
    return "outside a scope the ORM answered"


# What nobody may do, and what it would mean.
ATTEMPTS = (
    (
        f"UPDATE {MEMBER} SET vendor_id = {{foreign}} WHERE vendor_id IS NOT NULL",
        "a member belongs to a foreign vendor",
    ),
    (f"UPDATE {RESULT} SET vendor_id = {{foreign}}", "a result belongs to a foreign vendor"),
    (f"DELETE FROM slas_terms WHERE id IN (SELECT terms_id FROM {RESULT})", "terms are gone that results point at"),
)


def check_rows(cast: Cast) -> str:
    """Whose contracts each side sees, and whether it can write into another's."""
    sides = {(cast.aldermoor.pk, None): 2, (cast.brightwater.pk, None): 1, (cast.aldermoor.pk, cast.corvid.pk): 1}
    for (organisation, vendor), wanted in sides.items():
        try:
            with open_scope(organisation_id=organisation, vendor_id=vendor), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {CONTRACT}")
                if (count := cursor.fetchone()[0]) != wanted:
                    return f"{count} contracts where {wanted} are its own"
        except DatabaseError as refusal:
            return str(refusal).splitlines()[0]
    for statement, meaning in ATTEMPTS:
        try:
            with transaction.atomic(), open_scope(organisation_id=cast.aldermoor.pk), connection.cursor() as cursor:
                cursor.execute(statement.format(foreign=cast.corvid_at_brightwater.pk))
                return meaning
        except DatabaseError:
            continue
    return ""


def check_door(cast: Cast) -> str:
    """The door, by HTTP, at the addresses of tests/organisations/probe_addresses.py."""
    with open_scope(organisation_id=cast.aldermoor.pk):
        Membership.objects.filter(pk=cast.olu.pk).update(is_active=False)
    for member, wanted in ((cast.otto, 404), (cast.olu, 404), (cast.marco, 200), (cast.vera, 200)):
        browser = Client(raise_request_exception=False)
        browser.force_login(member.user)
        answer = browser.get("/o/aldermoor/template")
        if answer.status_code != wanted:
            return f"{member.name} was answered {answer.status_code} instead of {wanted}"
        if member == cast.vera and "Halden" in answer.content.decode():
            return "Vera saw the other vendor"
    return ""


CHECKS = {"drift": check_drift, "outside": check_outside, "rows": check_rows, "door": check_door}


@contextmanager
def made(fault: Fault) -> Iterator[None]:
    """The fault, for as long as the block runs, and then undone. The connection must belong to the owner, in a transaction;
    the block runs as the log-in role. Roles belong to all databases of a server, so nothing of this is ever committed."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(fault.sql)
            cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {OUTSIDE}")
        yield
        transaction.set_rollback(True)


def found_by(cast: Cast, checks: Iterable[str] = CHECKS) -> dict[str, str]:
    """Check → what it said, for the checks that said something."""
    said = {}
    for name in checks:
        savepoint = transaction.savepoint() if connection.in_atomic_block else None
        said[name] = CHECKS[name](cast)
        if savepoint:
            transaction.savepoint_rollback(savepoint)
    return {name: words for name, words in said.items() if words}


def line(fault: Fault, found: dict[str, str]) -> str:
    """A line of the table: the fault, the checks that saw it, what the named one said."""
    return f"{fault.name:52} {', '.join(found):28} {found.get(fault.check, '')[:110]}"
