"""What pages above mark of a contract's months: results that are disputed, figures that relief is asked for."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from organisations import kept_plans

Slot = tuple[int, date]  # service level, first day


class Mark(NamedTuple):
    """What waits for an answer about a slot: the dispute's id, the relief request's."""

    dispute: int | None = None
    relief: int | None = None


NO_MARK = Mark()
WAITING = """
SELECT h.service_level_id, p.starts_on, h.what, h.id
FROM (
    SELECT service_level_id, period_id, 'dispute' AS what, id, contract_id, month, status FROM disputes_dispute
    UNION ALL
    SELECT service_level_id, period_id, 'relief', id, contract_id, month, status FROM disputes_reliefrequest
) AS h
JOIN contracts_period AS p ON p.id = h.period_id
WHERE h.contract_id = %(contract)s AND h.month = ANY (%(months)s) AND h.status = 'open'
"""


def marks(contract: int, months: Iterable[date]) -> dict[Slot, Mark]:
    """By slot, where anything waits. One statement, whatever the number of slots."""
    found: dict[Slot, Mark] = {}
    for level, starts_on, what, pk in kept_plans.rows(WAITING, {"contract": contract, "months": list(months)}):
        mark = found.get((level, starts_on), NO_MARK)
        found[level, starts_on] = mark._replace(**{what: pk})
    return found
