"""Figures come in by file or as rows: sorted into submissions, one for each month in which a period ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

from django.db import transaction

from contracts.actions import mark_for_reevaluation
from contracts.models import Contract, Period
from contracts.rules import FileRefused
from lib import clock
from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.transitions import move, move_all, touched
from measurements import figures_file
from measurements.actions.answers import must_be_answered
from measurements.actions.expected import Slots, expectations_of, slots_of
from measurements.actions.relief import settle_relief
from measurements.actions.sheets import (
    REPORTED,
    Sheet,
    copy_to,
    count_reported,
    create_figures,
    fingerprint,
    first_change,
    only_adds,
    reported,
    same,
    sheets_of,
)
from measurements.actions.steps import write_steps
from measurements.actions.submissions import (
    add_from,
    create_submissions,
    decided,
    must_be_open_to,
    must_be_over,
    of_vendor,
    saved,
    submitted,
)
from measurements.figures_file import BadFigures, FigureRow
from measurements.models import Figure, Submission
from measurements.rules import LIVE, TRANSITIONS, Status, StepKind
from organisations.actions import require
from organisations.models import Membership


class Held(NamedTuple):
    """The submissions of some months, locked and in order of revision, and the figures of those that are not superseded."""

    submissions: list[Submission]
    sheets: dict[int, Sheet]


class ReadAlready(NamedTuple):
    """What whoever reports a row has read of the contract: slots (at least those of the rows' months), the relief granted for the rows'
    service levels, and the rows' months, held."""

    slots: Slots
    granted: Mapping[tuple[str, date, str], Decimal]
    held: Held


def hold(contract: Contract, months: Iterable[date], periods: Mapping[int, Period]) -> Held:
    """Lock what is there for some months: nobody else writes their figures until the transaction ends. Two statements."""
    there = Submission.objects.select_for_update().filter(contract=contract, month__in=months)
    found = list(there.order_by("revision"))
    return Held(found, sheets_of([one for one in found if one.status != Status.SUPERSEDED], periods))


@transaction.atomic
def import_figures(
    *,
    by: Membership | None,
    contract: Contract,
    source: bytes = b"",
    filename: str = "",
    rows: Iterable[FigureRow] | None = None,
    reason: str = "",
    submit: bool = False,
    declared: bool = False,
    accept: bool = False,
    seen: str | None = None,
    known: ReadAlready | None = None,
    now: datetime | None = None,
) -> list[Submission]:
    """Take the figures of a file (or `rows` that were read already) and give the submissions of their months, in order.

    A slot (service level and period) in the file replaces what the month had for it; other slots stay. A month without a live
    submission gets one: its first revision, or where one was accepted a correction, which needs a `reason`, unless it adds
    nothing but slots that were left out and are not past their due day. A month for which the file says nothing new is left
    alone. The submissions stay drafts, are submitted with `submit`, or, for the system alone, are accepted at once with
    `accept`. The number of statements depends on neither rows nor new months, but for one a month that a vendor submits.

    `seen` is the fingerprint of what was stored for these slots when somebody looked at what the file would change; `known` is not read
    again.

    FileRefused with `problems`; RuleBroken where a month waits for its decision, is submitted and still runs, or a reason or the note
    that answers a question is missing; Conflict where somebody else reported at the same moment, or since one looked. Nothing is written.
    """
    require(by, "figures.import")
    if accept and by is not None:
        raise NotAllowed("own_figures", "Nobody accepts the figures that they report. Submit them for a decision.")
    slots, reason, now = known.slots if known else slots_of(contract), reason.strip(), now or clock.database_now()
    given = _read(source, filename, contract, slots, by) if rows is None else list(rows)
    months = _by_month(contract, given, slots, fed(by, now))
    settle_relief(by, slots, [one for sheet in months.values() for one in sheet.values()], now, known and known.granted)
    held = known.held if known else hold(contract, months, slots.periods_by_id)
    month_imports = _month_imports(contract, months, held)
    _must_be_fit(by, month_imports)
    if seen is not None and seen != _stored(month_imports, months):
        raise Conflict("moved_on", "Somebody else changed what is stored since you looked.")
    _must_say_why(month_imports, reason, contract.day(now))
    if submit:
        last = [figure.period.ends_on for one in month_imports if one.changes for figure in one.sheet.values()]
        must_be_over(by, contract, max(last, default=date.min), now)
    moved_on = _decided(by, submit, accept, now)
    _write_submissions(
        contract, month_imports, moved_on, {"reason": reason, "source": filename} | saved(by, now), of_vendor(by)
    )
    _write_figures(month_imports)
    if moved_on.steps:
        told = [month_import.submission for month_import in month_imports if month_import.changes]
        must_be_answered(by, told, _lines(given, slots))
        _move_on(told, moved_on)
        write_steps([StepKind(status) for status in moved_on.steps], told, by, now, declared)
    if accept:
        days = [first_change(month_import.accepted_sheet, month_import.sheet) for month_import in month_imports]
        if first := [day for day in days if day is not None]:
            mark_for_reevaluation(contract, min(first))
    return [month_import.submission for month_import in month_imports]


def _read(source: bytes, filename: str, contract: Contract, slots: Slots, by: Membership | None) -> list[FigureRow]:
    try:
        return figures_file.read(source, filename, expectations_of(contract, slots, by))
    except BadFigures as bad:
        raise FileRefused(bad.problems) from bad


@transaction.atomic
def clear_figures(
    *,
    by: Membership,
    contract: Contract,
    month: date,
    slot: tuple[int, int],
    seen: str | None,
    now: datetime | None = None,
) -> Submission:
    """Take the figures of one slot (service level, period) out of a draft, as if they had not been typed. `month` is the slot's.

    RuleBroken where nothing is saved for it, the month waits for its decision, or the slot is accepted: that is corrected, not taken
    away. Conflict where somebody else reported since it was `seen` (a fingerprint).
    """
    require(by, "figures.import")
    there = Submission.objects.select_for_update().filter(contract=contract, month=month)
    found = {one.status: one for one in there.exclude(status=Status.SUPERSEDED)}
    live = next((one for status, one in found.items() if status in LIVE), None)
    if live:
        must_be_open_to(by, live)
    sheets = sheets_of(found.values())
    stored = sheets.get(live.pk, {}) if live else {}
    mine = {key: figure for key, figure in stored.items() if key[:2] == slot}
    if live is None or not mine:
        raise RuleBroken("no_figures", "Nothing is saved for it, so there is nothing to clear.")
    if live.status == Status.SUBMITTED:
        raise RuleBroken("submitted", _waits(month))
    accepted = found.get(Status.ACCEPTED)
    if accepted and any(key[:2] == slot for key in sheets.get(accepted.pk, {})):
        raise RuleBroken("accepted", "Its figures are accepted. Correct them; they are not taken away.")
    if seen is not None and seen != fingerprint(stored, [slot]):
        raise Conflict("moved_on", "Somebody else changed what is stored since you looked.")
    Figure.objects.filter(pk__in=[figure.pk for figure in mine.values()]).delete()
    named = saved(by, now or clock.database_now()) | ({} if of_vendor(by) else {"by_vendor": False})
    touched(Submission.objects.filter(pk=live.pk), **named)
    count_reported([live])
    live.refresh_from_db()
    return live


def fed(by: Membership | None, now: datetime) -> dict[str, Any]:
    """Columns of a figure that say which key it came by; of what a person reports, that it came by none."""
    return {"fed_by": by.name, "fed_at": now} if by is not None and by.is_key else {"fed_by": "", "fed_at": None}


def _by_month(
    contract: Contract, rows: Iterable[FigureRow], slots: Slots, came_by: dict[str, Any]
) -> dict[date, Sheet]:
    """The rows as figures that are not stored yet, by the month in which their period ends. RuleBroken where there are none."""
    months: dict[date, Sheet] = {}
    for row in rows:
        level, period = slots.levels[row.service_level], slots.periods[row.service_level, row.period]
        figure = Figure(
            vendor_id=contract.vendor_id,
            service_level=level,
            period=period,
            part=row.part,
            **{name: getattr(row, name) for name in REPORTED},
            **came_by,
        )
        months.setdefault(period.month, {})[level.pk, period.pk, row.part] = figure
    if not months:
        raise RuleBroken("no_figures", "There are no figures in it. Add a line for each figure below the header.")
    return dict(sorted(months.items()))


# Months ----------------------------------------------------------------------------------------------------------


@dataclass
class MonthImport:
    """One month: the submissions that are there, their figures, and what the figures shall be."""

    month: date
    revision: int  # of the latest submission that is there, 0 where there is none
    live: Submission | None
    accepted: Submission | None
    live_sheet: Sheet
    accepted_sheet: Sheet
    sheet: Sheet
    submission: Submission  # the one that holds the figures in the end

    @property
    def before(self) -> Sheet:
        return self.live_sheet if self.live else self.accepted_sheet

    @property
    def changes(self) -> bool:
        """Whether anything is to be written: a live submission goes on, an accepted one that says the same is left alone."""
        return self.live is not None or not same(self.before, self.sheet)


def _lines(rows: Iterable[FigureRow], slots: Slots) -> dict[tuple[int, int], int]:
    """The line in which each slot (service level, period) stands last."""
    return {
        (slots.levels[row.service_level].pk, slots.periods[row.service_level, row.period].pk): row.line for row in rows
    }


def _month_imports(contract: Contract, months: dict[date, Sheet], held: Held) -> list[MonthImport]:
    """What is there for each month, and what it shall become."""
    by_month: dict[date, list[Submission]] = {}
    for submission in held.submissions:
        by_month.setdefault(submission.month, []).append(submission)
    sheets, month_imports = held.sheets, []
    for month, figures in months.items():
        found = by_month.get(month, [])
        live = next((one for one in found if one.status in LIVE), None)
        accepted = next((one for one in found if one.status == Status.ACCEPTED), None)
        if live and live.status == Status.SUBMITTED:
            raise RuleBroken("submitted", _waits(month))
        live_sheet, accepted_sheet = (sheets.get(one.pk, {}) if one else {} for one in (live, accepted))
        slots = {key[:2] for key in figures}
        kept = {key: figure for key, figure in (live_sheet if live else accepted_sheet).items() if key[:2] not in slots}
        submission = live or accepted or Submission(contract=contract, month=month)
        revision = found[-1].revision if found else 0
        month_imports.append(
            MonthImport(month, revision, live, accepted, live_sheet, accepted_sheet, kept | figures, submission)
        )
    return month_imports


def _waits(month: date) -> str:
    return f"The figures of {month:%B %Y} are submitted and wait for a decision. Ask for their return first."


def _stored(month_imports: list[MonthImport], months: dict[date, Sheet]) -> str:
    """The fingerprint of what is there for the slots of the file."""
    before = {key: figure for month_import in month_imports for key, figure in month_import.before.items()}
    return fingerprint(before, {key[:2] for figures in months.values() for key in figures})


def _must_be_fit(by: Membership | None, month_imports: list[MonthImport]) -> None:
    """Each month is open to whoever reports, and an incident is written in one way, whatever file or row it came with: two that differ in
    capitals would count twice."""
    for month_import in month_imports:
        if month_import.live:
            must_be_open_to(by, month_import.live)
        seen: dict[str, str] = {}
        for name in {figure.incident for figure in month_import.sheet.values()} - {""}:
            first = seen.setdefault(name.casefold(), name)
            if name != first:
                one, other = sorted((name, first))
                said = f"`{one}` and `{other}` stand in {month_import.month:%B %Y}: write an incident in one way, or name them apart."
                raise RuleBroken("incident", said)


def _must_say_why(month_imports: list[MonthImport], reason: str, today: date) -> None:
    for month_import in month_imports:
        given = reason or (month_import.live and month_import.live.reason)
        if not month_import.accepted or not month_import.changes or given:
            continue
        if only_adds(month_import.accepted_sheet, month_import.sheet, add_from(month_import.live, today)):
            continue
        stands = f"The figures of {month_import.month:%B %Y} are accepted already."
        raise RuleBroken("reason", f"{stands} Say why they are corrected.")


# Writing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StatusPath:
    """Through which states a submission goes from draft, and the columns that are written with each."""

    steps: tuple[Status, ...]
    columns: dict[Status, dict[str, Any]]


def _decided(by: Membership | None, submit: bool, accept: bool, now: datetime) -> StatusPath:
    steps = ((Status.SUBMITTED,) if submit or accept else ()) + ((Status.ACCEPTED,) if accept else ())
    return StatusPath(steps, {Status.SUBMITTED: submitted(by, now), Status.ACCEPTED: decided(None, now)})


def _write_submissions(
    contract: Contract, month_imports: list[MonthImport], path: StatusPath, given: dict[str, Any], by_vendor: bool
) -> None:
    """Make the submissions that are missing, as drafts: figures are written in nothing else. Former accepted ones make room first."""
    if Status.ACCEPTED in path.steps:
        for month_import in month_imports:
            if month_import.accepted and month_import.changes:
                move(month_import.accepted, Status.SUPERSEDED, TRANSITIONS)
    live = [month_import.live for month_import in month_imports if month_import.live]
    if live:
        named = {name: value for name, value in given.items() if value or name in ("saved_by_name", "source")}
        if not by_vendor:  # what the client's people go on with is open to them; what they began stays so
            named["by_vendor"] = False
        touched(Submission.objects.filter(pk__in=[one.pk for one in live]), **named)
        for one in live:  # they are locked: nobody else counted meanwhile
            one.version += 1
        for one, (name, value) in product(live, named.items()):
            setattr(one, name, value)
    made = []
    for month_import in month_imports:
        if month_import.live or not month_import.changes:
            continue
        month_import.submission = Submission(
            vendor_id=contract.vendor_id,
            contract=contract,
            month=month_import.month,
            revision=month_import.revision + 1,
            **given | {"reason": given["reason"] if month_import.accepted else ""},
            by_vendor=by_vendor,
        )
        made.append(month_import.submission)
    create_submissions(made)


def _move_on(submissions: list[Submission], path: StatusPath) -> None:
    """From the state in which they are, through those of the path. One statement a state; they are locked."""
    for status in path.steps:
        columns = path.columns[status]
        move_all(Submission.objects.filter(pk__in=[one.pk for one in submissions]), status, TRANSITIONS, **columns)
        for one, (name, value) in product(submissions, {"status": status, **columns}.items()):
            setattr(one, name, value)
        for one in submissions:
            one.version += 1


def _write_figures(month_imports: list[MonthImport]) -> None:
    """Bring the stored figures into line with the sheets: what differs is written, what is not there any more deleted."""
    written: list[Figure] = []
    gone: list[int] = []
    for month_import in month_imports:
        if not month_import.changes:
            continue
        stored = month_import.live_sheet if month_import.live else {}
        gone += [figure.pk for key, figure in stored.items() if key not in month_import.sheet]
        written += [
            copy_to(month_import.submission, figure)
            for key, figure in month_import.sheet.items()
            if key not in stored or reported(stored[key]) != reported(figure)
        ]
    if gone:
        Figure.objects.filter(pk__in=gone).delete()
    create_figures(written)
    count_reported(month_import.submission for month_import in month_imports if month_import.changes)
