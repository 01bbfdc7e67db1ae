"""What holds where a contract says nothing: the organisation's settings, and then what is usual."""

from datetime import date, datetime

from contracts import calendar
from contracts.models import Contract
from organisations.actions import settings_in_scope
from organisations.rules import VERIFY_AFTER


def verify_after(contract: Contract) -> int:
    """Periods met in a row after which a corrective plan is verified. For the client's side, who sees the settings."""
    return contract.verify_after or settings_in_scope().verify_after or VERIFY_AFTER


def acceptance_day(contract: Contract, submitted_at: datetime, usual: int | None) -> date | None:
    """The last day, of the contract, on which figures that were submitted then wait for somebody's decision; None: they wait for ever.

    `usual`: the organisation's number of working days, where the contract has none.
    """
    days = contract.accept_after if contract.accept_after is not None else usual
    if days is None:
        return None
    day = contract.day(submitted_at)
    return calendar.due_on(day, days, calendar.WorkingCalendar.of(contract.in_force(day).calendar))
