"""The months that a vendor has to report for one client, and how each stands."""

from datetime import date, datetime
from typing import Any

from contracts.models import Contract
from lib import months
from measurements.models import Submission
from measurements.querysets import MonthState, month_states
from measurements.rules import LIVE, Status
from measurements.wording import STATES

LOOKED_BACK = 6  # months before this one in which something may still be owed
URGENCY = ("late", "returned", "due", "draft", "submitted", "not_due")


def looked_at(contracts: list[Contract], now: datetime) -> list[date]:
    """The months of the list. It ends with that of the furthest day of the contracts: where it is the first of a month already, that
    month is on it."""
    this_month = max((one.day(now) for one in contracts), default=now.date()).replace(day=1)
    return [months.after(this_month, -back) for back in range(LOOKED_BACK, -1, -1)]


def month_tasks(contracts: list[Contract], looked_at: list[date], now: datetime) -> list[dict[str, Any]]:
    """A row for each contract and month that is not done, the most urgent first; the open month closes the list. Two statements."""
    states = month_states(contracts, looked_at, now)
    live = {
        (one.contract_id, one.month): one
        for one in Submission.objects.filter(contract__in=contracts, status__in=LIVE).order_by("month")
    }
    rows = [
        _task(contract, month, states[contract.pk, month], live.get((contract.pk, month)))
        for month in looked_at
        for contract in contracts
        if states[contract.pk, month].state not in ("", "accepted") or (contract.pk, month) in live
    ]
    by_id = {contract.pk: contract for contract in contracts}
    rows += [  # older ones that were begun and not finished
        _task(by_id[pk], month, MonthState(month, by_id[pk].day(now), due_on=one.day_of_return), one)
        for (pk, month), one in live.items()
        if month < looked_at[0]
    ]
    return sorted(rows, key=lambda row: (URGENCY.index(row["state"]), row["month"]))


def _task(contract: Contract, month: date, state: MonthState, live: Submission | None) -> dict[str, Any]:
    name = state.state or "draft"
    if live is not None and live.status != Status.DRAFT and name not in ("late", "due"):
        name = str(live.status)
    elif live is not None and live.status == Status.DRAFT and name in ("not_due", "accepted"):
        name = "draft"
    look, shape, word = STATES[name]
    return {
        "contract": contract,
        "month": month,
        "state": name,
        "look": look,
        "shape": shape,
        "word": word,
        "due_on": state.due_on,
        "today": state.today,
        "there": state.counts["submitted"] + state.counts["accepted"] + state.counts["returned"] + state.drafted,
        "expected": state.expected,
        "missing": state.counts[name] if name in ("late", "due") else 0,
        "submission": live,
        "reason": live.return_reason if live is not None and live.status == Status.RETURNED else "",
    }
