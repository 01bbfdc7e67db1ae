"""A month to be reported, as a sheet to fill in: by key result area, each service level with what its figures come to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from contracts.models import Contract
from explanations.headroom import describe_headroom
from explanations.thresholds import SIGNS, format_edge, target_of
from lib.charts import bars
from measurements.actions.sheets import Sheet as Stored
from measurements.actions.sheets import fingerprint
from measurements.models import Figure, Submission
from measurements.wording import describe_figure
from organisations.models import Membership
from reporting.entry import EntryLine, EntrySheet
from reporting.entry_row import MonthOfRow
from reporting.pages.submission_sheet import Prospect, Row, Sheet, sheet_of
from reporting.querysets import last_writer, month_report, slot_report
from slas.models import ServiceLevel

MOST_LINES = 28  # that one answer carries: with a note to every third of them it stays within the budget of a page
NEAR = 2  # so few more cases, and the band is lost: said in another colour
Key = tuple[int, int]  # service level, period


@dataclass
class Slot:
    """One service level in one period: its inputs, and what is known of it.

    `lines` hold what is stored, or what was typed and is not saved; `stored` are its figures. `theirs` is what somebody else saved
    meanwhile, `look` and `word` the state of the row.
    """

    # What is rarely needed is sent where it has something in it, is asked about, or was asked for (`aside`).

    lines: list[EntryLine]
    row: Row
    stored: Stored
    word: str = ""
    look: str = ""
    theirs: list[str] = field(default_factory=list)
    theirs_by: str = ""
    refused: str = ""
    locked: str = ""  # why nothing is typed into it here; empty where it is
    feeds: bool = False  # its figures came by a key, and somebody types over them
    aside: bool = False
    emptied: bool = False  # its inputs were emptied, and stand as they are saved

    seen_before: str = ""  # beside `theirs`: the fingerprint of what was seen until one of both is chosen

    @cached_property
    def there(self) -> str:
        """The fingerprint of what is stored."""
        return fingerprint(self.stored, [_key(self.row)])

    @property
    def seen(self) -> str:
        """What the row is saved over as it stands."""
        return self.seen_before or self.there

    @property
    def key(self) -> str:
        return f"{self.row.level.pk}-{self.row.period.pk}"

    @property
    def address(self) -> str:
        """Below the sheet's own."""
        return f"{self.row.level.pk}/{self.row.period.pk}/"

    @property
    def is_back(self) -> bool:
        """Whether it was returned, and can be put right here."""
        return bool(self.row.returned) and not self.locked

    @property
    def opened(self) -> bool:
        """Whether note, incident and relief are there to be filled in."""
        return self.aside or self.row.questions_open or any(line.opened for line in self.lines)

    @property
    def fed(self) -> Figure | None:
        """The figure that came last by a key, where any did."""
        came = [one for one in self.row.figures if one.fed_by]
        return max(came, key=lambda one: (one.fed_at is not None, one.fed_at), default=None)

    @property
    def level(self) -> ServiceLevel:
        return self.row.level

    @property
    def line(self) -> EntryLine:
        return self.lines[0]

    @property
    def weight(self) -> int:
        """How much of an answer it takes, in lines without anything below them."""
        return max(len(self.lines), 1) * (2 if self.opened and not self.locked else 1)

    @property
    def parts(self) -> list[EntryLine]:
        """Where it is reported by parts: all lines, the one for a further part last."""
        return self.lines if len(self.lines) > 1 or self.line.part.text else []

    @property
    def has_more(self) -> bool:
        """Whether anything stands below the row."""
        said = self.feeds or self.problems or self.refused or self.emptied or self.theirs or self.row.returned
        return bool(said or (not self.locked and (self.parts or self.opened)))

    @property
    def ready(self) -> bool:
        asked = self.row.questions_open and not self.locked
        return bool(self.row.figures) and not self.unsaved and not asked

    @property
    def unsaved(self) -> bool:
        return bool(self.theirs or self.refused or self.look in ("bad", "open"))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the input, what to do)."""
        return [
            (cell.name, "; ".join(cell.problems)) for line in self.lines for cell in line.all_cells if cell.problems
        ]

    @property
    def target(self) -> str:
        terms = self.row.terms.full
        return format_edge(target_of(terms), SIGNS[terms["better"]], self.row.unit) or "–"

    @property
    def before(self) -> str:
        """What was reported for the period before."""
        return "" if self.parts else self.line.former

    @property
    def headroom(self) -> tuple[str, bool]:
        """How many more failures the band stands, and whether that is few."""
        found = self.row.headroom
        if found is None:
            return "", False
        return describe_headroom(found, self.level.measure, self.row.terms.full["better"]), found["fails_at"] <= NEAR


@dataclass(frozen=True)
class SlotGroup:
    name: str
    slots: list[Slot]

    @property
    def ready(self) -> int:
        return sum(one.ready for one in self.slots)


class GroupPart(NamedTuple):
    """Those slots of a group that one answer carries; `begun`: others of it stand before them. Groups are numbered from 1."""

    number: int
    group: SlotGroup
    slots: list[Slot]
    begun: bool


class SheetPart(NamedTuple):
    """As many slots as one answer carries: from number `first` on, up to `following`, and how many are `left` then. The sheet's first is
    number 0."""

    groups: list[GroupPart]
    first: int
    following: int
    left: int


@dataclass(frozen=True)
class MonthSheet:
    """What the page shows. `prospect` is what the month comes to by what is saved, None before anything is."""

    entry: EntrySheet
    groups: list[SlotGroup]
    not_due: list[ServiceLevel]
    due_on: date | None
    prospect: Prospect | None
    submission: Submission | None
    saves: bool  # whether what is typed is saved at once

    @property
    def slots(self) -> list[Slot]:
        return [slot for group in self.groups for slot in group.slots]

    @property
    def ready(self) -> int:
        return sum(group.ready for group in self.groups)

    @property
    def left(self) -> list[Slot]:
        """What is still to be done."""
        return [one for one in self.slots if not one.ready and not one.locked]

    @property
    def share(self) -> str:
        return bars(100 * self.ready / len(self.slots)) if self.slots else "0"

    def part(self, first: int = 0, most: int = MOST_LINES) -> SheetPart:
        """The slots from the `first` on, up to `most` lines; at least one."""
        weights = accumulate(slot.weight for slot in self.slots[first:])
        end = first + max(1, sum(weight <= most for weight in weights))
        parts, at = [], 0
        for number, group in enumerate(self.groups, start=1):
            mine = group.slots[max(first - at, 0) : max(end - at, 0)]
            if mine:
                parts.append(GroupPart(number, group, mine, begun=at < first))
            at += len(group.slots)
        return SheetPart(parts, first, end, max(at - end, 0))

    def group_of(self, key: Key) -> tuple[int, SlotGroup]:
        """The group in which a slot stands, with its number."""
        return next(
            (number, group)
            for number, group in enumerate(self.groups, start=1)
            if any((one.level.pk, one.row.period.pk) == key for one in group.slots)
        )

    def slot(self, key: Key) -> Slot | None:
        return next((one for one in self.slots if (one.level.pk, one.row.period.pk) == key), None)


def month_sheet(
    contract: Contract,
    entry: EntrySheet,
    *,
    as_of: date,
    correcting: bool = False,
    taken: Collection[Key] = (),
    opened: str = "",
) -> MonthSheet:
    """The sheet of a month, with what is saved judged as things stand on `as_of`, the contract's local day; nothing is written.

    What is accepted stands locked among what can still be added, unless somebody is `correcting`, or nothing can be; what a key reported
    stands as it came, but for what somebody has `taken` over. `opened`: the key of a slot whose note and the like are asked for.

    Six statements, and two for the preview, whatever the number of service levels.
    """
    holder = _holder(contract, entry)
    sheet = sheet_of(holder, month_report(holder), as_of=as_of)
    by_slot: dict[Key, list[EntryLine]] = {}
    for line in entry.lines:
        by_slot.setdefault((line.level.pk, line.period.pk), []).append(line)
    monthly = _monthly(entry, sheet, by_slot, as_of, correcting, taken)
    for slot in monthly.slots:
        slot.aside = slot.key == opened
    return monthly


def month_of_row(around: MonthOfRow, entry: EntrySheet, *, as_of: date, taken: Collection[Key] = ()) -> MonthSheet:
    """The same for the answer to one row: what the row and the month come to, and of all others how far they are; they have no lines.

    Two statements, and three for the preview.
    """
    holder, level_id = _holder(around.contract, entry), around.key[0]
    report = slot_report(holder, level_id, around.periods, entry.stored.values())
    sheet = sheet_of(holder, report, as_of=as_of, levels=around.levels, headroom_of=level_id)
    by_slot: dict[Key, list[EntryLine]] = {(level.pk, period.pk): [] for level, period in around.due}
    for line in entry.lines:
        by_slot[line.level.pk, line.period.pk].append(line)
    return _monthly(entry, sheet, by_slot, as_of, False, taken)


def _holder(contract: Contract, entry: EntrySheet) -> Submission:
    """What holds the month's figures; before anything does, what would."""
    holder = entry.holder or Submission(contract=contract, vendor_id=contract.vendor_id, month=entry.month, revision=0)
    holder.contract = contract
    return holder


