"""What a file of accounts payable says about claims: read, and each row beside the claim that it means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from contracts.models import Contract
from credits.exports import CASH_COLUMNS
from credits.models import ColumnTemplate, CreditClaim
from credits.querysets.cash import items_of_claims
from credits.rules import ClaimStatus
from lib.errors import RuleBroken
from lib.templatetags.money import format_amount
from measurements.figures_file import BadFigures, lines

# The columns that are read, by the names of the export. The first two must be there.
READ = ("reference", "amount", "invoice", "invoiced_on", "paid_on", "payment")
NEEDED = READ[:2]
MOST_ROWS = 2000
NUMBER = re.compile(r"-?([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})(\.[0-9]{1,4})?")
RawRow = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Outcome:
    """What comes of a row. `claim` and `version`: what is booked, where `problem` is empty. Amounts are texts as pages write them."""

    line: int
    reference: str
    in_file: str
    here: str
    does: str = ""  # "Recovered", or "On invoice 7, recovered"
    problem: str = ""
    claim: int | None = None
    version: int | None = None
    due: str = ""  # exact, of what is not on an invoice yet
    invoice: str = ""
    invoiced_on: str = ""
    paid_on: str = ""
    payment: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_rows(source: bytes, filename: str) -> list[RawRow]:
    """The rows of a CSV or XLSX file by the names of their columns. The heads may be those of the organisation's own templates.

    RuleBroken for what is no such file, lacks a column, or has too many rows.
    """
    try:
        found = lines(source, filename)
    except BadFigures as bad:
        raise RuleBroken("file", str(bad.problems[0])) from bad
    if not found:
        raise RuleBroken("file", "The file is empty.")
    heads, rows = found[0].cells, found[1:]
    if hidden := [line.number for line in rows if line.hidden]:
        raise RuleBroken(
            "file", f"Row {hidden[0]} of the workbook is hidden. Show or delete it, so that you see what you book."
        )
    known = _names_by_head()
    names = [known.get(head.strip().casefold(), "") for head in heads]
    if missing := [name for name in NEEDED if name not in names]:
        raise RuleBroken(
            "file", f"The file has no column {' and no column '.join(missing)}. Export claims to see the heads."
        )
    if twice := [name for name in READ if names.count(name) > 1]:
        raise RuleBroken("file", f"The file has two columns {twice[0]}.")
    if not rows:
        raise RuleBroken("file", "The file has no rows below its heads.")
    if len(rows) > MOST_ROWS:
        raise RuleBroken("file", f"The file has {len(rows):,} rows; at most {MOST_ROWS:,} are read at once. Split it.")
    return [
        (line.number, {name: cell[:200] for name, cell in zip(names, line.cells, strict=False) if name and cell})
        for line in rows
    ]


def _names_by_head() -> dict[str, str]:
    """Small letters of a head to the name of its column."""
    found: dict[str, str] = {}
    for columns in ColumnTemplate.objects.order_by("pk").values_list("columns", flat=True):
        found |= {head.casefold(): name for name, head in columns}
    found |= {column.label.casefold(): column.name for column in CASH_COLUMNS}
    found |= {column.name: column.name for column in CASH_COLUMNS}
    return {head: name for head, name in found.items() if name in READ}


def outcomes_of(rows: Iterable[Sequence[Any]], now: Any) -> list[Outcome]:
    """Each row beside its claim as it is now. Two statements."""
    rows = [(line, dict(cells)) for line, cells in rows]
    references = [cells.get("reference", "") for _, cells in rows]
    claims = {
        claim.reference: claim
        for claim in CreditClaim.objects.select_related("contract").filter(reference__in=references)
    }
    waiting = [claim for claim in claims.values() if claim.status == ClaimStatus.APPROVED]
    due = items_of_claims([one.pk for one in waiting], sorted({one.contract_id for one in waiting}), now)
    first: dict[str, int] = {}
    found = []
    for line, cells in rows:
        reference = cells.get("reference", "")
        claim = claims.get(reference)
        earlier = first.setdefault(reference, line)
        item = due.get(claim.pk) if claim else None
        stands = claim.taken if claim and claim.taken is not None else item.amount if item else None
        found.append(_outcome(line, cells, claim, stands, bool(item and item.held), earlier, now))
    return found


def _outcome(
    line: int,
    cells: Mapping[str, str],
    claim: CreditClaim | None,
    stands: Decimal | None,
    held: bool,
    earlier: int,
    now: Any,
) -> Outcome:
    reference, text = cells.get("reference", ""), cells.get("amount", "")
    amount = Decimal(text.replace(",", "")) if NUMBER.fullmatch(text) else None
    contract = claim.contract if claim else None
    given: dict[str, Any] = {"line": line, "reference": reference}
    given["in_file"] = format_amount(amount, contract.currency) if amount is not None and contract else text
    given["here"] = format_amount(stands, contract.currency) if stands is not None and contract else ""
    day, invoiced_on = _day(cells.get("paid_on", ""), contract, now), _day(cells.get("invoiced_on", ""), contract, now)
    problem = _problem(cells, claim, amount, stands, earlier, line)
    if not problem and held:
        problem = "On hold: a result of the month is disputed"
    if not problem and (day is None or invoiced_on is None):
        problem = "Write days as 2026-11-28, and none that is still to come"
    if problem or claim is None or day is None or invoiced_on is None:
        return Outcome(**given, problem=problem)
    given |= {
        "claim": claim.pk,
        "version": claim.version,
        "paid_on": day.isoformat(),
        "payment": cells.get("payment", "")[:80],
    }
    if claim.status == ClaimStatus.INVOICED:
        return Outcome(**given, does="Recovered")
    invoice = cells["invoice"][:80]
    given |= {"invoice": invoice, "invoiced_on": min(invoiced_on, day).isoformat(), "due": f"{stands:f}"}
    return Outcome(**given, does=f"On invoice {invoice}, recovered")


def _problem(
    cells: Mapping[str, str],
    claim: CreditClaim | None,
    amount: Decimal | None,
    stands: Decimal | None,
    earlier: int,
    line: int,
) -> str:
    """Why a row is not booked; empty where it is."""
    reference = cells.get("reference", "")
    if not reference:
        return "The reference is missing"
    if claim is None:
        return "There is no claim with this reference"
    if earlier != line:
        return f"The reference stands in row {earlier} already"
    if amount is None:
        return "Write the amount with digits and a point, such as 1200.50"
    if claim.status == ClaimStatus.RECOVERED:
        return "It was recovered already"
    if claim.status not in (ClaimStatus.INVOICED, ClaimStatus.APPROVED):
        return f"The claim is {claim.get_status_display().lower()}"
    if claim.status == ClaimStatus.APPROVED and not cells.get("invoice"):
        return "The claim is not on an invoice yet; give the invoice in the row"
    return describe_difference(amount, stands or Decimal(0), claim.contract)


def describe_difference(amount: Decimal, stands: Decimal, contract: Contract) -> str:
    """ "£72.00 short. Digits swapped?"; empty where the amounts are the same."""
    if amount == stands:
        return ""
    if amount == -stands:
        return f"The sign is the other way; write {stands:.{contract.minor_unit}f}"
    gap = format_amount(abs(stands - amount), contract.currency)
    said = f"{gap} {'short' if abs(amount) < abs(stands) else 'too much'}"
    places = contract.minor_unit
    swapped = sorted(f"{amount:.{places}f}") == sorted(f"{stands:.{places}f}")
    return f"{said}. Digits swapped?" if swapped else said


def _day(text: str, contract: Contract | None, now: Any) -> date | None:
    """The day of a cell, today where there is none; None for what is no day, or still to come."""
    today: date = contract.day(now) if contract else now.date()
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= today else None


def fingerprint(outcomes: Iterable[Outcome]) -> str:
    """Of what was seen before booking: another where a claim has moved since."""
    return sha256(repr([one.as_json() for one in outcomes]).encode()).hexdigest()[:16]
