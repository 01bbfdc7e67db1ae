"""Who is told of a revision: whoever has the next word, and whoever wrote it."""

from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction

from agreements.rules import OF_VENDOR, SHARED, StepKind
from breaches.actions.audience import Audience
from breaches.rules import LATELY
from breaches.wording import format_parts, format_quotation
from lib.templatetags.dates import format_day
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.rules import Role
from organisations.scope import current_organisation_id

STEPS = (Path(__file__).parent.parent / "sql" / "steps_to_tell.sql").read_text()
NOTICES_ARE_DUE = f"EXISTS (\n{STEPS})"
LIMIT = 500

TITLES = {
    StepKind.SUBMITTED: "Revision to approve",
    StepKind.SENT_BACK: "Revision sent back",
    StepKind.SENT: "New terms are proposed to you",
    StepKind.COUNTERED: "The vendor proposes other terms",
    StepKind.CONSENTED: "The vendor consented",
    StepKind.DECLINED: "The vendor declined",
    StepKind.REOPENED: "The proposed terms are being changed",
    StepKind.WITHDRAWN: "Revision withdrawn",
    StepKind.LAPSED: "A revision needs a new day",
    StepKind.SUPERSEDED: "A revision was overtaken",
    StepKind.IN_FORCE: "New terms are in force",
}
PAGES = {StepKind.SUBMITTED: "approval/", StepKind.SENT: "consent/", **dict.fromkeys(OF_VENDOR, "consent/")}


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Announce what happened to the revisions of the organisation in scope. Returns how many events; 0 the second time."""
    with connection.cursor() as cursor:
        cursor.execute(STEPS, {"organisation": current_organisation_id(), "since": now - LATELY, "limit": LIMIT})
        columns = [column.name for column in cursor.description]
        rows: list[Any] = [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
    if not rows:
        return 0
    audience = Audience({row.contract_id for row in rows}, now)
    return publish_events([_event(row, audience) for row in rows], now=now)


def _event(row: Any, audience: Audience) -> NewEvent:
    """The approvers but whoever submitted it; the vendor of what it is asked and told; the author of everything that others did."""
    kind = StepKind(row.kind)
    to_vendor = row.shared and kind in SHARED
    members: set[int] = set(audience.vendor(row.contract_id, row.vendor_id)) if to_vendor else set()
    if kind == StepKind.SUBMITTED:
        members |= set(audience.staff(row.contract_id, (Role.ACCOUNT_MANAGER, Role.PROCUREMENT), but=row.by_id))
    elif row.by_id != row.author_id:
        members.add(row.author_id)
    return NewEvent(
        key=row.key,
        kind="revision",
        title=_title(kind, row.new_end),
        detail=format_parts(row.vendor, row.reference, row.title, format_quotation(row.text[:300]) if row.text else ""),
        path=f"revisions/{row.revision_id}/{PAGES.get(kind, '')}",
        members=tuple(sorted(members)),
        vendor_id=row.vendor_id if to_vendor else None,
    )


def _title(kind: StepKind, new_end: date | None) -> str:
    if kind == StepKind.IN_FORCE and new_end is not None:
        return f"The contract’s last day is {format_day(new_end)}"
    return TITLES[kind]
