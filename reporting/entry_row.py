"""One row of a month that is typed by hand, without the lines of all the others."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from contracts.models import Contract, Period
from measurements.actions.expected import Slots, slots_among
from measurements.actions.sheets import Sheet, sheets_of
from measurements.models import Figure, Submission
from measurements.plausibility import Standing
from organisations.models import Membership
from reporting.entry import NAMED, EntrySheet, holders_of, known_parts, lines_of, parts_in, sheet_with
from reporting.preview import parts_before
from slas.models import ServiceLevel

Slot = tuple[ServiceLevel, Period]


@dataclass
class MonthOfRow:
    """A month around one of its slots, `key` (service level, period): what does not change while that is written is read once.

    `levels` are all of the contract's, `periods` those that end in the month.
    """

    contract: Contract
    month: date
    by: Membership
    key: tuple[int, int]
    levels: list[Standing]
    periods: list[Period]
    _before: dict[frozenset[int], list[Figure]] = field(default_factory=dict)

    @cached_property
    def slots(self) -> Slots:
        return slots_among(self.levels, self.periods)

    @cached_property
    def due(self) -> list[Slot]:
        """What ends in the month, in order."""
        return self.slots.ending_in(self.month)

    @cached_property
    def parts(self) -> dict[int, list[str]]:
        return parts_before(self.contract, self.month, self.by)

    def read(self) -> EntrySheet:
        """All that is stored, and the lines of the slot and of those from which it takes counts over. Two statements, two more once."""
        holders = holders_of(self.contract, self.month)
        if holders.live and holders.live.is_closed_to(self.by):
            return EntrySheet(self.month, [], waits=False, accepted=False, closed=holders.live)
        sheets = sheets_of([one for one in holders[:2] if one], self.slots.periods_by_id)
        stored = holders.stored(sheets)
        slots = self._counted_first(stored)
        lines = lines_of(slots, stored, self._figures_before(holders.former, slots), self.parts)
        return sheet_with(self.month, lines, holders, sheets)

    def _counted_first(self, stored: Sheet) -> list[Slot]:
        """The slot, and those before it where a count of its is typed first, in one period and part."""
        mine = next((one for one in self.due if _key(one) == self.key), None)
        if mine is None:
            return []
        reported = parts_in(stored)

        def counts(slot: Slot) -> set[tuple[str, str]]:
            parts = known_parts(slot[0], reported.get(_key(slot), ()), self.parts)
            return {(name, part) for name in _names(slot) for part in parts}

        wanted = counts(mine)
        slots = []
        for slot in self.due[: self.due.index(mine)]:
            if not wanted:
                break
            if (slot[0].cycle, slot[1].pk) == (mine[0].cycle, mine[1].pk) and (found := counts(slot) & wanted):
                wanted -= found
                slots.append(slot)
        return [*slots, mine]

    def _figures_before(self, former: Submission | None, slots: Collection[Slot]) -> list[Figure]:
        """What the month before had for some service levels."""
        levels = frozenset(level.pk for level, _ in slots)
        if former is None:
            return []
        if levels not in self._before:
            self._before[levels] = list(Figure.objects.filter(submission=former, service_level__in=levels))
        return self._before[levels]


def _key(slot: Slot) -> tuple[int, int]:
    return slot[0].pk, slot[1].pk


def _names(slot: Slot) -> set[str]:
    """What its counts are called, so that others may be the same."""
    return {name.casefold() for key in NAMED.values() if (name := slot[0].measure.get(key))}
