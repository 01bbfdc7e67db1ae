"""What happened in a contract's month, and what its money comes to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from breaches.models import Breach
from contracts.models import Contract
from evaluation.models import Month
from lib.templatetags.money import amount
from measurements.models import Step
from measurements.wording import steps_told
from slas.models import ServiceLevel

Entry = dict[str, Any]
ZERO = Decimal(0)


def history_of(
    steps: Iterable[Step], breaches: Iterable[Breach], restatements: Iterable[dict[str, Any]]
) -> list[Entry]:
    """Entries with who, what and when, and the month that one follows from, the newest first."""
    entries = steps_told(steps)
    there = list(breaches)
    for at in sorted({breach.opened_at for breach in there}):
        names = [breach.service_level.name for breach in there if breach.opened_at == at]
        what = f"Breach opened: {names[0]}" if len(names) == 1 else f"{len(names)} breaches opened"
        entries.append({"who": "", "what": what, "at": at})
    for breach in there:
        if breach.acknowledged_at:
            who = breach.acknowledged_by_name
            what = f"{who} acknowledged the breach of {breach.service_level.name}"
            entries.append({"who": who, "what": what, "at": breach.acknowledged_at})
    for past in restatements:
        count = past["count"]
        levels = "1 result" if count == 1 else f"{count} results"
        what = f"{levels} restated: {past['restated_because']}"
        entries.append({"who": "", "what": what, "at": past["restated_at"], "cause": past["cause_month"]})
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def money_rows(
    contract: Contract, money: Month | None, levels: Sequence[ServiceLevel], booked: dict[str, Any]
) -> list[Entry]:
    """The month's money line by line, in the contract's currency: what the client gets is positive, what goes off it negative, so that
    the lines add up to each strong one."""
    if money is None:
        return []

    def row(label: str, value: Decimal, strong: bool = False) -> Entry:
        return {"label": label, "text": amount(value, contract.currency), "strong": strong}

    names = {level.code: level.name for level in levels}
    waived, invoiced = booked.get("waived") or ZERO, booked.get("invoiced") or ZERO
    due = money.credit - money.earned_back - waived
    rows = []
    shares: dict[str, Decimal] = {}
    for slot in money.trace.get("counted") or []:
        share = Decimal(str(slot.get("share") or 0))
        if share:
            shares[slot["code"]] = shares.get(slot["code"], ZERO) + share
    rows += [row(names.get(code, code), share) for code, share in shares.items()]
    rows += [row("Earned back", -money.earned_back)] if money.earned_back else []
    rows += [row("Waived", -waived)] if waived else []
    rows.append(row("Credit due", due, strong=True))
    rows += [row("Deducted on invoices", -invoiced)] if invoiced else []
    # What was earned back is booked on the month that it was credited for: only where there is none do the books say the same.
    if invoiced and booked["balance"] == due - invoiced:
        rows.append(row("Left", booked["balance"], strong=True))
    return rows
