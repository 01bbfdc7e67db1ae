"""Starts that are refused, each with a sentence: what would be open to everybody, or stronger than a request may be."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

KNOWN_KEY = "only-for-the-demo-and-tests-" * 2
SHORTEST_KEY = 50  # characters, as `manage.py check --deploy` asks
MAKE_KEY = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def secret_key(given: str | None, *, production: bool, debug: bool) -> str:
    """What the environment gives, or outside production the known one. Raises ImproperlyConfigured."""
    if production and debug:
        raise ImproperlyConfigured(
            "PRODUCTION and DEBUG are both set: debug pages show settings and sources to everybody. Unset DEBUG."
        )
    key = given or ""
    if not key and (production or debug):
        name = "PRODUCTION" if production else "DEBUG"
        raise ImproperlyConfigured(
            f"{name} is set without a SECRET_KEY: with the known one anybody could sign in as anybody. {MAKE_KEY}"
        )
    if production and (len(key) < SHORTEST_KEY or key == KNOWN_KEY):
        what = "the known one of demo and tests" if key == KNOWN_KEY else f"shorter than {SHORTEST_KEY} characters"
        raise ImproperlyConfigured(f"SECRET_KEY is {what}: sessions and links could be forged. {MAKE_KEY}")
    return key or KNOWN_KEY


# Who logged in, not whose role is on: that could be taken off again.
ACCOUNT = """
    SELECT rolname, rolsuper OR rolbypassrls,
        coalesce(pg_has_role(oid, (SELECT relowner FROM pg_class WHERE oid = to_regclass('organisations_organisation')), 'MEMBER'), false)
    FROM pg_roles WHERE rolname = session_user"""


def check_database_account() -> None:
    """Raises ImproperlyConfigured where requests or tasks would run as a superuser or as the owner of the tables: no wall between
    organisations holds for these. Where the database is away nothing is known; the process waits for it then."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(ACCOUNT)
            name, is_super, is_owner = cursor.fetchone()
    except DatabaseError as away:
        log.warning("The account in DATABASE_URL cannot be looked at: %s", away)
        return
    finally:
        connection.close()  # this process may be about to fork
    if is_super or is_owner:
        what = "a superuser" if is_super else "the owner of the tables"
        raise ImproperlyConfigured(
            f"DATABASE_URL logs in as {name}, {what}: no wall between organisations would hold. Put plumbline_login there, and the owner "
            "in DATABASE_OWNER_URL, for migrate alone."
        )


def refuse_powerful_account() -> None:
    """For what serves requests or tasks, in production. Elsewhere one account may serve for all (config.databases)."""
    if settings.PRODUCTION:
        check_database_account()


def refuse_powerful_worker(**_: Any) -> None:
    """The same for workers and beat, which take every exception from whoever hears of their start, but not this one."""
    try:
        refuse_powerful_account()
    except ImproperlyConfigured as refused:
        raise SystemExit(str(refused)) from refused
