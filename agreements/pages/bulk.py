"""A bulk revision as it is shown: how far it is, what it comes to for each contract and in sum, and where each contract stands.

Pure: rows with their contracts and revisions in, what the template places out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agreements.models import BulkRevision, BulkRevisionContract
from agreements.pages.impact import Figure
from agreements.pages.revision import LOOKS as REVISION_LOOKS
from agreements.rules import BulkKind, BulkPart, BulkStatus, Status
from lib.templatetags.money import format_short_amount, money_exact
from lib.templatetags.numbers import NO_VALUE, number, signed

LOOKS = {
    BulkStatus.WORKING_OUT: "info",
    BulkStatus.WORKED_OUT: "info",
    BulkStatus.SUBMITTED: "none",
    BulkStatus.SENT_BACK: "risk",
    BulkStatus.APPROVED: "late",
    BulkStatus.WITHDRAWN: "none",
}
NEXT = {
    BulkStatus.WORKING_OUT: "Wait until every contract is worked out",
    BulkStatus.WORKED_OUT: "Look at it, then submit it",
    BulkStatus.SUBMITTED: "Somebody who did not write it approves it",
    BulkStatus.SENT_BACK: "Change it, or withdraw it",
    BulkStatus.APPROVED: "Each vendor answers for its own contract",
}
AGREED = (Status.CONSENTED, Status.IN_FORCE)
# Where nobody of either side has anything left to do about a revision.
SETTLED = (*AGREED, Status.WITHDRAWN)


@dataclass(frozen=True)
class Row:
    """A contract that takes the change: before → after, and where it stands."""

    part: BulkRevisionContract
    charges: tuple[str, str, str] | None  # a month now, then, and the difference
    met: str
    breaches: str
    score: str
    credit: str
    sentence: str
    look: str
    state: str


@dataclass(frozen=True)
class Sum:
    """All contracts of one currency together."""

    currency: str
    contracts: int
    charges: tuple[str, str, str] | None
    met: str
    breaches: str
    credit: str


@dataclass(frozen=True)
class Progress:
    """How many contracts are worked out, out of all."""

    of: int
    waiting: int

    @property
    def done(self) -> int:
        return self.of - self.waiting

    @property
    def width(self) -> int:
        """Of the bar, out of 100."""
        return 100 * self.done // self.of if self.of else 100


@dataclass(frozen=True)
class BulkPage:
    """Everything of the table and what stands above it. `counts`: how many contracts stand where, by the words of their state."""

    look: str
    state: str
    next: str
    progress: Progress
    rows: Sequence[Row]
    sums: Sequence[Sum]
    figures: Sequence[Figure]
    counts: Mapping[str, int]
    unfit: Mapping[str, Sequence[BulkRevisionContract]]  # by the reason
    left_out: Sequence[BulkRevisionContract]

    @property
    def unfit_count(self) -> int:
        return sum(len(parts) for parts in self.unfit.values())


def bulk_page(bulk: BulkRevision, parts: Sequence[BulkRevisionContract]) -> BulkPage:
    taking = [part for part in parts if part.status == BulkPart.READY]
    taking.sort(key=lambda part: (-abs(part.money or Decimal(0)), part.contract.reference))
    look, state = state_of(bulk, [part.revision.status for part in taking if part.revision])
    sums = [_sum(currency, ours) for currency, ours in by_currency(taking).items()]
    rows = [_row(part) for part in taking]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    return BulkPage(
        look,
        state,
        NEXT.get(BulkStatus(bulk.status), ""),
        Progress(len(parts), sum(part.status == BulkPart.WAITING for part in parts)),
        rows,
        sums,
        _figures(bulk, taking),
        counts,
        _by_reason(part for part in parts if part.status == BulkPart.UNFIT),
        [part for part in parts if part.status == BulkPart.LEFT_OUT],
    )


def state_of(bulk: BulkRevision, statuses: Sequence[str]) -> tuple[str, str]:
    """Look and words. From the approval on it says how far the vendors are: partly in force is a state."""
    status = BulkStatus(bulk.status)
    if status != BulkStatus.APPROVED:
        return LOOKS[status], str(status.label)
    agreed, force = (sum(one in among for one in statuses) for among in (AGREED, (Status.IN_FORCE,)))
    if statuses and force == len(statuses):
        return "met", "In force"
    if force:
        return "late", f"Partly in force, {force} of {len(statuses)}"
    return ("met" if agreed == len(statuses) else "late"), f"With vendors, {agreed} of {len(statuses)} agreed"


def by_currency(parts: Iterable[BulkRevisionContract]) -> dict[str, list[BulkRevisionContract]]:
    found: dict[str, list[BulkRevisionContract]] = {}
    for part in parts:
        found.setdefault(part.contract.currency, []).append(part)
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


def _by_reason(parts: Iterable[BulkRevisionContract]) -> dict[str, list[BulkRevisionContract]]:
    found: dict[str, list[BulkRevisionContract]] = {}
    for part in parts:
        found.setdefault(part.problem, []).append(part)
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


# One contract, and all of them ---------------------------------------------------------------------------------------


def _row(part: BulkRevisionContract) -> Row:
    seen, currency = part.figures or {}, part.contract.currency
    revision = part.revision
    look, state = (
        ("info", "Worked out")
        if revision is None
        else (REVISION_LOOKS[Status(revision.status)], revision.get_status_display())
    )
    score = seen.get("score")
    return Row(
        part,
        _charges([part], currency),
        _counts([part], "met"),
        _counts([part], "breaches"),
        f"{number(score['was'], 1)} → {number(score['becomes'], 1)}" if score else NO_VALUE,
        _credit([part], currency),
        str(seen.get("sentence", "")),
        look,
        str(state),
    )  # fmt: skip


def _sum(currency: str, parts: Sequence[BulkRevisionContract]) -> Sum:
    return Sum(
        currency, len(parts), _charges(parts, currency), _counts(parts, "met"), _counts(parts, "breaches"), _credit(parts, currency)
    )  # fmt: skip


def _totals(parts: Iterable[BulkRevisionContract], name: str) -> tuple[Decimal, Decimal] | None:
    """A figure of all of them before and after; None where none has it."""
    pairs = [seen[name] for part in parts if (seen := part.figures or {}).get(name)]
    if not pairs:
        return None
    both = [(one["was"], one["becomes"]) if isinstance(one, Mapping) else tuple(one) for one in pairs]
    was, becomes = (sum((Decimal(str(pair[side] or 0)) for pair in both), Decimal(0)) for side in (0, 1))
    return was, becomes


def _counts(parts: Sequence[BulkRevisionContract], name: str) -> str:
    pair = _totals(parts, name)
    return NO_VALUE if pair is None else f"{number(pair[0])} → {number(pair[1])}"


def _credit(parts: Sequence[BulkRevisionContract], currency: str) -> str:
    pair = _totals(parts, "credit")
    return NO_VALUE if pair is None else f"{money_exact(pair[0], currency)} → {money_exact(pair[1], currency)}"


def _charges(parts: Sequence[BulkRevisionContract], currency: str) -> tuple[str, str, str] | None:
    pair = _totals(parts, "charges")
    if pair is None:
        return None
    return money_exact(pair[0], currency), money_exact(pair[1], currency), money_exact(pair[1] - pair[0], currency)


def _figures(bulk: BulkRevision, parts: Sequence[BulkRevisionContract]) -> list[Figure]:
    """What stands above the table: money in each currency, what was met, and how many contracts are agreed."""
    found: list[Figure] = []
    several = len({part.contract.currency for part in parts}) > 1
    for currency, ours in by_currency(parts).items():
        of = f", {currency}" if several else ""
        charges, credit = _totals(ours, "charges"), _totals(ours, "credit")
        if charges and bulk.kind == BulkKind.CHARGES:
            yearly = sum((Decimal((part.figures or {}).get("yearly", 0)) for part in ours), Decimal(0))
            found.append(
                _money(f"Charges a month{of}", charges, currency, f"{_more(yearly, currency)} in its first year")
            )
        if credit:
            found.append(_money(f"Credits{of}", credit, currency, "in the months replayed"))
    for label, name in (("Results met", "met"), ("Breaches", "breaches")):
        pair = _totals(parts, name)
        if pair:
            words = "as before" if pair[0] == pair[1] else f"{signed(pair[1] - pair[0], 0)}"
            found.append(Figure(label, number(pair[0]), number(pair[1]), words))
    if bulk.status == BulkStatus.APPROVED:
        agreed = sum(part.revision is not None and part.revision.status in AGREED for part in parts)
        open_ones = sum(part.revision is not None and part.revision.status not in SETTLED for part in parts)
        found.append(Figure("Contracts agreed", "0", str(agreed), f"of {len(parts)}; {open_ones} still open"))
    return found


def _money(label: str, pair: tuple[Decimal, Decimal], currency: str, words: str) -> Figure:
    return Figure(label, format_short_amount(pair[0], currency), format_short_amount(pair[1], currency), words)


def _more(amount: Decimal, currency: str) -> str:
    return f"{format_short_amount(abs(amount), currency)} {'more' if amount >= 0 else 'less'}"
