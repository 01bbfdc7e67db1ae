"""What happened in a contract's month, and what its money comes to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from breaches.models import Breach
from contracts.models import Contract
from evaluation.models import Month
from lib.templatetags.dates import month_name
from lib.templatetags.money import amount
from measurements.models import Submission
from measurements.rules import Status
from slas.models import ServiceLevel

Entry = dict[str, Any]
ZERO = Decimal(0)


def history_of(
    submissions: Iterable[Submission], breaches: Iterable[Breach], restatements: Iterable[dict[str, Any]]
) -> list[Entry]:
    """Entries with who, what and when, the newest first."""
    entries: list[Entry] = []
    for one in submissions:
        entries += _submission(one)
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
        entries.append({"who": "", "what": f"{levels} restated: {past['restated_because']}", "at": past["restated_at"]})
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def _submission(one: Submission) -> list[Entry]:
    entries: list[Entry] = []
    which = "Figures" if one.revision == 1 else f"Figures, revision {one.revision},"
    reason = f": {one.reason}" if one.reason else ""
    if one.submitted_at:
        who = one.submitted_by_name
        by = f" by {who}" if who else ""
        entries.append({"who": who, "what": f"{which} submitted{by}{reason}", "at": one.submitted_at})
    if one.decided_at and one.status in (Status.ACCEPTED, Status.SUPERSEDED, Status.RETURNED):
        act = "returned" if one.status == Status.RETURNED else "accepted"
        why = f": {one.return_reason}" if one.status == Status.RETURNED else ""
        who = one.decided_by_name
        by = f" by {who}" if who else ""
        entries.append({"who": who, "what": f"{which} {act}{by}{why}", "at": one.decided_at})
    return entries


def money_rows(
    contract: Contract, money: Month | None, levels: Sequence[ServiceLevel], booked: dict[str, Any]
) -> list[Entry]:
    """The month's money line by line, in the contract's currency, with true minus signs."""
    if money is None:
        return []

    def row(label: str, value: Decimal, strong: bool = False) -> Entry:
        return {"label": label, "text": amount(value, contract.currency), "strong": strong}

    names = {level.code: level.name for level in levels}
    rows = [row(f"{month_name(money.month)} charges", money.charges)]
    rows += [row("Of these at risk", money.at_risk)] if money.at_risk else []
    shares: dict[str, Decimal] = {}
    for slot in money.trace.get("counted") or []:
        share = Decimal(str(slot.get("share") or 0))
        if share:
            shares[slot["code"]] = shares.get(slot["code"], ZERO) + share
    rows += [row(names.get(code, code), -share) for code, share in shares.items()]
    rows += [row("Earned back", money.earned_back)] if money.earned_back else []
    rows.append(row("Credit due", money.credit - money.earned_back, strong=True))
    rows += [row("Waived", -booked["waived"])] if booked.get("waived") else []
    rows += [row("Taken on invoices", -booked["invoiced"])] if booked.get("invoiced") else []
    return rows
