"""What an early end of a contract closes: everything that is open, by kind, with what becomes of it. Nothing is decided by it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from agreements.querysets import OpenAtEnd, open_at_end
from agreements.rules import Status as RevisionStatus
from breaches.rules import Status as BreachStatus
from breaches.rules.plans import PlanStatus
from breaches.wording import format_period
from contracts.models import Contract
from contracts.wording import format_many
from credits.querysets.cash import totals
from credits.rules import CASH_OPEN, CashState
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.money import format_amount
from slas.wording import describe_cycle

MOST = 25  # of each kind that are named; the others are counted


class Line(NamedTuple):
    """One thing that is open: what it is, where it stands, and the page that it has (the name of its address, and its number)."""

    what: str
    stands: str
    page: str = ""
    pk: int | None = None


@dataclass(frozen=True)
class Group:
    """Things of one kind and what becomes of them. `more`: how many of them are not named."""

    title: str
    becomes: str
    lines: tuple[Line, ...]
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.lines) + self.more


def what_it_closes(contract: Contract, last: date, now: datetime, *, but: int | None = None) -> list[Group]:
    """All that is open when a contract is to end on `last`, as the reader may see it; `but`: the revision that ends it. Two statements."""
    rows = open_at_end(contract.pk, last, but, MOST)
    by_kind: dict[str, list[OpenAtEnd]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    said = [_group(kind, by_kind[kind], last) for kind in KINDS if kind in by_kind]
    money = _credits(contract, last, now)
    return [*said, *([money] if money else [])]


def _group(kind: str, rows: Sequence[OpenAtEnd], last: date) -> Group:
    title, becomes, line = KINDS[kind]
    return Group(
        title, becomes.format(last=format_day(last)), tuple(line(row) for row in rows), rows[0].of_kind - len(rows)
    )


def _figures(row: OpenAtEnd) -> Line:
    open_ones = f"{row.number} of {format_many(row.other, 'figure')} not accepted yet"
    return Line(month_name(row.day) if row.day else "", open_ones)


def _cut(row: OpenAtEnd) -> Line:
    begins = row.day or date.min
    period = format_period(row.status, begins, date.fromisoformat(row.called))
    return Line(period, f"{describe_cycle(row.status)}, from {format_day(begins)}")


def _later(row: OpenAtEnd) -> Line:
    until = format_day(row.day) if row.day else ""
    return Line(
        f"{format_day(date.fromisoformat(row.called))} to {until}", f"{format_many(row.number, 'figure')} were to come"
    )


def _named(page: str, words: Mapping[str, Any]) -> Any:
    def line(row: OpenAtEnd) -> Line:
        month = month_name(row.day) if row.day else ""
        return Line(", ".join(part for part in (row.called, month) if part), str(words[row.status]), page, row.id)

    return line


def _plan(row: OpenAtEnd) -> Line:
    due = f"due {format_day(row.day)}" if row.day else ""
    return Line(
        row.called or "Corrective plan", f"{PlanStatus(row.status).label}, {due}", "breach" if row.id else "", row.id
    )


def _revision(row: OpenAtEnd) -> Line:
    status = RevisionStatus(row.status)
    if row.other and status != RevisionStatus.DRAFT:
        becomes = "begins after the end, so it lapses"
    elif status == RevisionStatus.DRAFT:
        becomes = "has to be brought up to date; nothing can begin after the end"
    elif status == RevisionStatus.CONSENTED:
        becomes = "stays agreed"
    else:
        becomes = "has to be brought up to date and agreed again"
    day = f", from {format_day(row.day)}" if row.day else ""
    called = f"Revision {row.number}" + (f": {row.called}" if row.called else "")
    return Line(called, f"{status.label}{day}: {becomes}", "revision", row.id)


ASKED = {"open": "Waits for an answer"}
# In the order in which they are listed: title, what becomes of them, and how a row is told.
KINDS: Mapping[str, tuple[str, str, Any]] = {
    "figures": (
        "Figures still to report",
        "They stay due as agreed, each month’s on its day; the last ones are those of the month in which it ends.",
        _figures,
    ),
    "cut": (
        "Periods that are cut",
        "They end on {last}, are due after that day, and are judged with the days and minutes that are left.",
        _cut,
    ),
    "later": ("Later periods", "No figures are expected of them any more, and none is judged.", _later),
    "breach": (
        "Open breaches",
        "They stay open until they are closed, excused or verified: the end settles none of them.",
        _named("breach", {status: status.label for status in BreachStatus}),
    ),
    "plan": (
        "Corrective plans",
        "They stay due. A plan is verified by later periods only as far as there are any; afterwards somebody closes it.",
        _plan,
    ),
    "dispute": ("Open disputes", "They are ruled on as before; a ruling corrects what it is about.", _named("dispute", ASKED)),
    "relief": ("Relief asked for", "It is decided on as before.", _named("relief-request", ASKED)),
    "extension": ("More time asked for", "It is decided on as before; of a later month it is of no use.", _named("", ASKED)),
    "revision": ("Open revisions", "What was to begin after {last} does not begin.", _revision),
}  # fmt: skip

CREDITS = {
    CashState.ON_HOLD: "on hold until what is disputed is ruled on; claimable afterwards",
    CashState.CLAIMABLE: "stay claimable as the contract says",
    CashState.CLAIMED: "wait for approval as before",
    CashState.APPROVED: "go on an invoice as before",
    CashState.INVOICED: "wait for the money as before",
    CashState.PAY_BACK: "are still owed to the vendor",
}


def _credits(contract: Contract, last: date, now: datetime) -> Group | None:
    lines = tuple(_sums(totals([contract.pk], now)))
    yearly = any(
        cap["over"] == "contract_year" and cap.get("percent_of")
        for cap in contract.in_force(last).credits.get("caps", ())
    )
    if not lines and not yearly:
        return None
    said = "They stay what they are; what falls due up to the last day is added when its months are final."
    if contract.claim_within is not None:
        said += f" A month’s credit is claimed within {contract.claim_within} days of its end, as agreed."
    if yearly:
        said += " The limit over a contract year is worked out from the charges up to the last day, so that credits of that year may fall."
    return Group("Service credits", said, lines)


def _sums(found: Iterable[Any]) -> Iterable[Line]:
    open_ones = {one.state: one for one in found if one.state in CASH_OPEN}
    for state in CASH_OPEN:
        if state in open_ones and state in CREDITS:
            one = open_ones[state]
            yield Line(f"{format_amount(one.amount, one.currency)}, {format_many(one.months, 'month')}", CREDITS[state])
