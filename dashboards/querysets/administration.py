"""How an organisation stands, for those who look after it. Statements as text: each is asked once a page, over many tables."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection

from audit.models import Entry
from organisations.rules import KEY_SOON

SQL = Path(__file__).parent.parent / "sql"
WEEK = timedelta(days=7)
INVITATION_SOON = timedelta(days=2)
SHOWN = 8
# Whose changes are those of the organisation itself, and not of its months.
OF_ORGANISATION = (
    "organisations_organisation",
    "organisations_organisationsettings",
    "organisations_membership",
    "organisations_invitation",
    "organisations_apikey",
    "organisations_vendor",
    "contracts_contract",
    "contracts_owner",
    "slas_terms",
)


def state_of_organisation(now: datetime) -> SimpleNamespace:
    """One row; the names of its columns are those of the SQL."""
    return _rows("administration", {"now": now, "week": now - WEEK})[0]


def needs_administrator(now: datetime) -> list[SimpleNamespace]:
    """What somebody has to do: `kind` (key, bounce, lost, invitation), `id`, `name`, `more`, `at`."""
    until = {"keys_until": now + KEY_SOON, "invitations_until": now + INVITATION_SOON}
    return _rows("needs_administrator", {"now": now, "limit": SHOWN, **until})


def changes_of_the_week(now: datetime) -> list[Any]:
    """The latest changes of people, keys, settings and terms by somebody."""
    found = Entry.objects.between(now - WEEK, None).filter(table_name__in=OF_ORGANISATION, actor_id__isnull=False)
    return list(found.order_by("-pk")[:SHOWN])


def _rows(name: str, values: dict[str, Any]) -> list[SimpleNamespace]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(), values)
        columns = [column.name for column in cursor.description]
        return [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
