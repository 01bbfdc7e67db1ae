"""What pages above mark of a contract's months: results that are disputed, figures that relief is asked for."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from disputes.querysets import open_of_months

Slot = tuple[int, date]  # service level, first day


class Mark(NamedTuple):
    """What waits for an answer about a slot: the dispute's id, the relief request's."""

    dispute: int | None = None
    relief: int | None = None


NO_MARK = Mark()


def marks(contract: int, months: Collection[date]) -> dict[Slot, Mark]:
    """By slot, where anything waits. One statement, whatever the number of slots."""
    found: dict[Slot, Mark] = {}
    for level, starts_on, what, pk in open_of_months(contract, months):
        mark = found.get((level, starts_on), NO_MARK)
        found[level, starts_on] = mark._replace(**{what: pk})
    return found
