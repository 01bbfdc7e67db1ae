"""A contract's service credits: month by month, entry by entry, with the balance after each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.models import Contract
from credits.actions.holds import held_amounts
from credits.models import LedgerEntry, WaiverProposal
from credits.rules import EARNED, EntryKind, WaiverStatus
from evaluation.models import Month

ZERO = Decimal(0)
STATUS_STYLES = {
    EntryKind.ACCRUAL: ("none", "breach"),
    EntryKind.FORGONE: ("none", "exempt"),
    EntryKind.EARN_BACK: ("met", "met"),
    EntryKind.ADJUSTMENT: ("info", "info"),
    EntryKind.WAIVER: ("risk", "risk"),
    EntryKind.WAIVER_BACK: ("risk", "risk"),
    EntryKind.INVOICE: ("lock", "lock"),
}


@dataclass(frozen=True)
class Entry:
    """One entry, and what the vendor owed after it."""

    row: LedgerEntry
    balance: Decimal

    @property
    def look(self) -> str:
        return STATUS_STYLES[EntryKind(self.row.kind)][0]

    @property
    def shape(self) -> str:
        return STATUS_STYLES[EntryKind(self.row.kind)][1]

    @property
    def judged(self) -> bool:
        """Whether the judgement explains it; what people decided says why itself."""
        return self.row.kind in EARNED

    @property
    def notable(self) -> bool:
        """A month that closed without a credit says 0; that is kept, and shown only among all entries."""
        return bool(self.row.amount or self.row.capped_amount)


@dataclass(frozen=True)
class Sums:
    """What some entries come to: as `LedgerQuerySet.by_month` has it of a month."""

    balance: Decimal
    credit: Decimal  # accrued, earned back and adjusted, before waivers and invoices
    capped_amount: Decimal
    waived: Decimal
    invoiced: Decimal


def sums_of(rows: Sequence[LedgerEntry]) -> Sums:
    def total(*kinds: EntryKind) -> Decimal:
        return sum((one.amount for one in rows if one.kind in kinds), ZERO)

    return Sums(
        sum((one.amount for one in rows), ZERO),
        total(*EARNED),
        sum((one.capped_amount for one in rows), ZERO),
        -total(EntryKind.WAIVER, EntryKind.WAIVER_BACK),
        -total(EntryKind.INVOICE),
    )


@dataclass(frozen=True)
class MonthMoney:
    """One month: what the judgement says, and what the books say."""

    month: date
    judged: Month | None
    booked: Sums | None
    held: bool = False  # on hold, in whole or in part: not to be taken on an invoice for now
    on_hold: Decimal | None = None  # the part, of which no more than the balance counts; null: all of it

    @property
    def balance(self) -> Decimal:
        return self.booked.balance if self.booked else ZERO

    @property
    def notable(self) -> bool:
        judged, booked = self.judged, self.booked
        return bool(
            (judged and (judged.credit_before_caps or judged.credit or judged.capped_amount or judged.earned_back))
            or (booked and (booked.balance or booked.credit or booked.waived or booked.invoiced))
        )


@dataclass
class Ledger:
    contract: Contract
    entries: list[Entry]  # oldest first
    months: list[MonthMoney]  # newest first
    proposals: list[WaiverProposal]
    sums: Sums

    @property
    def open_proposals(self) -> list[WaiverProposal]:
        return [one for one in self.proposals if one.status == WaiverStatus.PROPOSED]

    @property
    def refused_proposals(self) -> list[WaiverProposal]:
        """Declined or withdrawn, newest first: nothing was posted of them."""
        refused = (WaiverStatus.DECLINED, WaiverStatus.WITHDRAWN)
        return [one for one in self.proposals if one.status in refused]

    @property
    def waivable(self) -> list[MonthMoney]:
        """Months from whose credit something is left, and about which no proposal waits."""
        taken = {one.month for one in self.open_proposals}
        return [one for one in self.months if one.balance > 0 and one.month not in taken]


def ledger_of(contract: Contract, *, for_vendor: bool) -> Ledger:
    """Everything about a contract's credits, in four statements. Proposals of waivers are the client's own affair."""
    rows = list(contract.ledger.select_related("proposed_by", "approved_by").order_by("created_at", "pk"))
    entries, balance = [], ZERO
    for row in rows:
        balance += row.amount
        entries.append(Entry(row, balance))
    of_months: dict[date, list[LedgerEntry]] = defaultdict(list)
    for row in rows:
        of_months[row.month].append(row)
    booked = {month: sums_of(of_month) for month, of_month in of_months.items()}
    judged = {row.month: row for row in contract.months.defer("trace")}
    held = held_amounts(contract)
    months = [
        MonthMoney(month, judged.get(month), booked.get(month), month in held, held.get(month))
        for month in sorted({*booked, *judged}, reverse=True)
    ]
    proposals = (
        []
        if for_vendor
        else list(contract.waiver_proposals.select_related("proposed_by", "decided_by").order_by("-pk"))
    )
    return Ledger(contract, entries, months, proposals, sums_of(rows))
