"""Whoever is in charge of a contract is told in time that it ends: to renew it, or to let it end."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction

from breaches.actions.audience import Audience
from breaches.wording import format_parts
from contracts.rules import ENDING_SOON
from contracts.wording import format_many
from lib.templatetags.dates import format_day
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.rules import Role
from organisations.scope import current_organisation_id

ENDING = (Path(__file__).parent.parent / "sql" / "contracts_ending.sql").read_text().format(soon=ENDING_SOON)
ENDINGS_ARE_DUE = f"EXISTS (\n{ENDING})"
LIMIT = 500


@transaction.atomic
def tell_endings(*, now: datetime) -> int:
    """Announce contracts of the organisation in scope that end soon, each once for its last day. Returns how many; 0 the second time."""
    with connection.cursor() as cursor:
        cursor.execute(ENDING, {"organisation": current_organisation_id(), "now": now, "limit": LIMIT})
        columns = [column.name for column in cursor.description]
        rows: list[Any] = [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
    if not rows:
        return 0
    audience = Audience({row.contract_id for row in rows}, now)
    return publish_events([_event(row, audience) for row in rows], now=now)


def _event(row: Any, audience: Audience) -> NewEvent:
    left = "today" if row.days == 0 else f"in {format_many(row.days, 'day')}"
    return NewEvent(
        key=row.key,
        kind="reminder",
        title=f"Contract ends on {format_day(row.ends_on)}, {left}",
        detail=format_parts(row.vendor, row.reference, row.title, "Renew it, or let it end."),
        path=f"contracts/{row.contract_id}/",
        members=audience.staff(row.contract_id, (Role.ACCOUNT_MANAGER, Role.PROCUREMENT)),
    )
