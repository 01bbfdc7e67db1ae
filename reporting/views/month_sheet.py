"""One service level of a month that is filled in: saved as soon as it is typed, with what it comes to."""

from typing import Any

from django.db.models import Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from contracts.models import Contract, Period
from lib.errors import Conflict, Refused
from lib.htmx import varied, wants_part
from lib.templatetags.dates import month_key
from lib.wakeup import wake_workers
from measurements.actions import clear_figures, import_figures
from measurements.actions.expected import expectations_of
from measurements.actions.figures import ReadAlready
from measurements.actions.sheets import fingerprint
from measurements.figures_file import BadFigures, check_rows
from measurements.querysets import standing_levels
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.entry import EntryLine, EntrySheet, take_over, type_into
from reporting.entry_row import MonthOfRow
from reporting.pages.month_sheet import MonthSheet, Slot, month_of_row, say_theirs

SLOT = "reporting/month_slot.html"
# What it takes of a contract: not its clauses, which are long.
OF_CONTRACT = ("organisation", "vendor", "starts_on", "ends_on", "currency", "timezone", "submit_early")


@require_http_methods(["GET", "HEAD", "POST"])
@allows("figures.import")
def figures_slot(
    request: MemberRequest, organisation: str, contract_id: int, service_level: int, period: int
) -> HttpResponse:
    """GET: a slot as it is stored, with `take` to type over what a key reported. POST: what was typed into it, saved over what was
    `seen-<slot>`; nothing of it is lost where it cannot be. With `clear` what is saved is taken away, with `aside` its note is asked for.

    422 with what is wrong at its input, 409 with what somebody else saved meanwhile. An answer brings the month's foresight along.
    """
    contract = get_object_or_404(Contract.objects.only(*OF_CONTRACT), pk=contract_id)
    its_month = Period.objects.filter(pk=period, contract=contract).values("month")
    periods = list(Period.objects.filter(contract=contract, month=Subquery(its_month)).order_by("starts_on"))
    if not periods:
        raise Http404("No such period.")
    month = periods[0].month
    page = f"{reverse('figures-enter', args=[organisation, contract.pk])}?period={month_key(month)}"
    if not wants_part(request):
        return redirect(page)
    levels = standing_levels(contract.pk)
    around = MonthOfRow(contract, month, request.membership, (service_level, period), levels, periods)
    entry = around.read(hold=request.method == "POST" and "clear" not in request.POST)
    lines = _mine(around, entry)
    if not lines:
        raise Http404("No such figure.")
    if request.method != "POST":
        return _slot(request, around, entry, lines)
    if "clear" in request.POST:
        return _clear(request, around, entry, lines)
    for line in lines:
        type_into(line, request.POST)
        take_over(line)
    typed = EntrySheet(entry.month, lines, entry.waits, entry.accepted, entry.closed)
    if _seen(request, around) not in ("", fingerprint(entry.stored, [around.key])):
        # Said first, also where a row is half typed: any other answer would carry what was not looked at as seen.
        return _slot(request, around, entry, typed.lines, 409, theirs=True)
    return _save(request, around, typed, entry)


def _mine(around: MonthOfRow, entry: EntrySheet) -> list[EntryLine]:
    """The lines of the row, without those of rows from which it takes counts over."""
    return [line for line in entry.lines if (line.level.pk, line.period.pk) == around.key]


def _seen(request: MemberRequest, around: MonthOfRow) -> str:
    """What the row may be saved over: what the page showed, or with `over` what somebody else saved and was chosen against."""
    return request.POST.get("over") or request.POST.get("seen-{}-{}".format(*around.key), "")


def _clear(request: MemberRequest, around: MonthOfRow, entry: EntrySheet, lines: list[EntryLine]) -> HttpResponse:
    seen = _seen(request, around)
    try:
        clear_figures(by=request.membership, contract=around.contract, month=around.month, slot=around.key, seen=seen)
    except Conflict:
        now = around.read()
        return _slot(request, around, now, _mine(around, now), 409, theirs=True)
    except Refused as refused:
        return _slot(request, around, entry, lines, refused.status, refused=refused.sentence)
    wake_workers(request.membership.organisation_id)
    left = around.read()
    return _slot(request, around, left, _mine(around, left))