def _monthly(
    entry: EntrySheet,
    sheet: Sheet,
    by_slot: Mapping[Key, list[EntryLine]],
    as_of: date,
    correcting: bool,
    taken: Collection[Key],
) -> MonthSheet:
    stored: dict[Key, Stored] = {}
    for key, figure in entry.stored.items():
        stored.setdefault(key[:2], {})[key] = figure
    rows = [row for row in sheet.rows if _key(row) in by_slot]
    locks = {} if correcting else _locks(entry, rows, as_of)
    saves = not entry.waits and entry.closed is None and not correcting and len(locks) < len(rows)
    groups = [
        SlotGroup(
            group.name,
            [
                _slot(row, by_slot, stored.get(_key(row), {}), locks.get(_key(row), "") if saves else "", saves, taken)
                for row in group.rows
                if _key(row) in by_slot
            ],
        )
        for group in sheet.groups
    ]
    groups = [one for one in groups if one.slots]
    return MonthSheet(entry, groups, sheet.not_due, sheet.due_on, sheet.prospect, entry.holder, saves)


def _locks(entry: EntrySheet, rows: Iterable[Row], today: date) -> dict[Key, str]:
    """Of a month with accepted figures: what is accepted, and what is past its due day, for it is a correction by now."""
    if not entry.kept:
        return {}
    found = {}
    for row in rows:
        if _key(row) in entry.kept:
            found[_key(row)] = "Accepted"
        elif row.period.due_on < today:
            found[_key(row)] = "Past its due day"
    return found


