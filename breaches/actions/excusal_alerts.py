"""What is said of excuses and waivers of breaches, and to whom."""

from typing import Any

from breaches.actions.audience import Audience
from breaches.rules.excusals import ExcusalStatus
from breaches.wording import format_parts, format_quotation
from explanations.words import format_money
from lib.templatetags.dates import month_name
from notifications.rules import NewEvent
from organisations.rules import PERMISSIONS, STAFF_ROLES


def tell_excusal(row: Any, audience: Audience) -> NewEvent:
    """Proposed: to the others who may decide. Agreed or declined: to whoever proposed it."""
    word = "Excuse" if row.ending == "excused" else "Waiver"
    about = (row.vendor, row.reference, row.service_level, month_name(row.month))
    given: dict[str, Any] = {"key": row.key, "path": f"breaches/{row.breach_id}/excuse/"}
    if row.status == ExcusalStatus.PROPOSED:
        members = audience.staff(
            row.contract_id, sorted(PERMISSIONS["breach.excuse"] & STAFF_ROLES), but=row.proposed_by_id
        )
        amount = format_money(row.amount, row.currency, row.minor_unit)
        detail = format_parts(*about, amount, f"proposed by {row.proposed_by_name}", format_quotation(row.reason[:200]))
        return NewEvent(
            kind="approval", title=f"{word} of a breach to decide on", detail=detail, members=members, **given
        )
    said = "agreed to" if row.status == ExcusalStatus.AGREED else "declined"
    detail = format_parts(*about, f"{said} by {row.decided_by_name}", format_quotation(row.answer[:200]))
    return NewEvent(
        kind="decided", title=f"{word} of a breach {said}", detail=detail, members=(row.proposed_by_id,), **given
    )