def _save(request: MemberRequest, around: MonthOfRow, typed: EntrySheet, entry: EntrySheet) -> HttpResponse:
    contract, slots = around.contract, around.slots
    if typed.nameless():
        return _slot(request, around, entry, typed.lines, 422)
    if not typed.filled:
        again = around.read()
        return _slot(request, around, again, _mine(around, again), emptied="aside" not in request.POST)
    try:
        mine = slots.of_levels({typed.lines[0].level.code})
        expected = expectations_of(contract, mine, request.membership)
        rows = check_rows(typed.raw_rows(), expected)
        known = ReadAlready(slots, expected.granted or {}, around.held) if around.held else None
        seen = _seen(request, around)
        [written] = import_figures(by=request.membership, contract=contract, rows=rows, seen=seen, known=known)
    except BadFigures as bad:
        typed.blame(bad.problems)
        if _is_begun(around, typed, entry):
            return _slot(request, around, entry, typed.lines, begun=True)
        return _slot(request, around, entry, typed.lines, 422)
    except Conflict as conflict:
        if conflict.code == "submission" and entry.holder is None:
            # The first figures of the month, and another row's were saved at the same moment: now there is something to save this one in.
            return _save(request, around, typed, around.read(hold=True))
        return _slot(request, around, around.read(), typed.lines, 409, theirs=True)
    except Refused as refused:
        return _slot(request, around, entry, typed.lines, refused.status, refused=refused.sentence)
    wake_workers(request.membership.organisation_id)
    saved = around.read_again(entry, written)
    return _slot(request, around, saved, _mine(around, saved))


def _is_begun(around: MonthOfRow, typed: EntrySheet, entry: EntrySheet) -> bool:
    """Whether figures are still being typed: what is missing for the first time is nobody's mistake, and nothing that is there is wrong."""
    if around.key in {key[:2] for key in entry.stored}:
        return False
    for _, cell, _ in typed.problems:
        if not cell.text:
            cell.problems.clear()
    return not typed.problems


def _slot(
    request: MemberRequest,
    around: MonthOfRow,
    entry: EntrySheet,
    lines: list[EntryLine],
    status: int = 200,
    *,
    theirs: bool = False,
    refused: str = "",
    begun: bool = False,
    emptied: bool = False,
) -> HttpResponse:
    """The slot with these lines, and the month's progress and foresight from what is stored."""
    contract, key = around.contract, around.key
    typing = request.method == "POST" or "take" in request.GET
    monthly = month_of_row(around, entry, as_of=contract.day(timezone.now()), taken=[key] if typing else ())
    slot = monthly.slot(key)
    if slot is None:
        raise Http404("No such figure.")
    slot.lines, slot.refused = lines, refused
    slot.aside, slot.emptied = "aside" in request.POST, emptied and key in {stored[:2] for stored in entry.stored}
    if theirs:
        say_theirs(slot, slot.row.figures, request.membership)
        slot.seen_before = _seen(request, around)
    elif slot.problems or refused:
        slot.look, slot.word = "bad", "Not saved"
    elif begun:
        slot.look, slot.word = "open", "Not saved yet"
    return _answer(request, contract, monthly, slot, status)


def _answer(request: MemberRequest, contract: Contract, monthly: MonthSheet, slot: Slot, status: int) -> HttpResponse:
    number, group = monthly.group_of((slot.level.pk, slot.row.period.pk))
    context: dict[str, Any] = {
        "number": number,
        "group": group,
        "contract": contract,
        "sheet": monthly.entry,
        "monthly": monthly,
        "slot": slot,
        "saves": True,
        "may_ask_relief": request.membership.may("relief.ask"),
        "together": True,
    }
    response = render(request, SLOT, context, status=status)
    response.is_fragment = True  # type: ignore[attr-defined]
    return varied(response)
