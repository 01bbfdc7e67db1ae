"""The scope: which organisation, which vendor, who acts. Opened once per transaction by one statement; everything else reads it. What each
of them may see is in `row_security.py`, what they may do in `rules.py`.

Outside a scope the ORM raises ScopeMissing when a query on an organisation's table is compiled, and the database refuses raw SQL,
because the log-in role has no right on those tables. There is no way to get "no rows" for lack of a scope.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction


class ScopeMissing(RuntimeError):
    """A query on an organisation's table outside a scope: a programming error, never an empty list."""


@dataclass(frozen=True)
class Scope:
    """organisation_id always; vendor_id for people of a vendor; actor_id is the acting membership, None for the system.

    `contracts`: the ids of the vendor's contracts that the person may see; None for all of them. `prepared`: the names of the
    statements whose plans the database session keeps (`kept_plans.py`).
    """

    organisation_id: int
    vendor_id: int | None = None
    actor_id: int | None = None
    request_id: str = ""
    contracts: tuple[int, ...] | None = None
    prepared: set[str] = field(default_factory=set, compare=False, repr=False)

    @property
    def database_role(self) -> str:
        of_vendor = "vendor" if self.contracts is None else "limited"
        return f"{settings.DATABASE_ROLE_PREFIX}_{'staff' if self.vendor_id is None else of_vendor}"

    @property
    def settings(self) -> list[str]:
        """What OPEN takes, in its order."""
        contracts = "" if self.contracts is None else f"{{{','.join(map(str, self.contracts))}}}"
        of_vendor = [str(self.vendor_id or ""), contracts]
        return [str(self.organisation_id), *of_vendor, str(self.actor_id or ""), self.request_id, self.database_role]


_current: ContextVar[Scope | None] = ContextVar("plumbline_scope", default=None)

# Statements that are prepared have one plan for all values. The session is asked each time which it has: a pooler may give us another.
OPEN = """SELECT ARRAY(SELECT name FROM pg_prepared_statements), set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('app.organisation_id', %s, true), set_config('app.vendor_id', %s, true),
    set_config('app.contracts', %s, true), set_config('app.actor_id', %s, true), set_config('app.request_id', %s, true),
    set_config('role', %s, true)"""
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def current() -> Scope:
    """The open scope. Raises ScopeMissing where there is none."""
    scope = _current.get()
    if scope is None:
        raise ScopeMissing("No scope is open: this data belongs to an organisation. Enter through a door.")
    return scope


def is_open() -> bool:
    return _current.get() is not None


def current_organisation_id() -> int:
    return current().organisation_id


@contextmanager
def open_scope(
    *,
    organisation_id: int,
    vendor_id: int | None = None,
    actor_id: int | None = None,
    request_id: str = "",
    contracts: Iterable[int] | None = None,
    limits: str = "",
) -> Iterator[Scope]:
    """Open a scope and its transaction. Scopes do not nest: work for another organisation waits until this one is closed.

    `limits`: what the transaction may take, by its name in settings.DATABASE_LIMITS; commands take as long as they need.
    """
    if is_open():
        raise RuntimeError("A scope is already open; scopes do not nest.")
    some = None if contracts is None else tuple(contracts)
    scope = Scope(organisation_id, vendor_id, actor_id, request_id, some)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(OPEN + _limits(limits), scope.settings)
            scope.prepared.update(cursor.fetchone()[0])
        token = _current.set(scope)
        try:
            yield scope
            _leave()
        finally:
            _current.reset(token)


def _limits(name: str) -> str:
    """What the opening statement sets besides: milliseconds, 0 is none."""
    given = settings.DATABASE_LIMITS[name] if name else dict.fromkeys(LIMITS, 0)
    return "".join(f", set_config('{one}', '{given[one]:d}', true)" for one in LIMITS)


def _leave() -> None:
    """Give the role back where an outer transaction goes on (tests, commands); a commit or rollback does it by itself."""
    if connection.needs_rollback or not connection.savepoint_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(OPEN + _limits(""), ["", "", "", "", "", "none"])


class CurrentOrganisation(models.Expression):
    """The open scope's organisation, bound when the SQL is compiled: exists(), prefetches and subqueries are covered too."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[int]]:
        return "%s", (current_organisation_id(),)

    def get_source_expressions(self) -> list[Any]:
        return []
