"""The page from credit to cash: the steps with what stands at each, the parts of the credit, and what to do about them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from credits.querysets.cash import Item, Step, Total
from credits.rules import CashState
from lib.templatetags.dates import format_day
from lib.templatetags.money import format_amount
from organisations.models import Membership

# The colours and the shape of each state.
STATUS_STYLES = {
    CashState.ON_HOLD: ("none", "lock"),
    CashState.CLAIMABLE: ("late", "late"),
    CashState.CLAIMED: ("none", "pending"),
    CashState.APPROVED: ("met", "met"),
    CashState.INVOICED: ("info", "info"),
    CashState.RECOVERED: ("met", "met"),
    CashState.PAY_BACK: ("risk", "risk"),
    CashState.WAIVED: ("none", "exempt"),
    CashState.WRITTEN_OFF: ("none", "exempt"),
    CashState.LAPSED: ("breach", "breach"),
}
# What is done next about parts in a state, and who may.
NEXT = {
    CashState.CLAIMABLE: ("claim", "credit.claim"),
    CashState.PAY_BACK: ("claim", "credit.claim"),
    CashState.CLAIMED: ("approve", "credit.approve_claim"),
    CashState.APPROVED: ("invoice", "credit.invoice"),
    CashState.INVOICED: ("recover", "credit.invoice"),
}


@dataclass(frozen=True)
class Row:
    """A part of the credit as a line of the list. `tick`: it can be chosen for what the form below does."""

    item: Item
    tick: bool

    @property
    def look(self) -> str:
        return "risk" if self.item.soon else STATUS_STYLES[CashState(self.item.state)][0]

    @property
    def shape(self) -> str:
        return "risk" if self.item.soon else STATUS_STYLES[CashState(self.item.state)][1]

    @property
    def word(self) -> str:
        left = self.item.days_left
        if not self.item.soon or left is None:
            return self.item.label
        return f"{self.item.label}, " + ("last day" if left == 0 else f"{left} day{'' if left == 1 else 's'} left")

    @property
    def last_step(self) -> str:
        item = self.item
        when = item.at or item.on_day
        day = format_day(when) if when else ""
        match item.state:
            case CashState.ON_HOLD:
                return "A result of the month is disputed"
            case CashState.LAPSED:
                return "Not claimed in time"
            case CashState.CLAIMABLE | CashState.PAY_BACK:
                return f"Posted {day}"
            case CashState.CLAIMED if item.invoice:
                return f"{item.who}, {day}, deducted on {item.invoice}"
            case CashState.INVOICED:
                return f"{item.invoice}, {day}"
        return ", ".join(part for part in (item.who, day) if part)


def rows_of(found: Iterable[Item], member: Membership, act: str, own: Collection[int] = ()) -> list[Row]:
    """The lines of the list; those can be chosen for which `act` is next. What one of the `own` members claimed is a colleague's to
    approve."""

    def ticked(item: Item) -> bool:
        following, permission = NEXT.get(CashState(item.state), ("", ""))
        if not act or following != act or not member.may(permission) or (following != "claim" and item.claim is None):
            return False
        return not (item.held and item.amount > 0) and not (following == "approve" and item.claimed_by in own)

    return [Row(item, ticked(item)) for item in found]


def act_of(state: str, member: Membership) -> str:
    """What the form below a list does: of the open ones claiming, as that is what lapses. Empty where the member may not."""
    act, permission = NEXT.get(CashState(state), ("", "")) if state else NEXT[CashState.CLAIMABLE]
    return act if permission and member.may(permission) else ""


@dataclass(frozen=True)
class Sum:
    """What was credited in a currency, and its parts: in words."""

    currency: str
    credited: Decimal
    parts: str


def sums_of(found: Iterable[Total]) -> list[Sum]:
    """By currency: "£79,420.00 = £4,240.00 on hold + …"."""
    by_currency: dict[str, list[Total]] = {}
    for one in found:
        by_currency.setdefault(one.currency, []).append(one)
    order = list(CashState)
    sums = []
    for currency, rows in by_currency.items():
        rows.sort(key=lambda one: order.index(CashState(one.state)))
        parts = " + ".join(
            f"{format_amount(one.amount, currency)} {str(CashState(one.state).label).lower()}" for one in rows
        )
        sums.append(Sum(currency, sum((one.amount for one in rows), Decimal(0)), parts))
    return sums


def shape_of(step: Step) -> tuple[str, str]:
    return STATUS_STYLES[CashState(step.state)]
