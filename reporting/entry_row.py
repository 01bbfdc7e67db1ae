"""One row of a month that is typed by hand, without the lines of all the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from contracts.models import Contract, Period
from lib.months import after
from measurements.actions.expected import Slots, slots_among
from measurements.actions.figures import Held, hold
from measurements.actions.sheets import Sheet, sheets_of
from measurements.models import Figure, Submission
from measurements.plausibility import Standing
from measurements.rules import LIVE, Status
from organisations.models import Membership
from reporting.entry import NAMED, EntrySheet, Holders, known_parts, lines_of, parts_in, sheet_with
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
    held: Held | None = None  # what was read last, where the month was locked then
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

    def read(self, *, hold: bool = False) -> EntrySheet:
        """All that is stored, and the lines of the slot and of those from which it takes counts over. Two statements, two more once.

        To `hold` is to lock the month, for what is written next.
        """
        return self._around(*(self._hold() if hold else self._look()))

    def _around(self, submissions: list[Submission], sheets: Mapping[int, Sheet]) -> EntrySheet:
        live = next((one for one in submissions if one.status in LIVE), None)
        if live and live.is_closed_to(self.by):
            return EntrySheet(self.month, [], waits=False, accepted=False, closed=live)
        accepted = next((one for one in submissions if one.status == Status.ACCEPTED), None)
        holders = Holders(live, accepted, None)
        stored = holders.stored(sheets)
        slots = self._counted_first(stored)
        lines = lines_of(slots, stored, self._figures_before(slots), self.parts)
        return sheet_with(self.month, lines, holders, sheets)

    def read_again(self, entry: EntrySheet, written: Submission) -> EntrySheet:
        """After the row was written over what was held: of the month its figures alone are another, unless a new submission has them all.
        One statement, or two."""
        if self.held is None or entry.holder is None or written.pk != entry.holder.pk:
            return self.read()
        mine = Figure.objects.filter(submission=written, service_level=self.key[0], period=self.key[1])
        of_row = {(*self.key, figure.part): figure for figure in mine}
        for figure in of_row.values():
            figure.period = self.slots.periods_by_id[figure.period_id]
        others = {key: figure for key, figure in entry.stored.items() if key[:2] != self.key}
        return self._around(self.held.submissions, self.held.sheets | {written.pk: others | of_row})

    def _hold(self) -> Held:
        self.held = hold(self.contract, [self.month], self.slots.periods_by_id)
        return self.held

    def _look(self) -> Held:
        there = Submission.objects.filter(contract=self.contract, month=self.month).exclude(status=Status.SUPERSEDED)
        found = list(there)
        return Held(found, sheets_of(found, self.slots.periods_by_id))

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

    def _figures_before(self, slots: Collection[Slot]) -> list[Figure]:
        """What was accepted of the month before for some service levels."""
        levels = frozenset(level.pk for level, _ in slots)
        if levels not in self._before:
            accepted = Figure.objects.filter(
                submission__contract=self.contract,
                submission__month=after(self.month, -1),
                submission__status=Status.ACCEPTED,
                service_level__in=levels,
            )
            self._before[levels] = list(accepted)
        return self._before[levels]


def _key(slot: Slot) -> tuple[int, int]:
    return slot[0].pk, slot[1].pk


def _names(slot: Slot) -> set[str]:
    """What its counts are called, so that others may be the same."""
    return {name.casefold() for key in NAMED.values() if (name := slot[0].measure.get(key))}