def _key(row: Row) -> Key:
    return row.level.pk, row.period.pk


def _slot(
    row: Row,
    lines: Mapping[Key, list[EntryLine]],
    stored: Stored,
    locked: str,
    saves: bool,
    taken: Collection[Key],
) -> Slot:
    slot = Slot(lines[_key(row)], row, stored, locked=locked)
    fed = slot.fed
    if fed and saves and not locked:
        slot.feeds = _key(row) in taken
        slot.locked = "" if slot.feeds else f"By key {fed.fed_by}"
    if slot.locked and not locked:
        slot.look, slot.word = "fed", slot.locked
    elif locked:
        slot.look, slot.word = "locked", locked
    elif row.figures:
        slot.look, slot.word = ("ask", "Note needed") if row.questions_open else ("saved", "Saved")
    return slot


def say_theirs(slot: Slot, figures: list[Figure], reader: Membership) -> None:
    """Somebody else saved other figures for the slot after it was opened: who, and both are shown, and one is chosen. Two statements."""
    measure = slot.level.measure
    slot.theirs = [
        f"{one.part}: {describe_figure(measure, one)}" if one.part else describe_figure(measure, one) for one in figures
    ]
    slot.theirs = slot.theirs or ["nothing"]
    slot.theirs_by = _writer(figures, reader)
    slot.look, slot.word = "ask", "Choose one"


def _writer(figures: list[Figure], reader: Membership) -> str:
    """Who saved figures, as the reader may know: a vendor's people know the client's by their organisation."""
    actor_id, member = last_writer(figures)
    if member is None:
        return reader.organisation.name if actor_id and reader.is_vendor else "Somebody else"
    if member == reader:
        return "You"
    return f"Key {member.name}" if member.is_key else member.name
