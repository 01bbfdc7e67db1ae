"""From credit to cash: where each part of the months' credits stands, read from the ledger, the holds and the claims."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from credits.rules import CASH_STEPS, CLAIM_AGAIN_WITHIN, SOON, CashState

CASH = (Path(__file__).parent.parent / "sql" / "cash.sql").read_text()


@dataclass(frozen=True)
class Item:
    """A part of a month's credit. `claim` is the id of its claim, with the version; None where nobody has claimed it.

    `claimed_amount` is more than `amount` where the month was restated since; `invoice` the number of the invoice that it is on.
    `who`, and `at` or `on_day`: the last step.
    """

    contract_id: int
    contract_reference: str
    title: str
    vendor: str
    vendor_code: str
    currency: str
    minor_unit: int
    month: date
    state: str
    amount: Decimal
    claimed_amount: Decimal
    claim: int | None
    version: int | None
    reference: str
    claimed_by: int | None
    invoice: str
    who: str
    at: datetime | None
    on_day: date | None
    claim_by: date | None
    held: bool
    capped_amount: Decimal
    today: date

    @property
    def label(self) -> str:
        return str(CashState(self.state).label)

    @property
    def days_left(self) -> int | None:
        return (self.claim_by - self.today).days if self.claim_by else None

    @property
    def soon(self) -> bool:
        """It lapses soon, and nobody has claimed it."""
        return self.state == CashState.CLAIMABLE and self.claim_by is not None and self.claim_by - self.today <= SOON

    @property
    def restated(self) -> bool:
        return self.amount != self.claimed_amount

    @property
    def key(self) -> str:
        """What a form says of it that was looked at: which claim at which version, or which month; and the amount."""
        if self.claim is not None:
            return f"{self.claim}:{self.version}:{self.amount:f}"
        return f"{self.contract_id}:{self.month:%Y-%m}:{self.amount:f}"


COLUMNS = ", ".join(field.name for field in fields(Item))
ORDER = "place, claim_by NULLS LAST, month DESC, contract_reference, claim NULLS FIRST"


@dataclass(frozen=True)
class Total:
    """What stands in one state in one currency."""

    state: str
    currency: str
    amount: Decimal
    months: int


def totals(contracts: Collection[int] | None, now: datetime) -> list[Total]:
    """The sums by state and currency, of some contracts or all in scope. One statement."""
    largest = "GROUP BY state, currency ORDER BY sum(sum(amount)) OVER (PARTITION BY currency) DESC, currency"
    rows = _select("state, currency, sum(amount), count(*)", largest, contracts, now)
    return [Total(*row) for row in rows]


def items(
    contracts: Collection[int] | None,
    now: datetime,
    states: Iterable[str],
    *,
    limit: int | None = None,
    offset: int = 0,
    lapsing: bool = False,
) -> list[Item]:
    """The parts in some states, what lapses first on top. `lapsing`: only those that have a last day. One statement."""
    where = "WHERE state = ANY (%(states)s)" + (" AND claim_by IS NOT NULL" if lapsing else "")
    given = {"states": list(states), "limit": limit, "offset": offset}
    rows = _select(COLUMNS, f"{where} ORDER BY {ORDER} LIMIT %(limit)s OFFSET %(offset)s", contracts, now, **given)
    return [Item(*row) for row in rows]


def item_of_month(contract_id: int, month: date, now: datetime) -> Item | None:
    """What of a month nobody has claimed, what is free of it first; None where nothing is left. One statement."""
    where = "WHERE claim IS NULL AND month = %(month)s AND state = ANY (%(states)s) ORDER BY state = 'on_hold'"
    states = [CashState.ON_HOLD, CashState.CLAIMABLE, CashState.LAPSED, CashState.PAY_BACK]
    rows = _select(COLUMNS, where, [contract_id], now, month=month, states=states)
    return Item(*rows[0]) if rows else None


def items_of_claims(claims: Sequence[int], contracts: Collection[int], now: datetime) -> dict[int, Item]:
    """Claims as parts of the credit, by their ids. One statement."""
    rows = _select(COLUMNS, "WHERE claim = ANY (%(claims)s)", contracts, now, claims=list(claims))
    return {found.claim: found for found in (Item(*row) for row in rows) if found.claim is not None}


def _select(
    columns: str, rest: str, contracts: Collection[int] | None, now: datetime, **given: Any
) -> list[tuple[Any, ...]]:
    parameters = {"contracts": None if contracts is None else list(contracts), "now": now, "again": CLAIM_AGAIN_WITHIN}
    with connection.cursor() as cursor:
        cursor.execute(f"{CASH} SELECT {columns} FROM item {rest}", parameters | given)  # noqa: S608
        return cursor.fetchall()


@dataclass(frozen=True)
class Step:
    """One step of the way, with what stands there, by currency: the largest first."""

    state: str
    label: str
    amounts: tuple[tuple[str, Decimal], ...]
    months: int


def steps_of(found: Iterable[Total], states: Iterable[str] = CASH_STEPS) -> list[Step]:
    """The steps in order, those too where nothing stands."""
    found = list(found)
    currencies = list(dict.fromkeys(one.currency for one in found))
    steps = []
    for state in states:
        here = {one.currency: one for one in found if one.state == state}
        amounts = tuple((name, here[name].amount) for name in currencies if name in here)
        months = sum(one.months for one in here.values())
        steps.append(Step(state, str(CashState(state).label), amounts, months))
    return steps
