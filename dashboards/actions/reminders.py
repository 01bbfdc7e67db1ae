"""Reminding people of figures that a month still lacks."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from breaches.actions import reminder_key
from breaches.actions.audience import Audience
from breaches.wording import format_parts
from contracts.models import Contract
from dashboards.querysets.cockpit import Figure, figures
from lib import clock
from lib.errors import RuleBroken
from lib.templatetags.dates import format_deadline, month_name
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import require
from organisations.models import Membership

REMINDS = " reminds you of "
NAMED = 3  # service levels that a reminder names


@transaction.atomic
def remind(
    *, by: Membership, month: date, chosen: Collection[str] | None, contracts: Collection[int]
) -> tuple[int, int]:
    """Remind who is in charge at the vendor, or their deputy, of figures that are late, due or returned: one notice a contract and day.

    `chosen` are keys of figures (`Figure.key`); None: all of these contracts. Returns how many contracts were reminded of, and how many had
    been today. RuleBroken where none of them waits for a vendor.
    """
    require(by, "figures.remind")
    now = clock.database_now()
    waiting = figures(month, now, list(contracts), acts="vendor")
    by_contract: dict[int, list[Figure]] = {}
    for one in waiting:
        if chosen is None or one.key in chosen:
            by_contract.setdefault(one.contract_id, []).append(one)
    if not by_contract:
        raise RuleBroken(
            "nothing", "None of these figures waits for a vendor any more. Reload to see where they stand."
        )
    audience = Audience(by_contract, now)
    contracts_of = Contract.objects.only("vendor_id", "timezone").in_bulk(by_contract)
    events = [_reminder(by, month, rows, audience, contracts_of[pk]) for pk, rows in by_contract.items()]
    told = publish_events(events, now=now)
    return told, len(events) - told


def _reminder(by: Membership, month: date, rows: list[Figure], audience: Audience, contract: Contract) -> NewEvent:
    first = rows[0]
    count = "1 figure" if len(rows) == 1 else f"{len(rows)} figures"
    names = ", ".join(row.name for row in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    due = min(row.due_on for row in rows)
    return NewEvent(
        key=reminder_key(first.contract_id, month, first.today),  # not twice on a day of the contract
        kind="reminder",
        title=f"{by.name}{REMINDS}{count} for {month_name(month)}",
        detail=format_parts(first.reference, f"{names}{more}", f"due {format_deadline(due, contract.timezone)}"),
        path=f"contracts/{first.contract_id}/{month:%Y-%m}/",
        members=audience.vendor(first.contract_id, contract.vendor_id),
        vendor_id=contract.vendor_id,
    )
