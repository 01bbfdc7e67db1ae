"""What is open at this moment, whether anybody was notified of it or not."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from organisations.scope import current_organisation_id

SQL = (Path(__file__).parent.parent / "sql" / "open_now.sql").read_text()


class Open(NamedTuple):
    """So many of a kind, figures by their month, and since when the oldest."""

    kind: str
    month: date | None
    number: int
    since: date


def open_now(contracts: list[int] | None, now: datetime) -> list[Open]:
    """Kinds that there is nothing of are left out; the oldest first within a kind. One statement."""
    values = {"organisation": current_organisation_id(), "contracts": contracts, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(SQL, values)
        found = [Open(*row) for row in cursor.fetchall()]
    return sorted((one for one in found if one.number), key=lambda one: (one.kind, one.since))
