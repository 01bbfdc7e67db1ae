"""The columns of a ledger, and of what goes to accounts payable, for files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from credits.models import CreditClaim
from credits.querysets.cash import Item
from credits.statement import MonthMoney
from lib.tables import Cell, Column, in_zone


def columns(places: int) -> list[Column]:
    """A row is a `credits.statement.Entry`. `places` are the decimal places of the contract's currency; no entry has more."""

    def amount(value: Decimal) -> Decimal:
        return round(value, places)

    return [
        Column("month", "Month", lambda row: row.row.month),
        Column("books", "Posted in", lambda row: row.row.posted_in),
        Column("entry", "Entry", lambda row: row.row.get_kind_display()),
        Column("amount", "Amount", lambda row: amount(row.row.amount)),
        Column("capped", "Not charged because of the cap", lambda row: amount(row.row.capped_amount)),
        Column("balance", "Balance", lambda row: amount(row.balance)),
        Column("reference", "Invoice", lambda row: row.row.reference),
        Column("reason", "Reason", lambda row: row.row.reason),
    ]


def month_columns(places: int) -> list[Column]:
    """A row is a `credits.statement.MonthMoney`: what the judgement says of the month, and what the books say."""

    def amount(name: str, of: str, said: str) -> Column:
        def cell(row: MonthMoney) -> Decimal | None:
            found = getattr(getattr(row, of), name, None)
            return None if found is None else round(found, places)

        return Column(name, said, cell)

    return [
        Column("month", "Month", lambda row: row.month),
        Column("points", "Points", lambda row: row.judged and row.judged.points),
        amount("credit_before_caps", "judged", "Before caps"),
        amount("capped_amount", "judged", "Not charged because of the cap"),
        amount("credit", "judged", "Credit"),
        amount("earned_back", "judged", "Earned back"),
        amount("waived", "booked", "Waived"),
        amount("invoiced", "booked", "Invoiced"),
        amount("balance", "booked", "Remaining"),
    ]


def _of_row(name: str) -> Callable[[Any], Cell]:
    """Of a row of accounts payable's file: as it is looked at (`credits.reconciling.Outcome`), or as it was booked."""
    return lambda row: row.get(name) if isinstance(row, dict) else getattr(row, name)


OUTCOMES = (
    Column("line", "Row", _of_row("line")),
    Column("reference", "Reference", _of_row("reference")),
    Column("in_file", "In the file", _of_row("in_file")),
    Column("here", "Here", _of_row("here")),
    Column("does", "Outcome", _of_row("does")),
    Column("problem", "Problem", _of_row("problem")),
)


@dataclass(frozen=True)
class CashRow:
    """A part of the credit, with its claim where there is one."""

    item: Item
    claim: CreditClaim | None

    def text(self, name: str) -> str:
        return str(getattr(self.claim, name) or "") if self.claim else ""


def _claimed_at(row: CashRow) -> object:
    return in_zone(row.claim.claimed_at, row.claim.contract.timezone) if row.claim else None


def _approved_at(row: CashRow) -> object:
    return in_zone(row.claim.decided_at, row.claim.contract.timezone) if row.claim else None


# What an organisation chooses from for accounts payable; the names stand in its templates and in files that come back.
CASH_COLUMNS = (
    Column("reference", "Reference", lambda row: row.item.reference),
    Column("vendor_code", "Vendor code", lambda row: row.item.vendor_code),
    Column("vendor", "Vendor", lambda row: row.item.vendor),
    Column("contract", "Contract", lambda row: row.item.contract_reference),
    Column("month", "Month", lambda row: f"{row.item.month:%Y-%m}"),
    Column("amount", "Amount", lambda row: round(row.item.amount, row.item.minor_unit)),
    Column("currency", "Currency", lambda row: row.item.currency),
    Column("state", "State", lambda row: row.item.label),
    Column("claim_by", "Claim by", lambda row: row.item.claim_by),
    Column("claimed_by", "Claimed by", lambda row: row.text("claimed_by_name")),
    Column("claimed_at", "Claimed at", _claimed_at),  # type: ignore[arg-type]
    Column("approved_by", "Approved by", lambda row: row.text("decided_by_name")),
    Column("approved_at", "Approved at", _approved_at),  # type: ignore[arg-type]
    Column("invoice", "Invoice", lambda row: row.item.invoice),
    Column("invoiced_on", "Invoiced on", lambda row: row.claim.invoiced_on if row.claim else None),
    Column("paid_on", "Paid on", lambda row: row.claim.recovered_on if row.claim else None),
    Column("payment", "Payment", lambda row: row.text("payment")),
)
BY_NAME = {column.name: column for column in CASH_COLUMNS}


def chosen_columns(chosen: Iterable[Sequence[str]]) -> list[Column]:
    """The columns of a template, in its order, with its heads."""
    return [replace(BY_NAME[name], label=head) for name, head in chosen if name in BY_NAME]


def cash_rows(found: Sequence[Item]) -> list[CashRow]:
    """With the claims of the items, in one statement."""
    claims = CreditClaim.objects.select_related("contract").in_bulk([one.claim for one in found if one.claim])
    return [CashRow(one, claims.get(one.claim or 0)) for one in found]
