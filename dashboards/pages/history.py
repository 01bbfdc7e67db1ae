"""What happened in a contract's month, and what its money comes to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from breaches.rules import Status
from breaches.rules.plans import STANDS
from contracts.models import Contract
from contracts.wording import describe_triggered
from dashboards.querysets.scorecard import MonthEvent
from disputes.pages.marks import Mark, Slot
from evaluation.models import Month
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import number
from measurements.wording import describe_step
from slas.models import ServiceLevel

Entry = dict[str, Any]
ZERO = Decimal(0)


def history_of(month_events: Iterable[MonthEvent], names: Mapping[int, str]) -> list[Entry]:
    """Entries with who, what and when, and the month that one follows from, the newest first. `names` of service levels by id."""
    entries: list[Entry] = []
    opened: dict[datetime, list[str]] = defaultdict(list)
    for one in month_events:
        if one.kind == "breach":
            name = names.get(one.service_level_id or 0, "")
            opened[one.at].append(name)
            if one.answered_at:
                what = f"{one.who} acknowledged the breach of {name}"
                entries.append({"who": one.who, "what": what, "at": one.answered_at})
        elif one.kind == "step":
            what = describe_step(one.what, one.who, one.why, int(one.number or 1))
            entries.append({"who": one.who, "what": what, "at": one.at})
        elif one.kind == "edition":
            entries.append({"who": one.who, "what": f"{one.who} published edition {one.number}", "at": one.at})
        elif one.kind == "restatement":
            levels = "1 result" if one.number == 1 else f"{one.number} results"
            entries.append({"who": "", "what": f"{levels} restated: {one.why}", "at": one.at, "cause": one.cause})
    for at, found in opened.items():
        what = f"Breach opened: {found[0]}" if len(found) == 1 else f"{len(found)} breaches opened"
        entries.append({"who": "", "what": what, "at": at})
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


class Edition(NamedTuple):
    """The edition of the month that counts. `changed`: score, penalty points or credit are others by now."""

    number: int
    at: datetime
    by: str
    changed: bool


def edition_of(month_events: Iterable[MonthEvent]) -> Edition | None:
    """None where the month is not published."""
    found = [one for one in month_events if one.kind == "edition"]
    last = max(found, key=lambda one: one.number or 0, default=None)
    return Edition(int(last.number or 0), last.at, last.who, last.what == "changed") if last else None


def marks_of(month_events: Iterable[MonthEvent]) -> dict[Slot, Mark]:
    """What waits for an answer, by slot: as `disputes.pages.marks.marks` finds it."""
    found: dict[Slot, Mark] = {}
    for one in month_events:
        if one.kind in Mark._fields and one.service_level_id and one.cause:
            slot = one.service_level_id, one.cause
            found[slot] = found.get(slot, Mark())._replace(**{one.kind: one.pk})
    return found


def breaches_of(month_events: Iterable[MonthEvent], levels: Sequence[ServiceLevel]) -> list[Entry]:
    """The month's breaches in the order of their service levels: id, name, status."""
    names = {level.pk: level.name for level in levels}
    order = {level.pk: at for at, level in enumerate(levels)}
    found = sorted(
        (one for one in month_events if one.kind == "breach"), key=lambda one: order[one.service_level_id or 0]
    )
    return [
        {
            "pk": one.pk,
            "name": names[one.service_level_id or 0],
            "status": one.what,
            "label": STANDS.get(one.why) or Status(one.what).label,
        }
        for one in found
    ]


def rules_of(
    contract: Contract, month_events: Iterable[MonthEvent], names: Mapping[int, str]
) -> list[tuple[str, list[Entry]]]:
    """The contract's rules that the month triggers, each with the service levels concerned, what it counted, its limit and what follows.

    Only the number where a later version of the contract has no such rule.
    """
    found: dict[str, list[Entry]] = defaultdict(list)
    rules = {rule["name"]: rule for rule in contract.rules}
    for one in month_events:
        if one.kind == "rule":
            measured, rule = one.number or ZERO, rules.get(one.what)
            counted = describe_triggered(rule, measured) if rule else number(measured)
            found[one.what].append({"level": names.get(one.service_level_id or 0, ""), "counted": counted})
    return sorted(found.items())


def money_rows(contract: Contract, money: Month | None, levels: Sequence[ServiceLevel]) -> list[Entry]:
    """The month's money, which came with what is booked, line by line, in the contract's currency: what the client gets is positive, what
    goes off it negative, so that the lines add up to each strong one."""
    if money is None:
        return []

    def row(label: str, value: Decimal, strong: bool = False) -> Entry:
        return {"label": label, "text": format_amount(value, contract.currency), "strong": strong}

    names, booked = {level.code: level.name for level in levels}, vars(money)["booked"]
    waived, invoiced = booked["waived"], booked["invoiced"]
    due = money.credit - money.earned_back - waived
    rows = []
    shares: dict[str, Decimal] = {}
    for slot in money.trace.get("counted") or []:
        share = Decimal(slot.get("share") or 0)
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
