"""A figure that a ruling puts right: the client's decision, not a report."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from contracts.actions import mark_for_reevaluation
from contracts.models import Contract, Period
from lib import clock
from lib.errors import RuleBroken
from lib.transitions import move, touched
from measurements.actions.expected import expectations_of, slots_of
from measurements.actions.sheets import Sheet, copy_to, count_reported, create_figures, sheets_of
from measurements.actions.steps import write_steps
from measurements.actions.submissions import create_submissions, decided, saved
from measurements.figures_file import RawRow, sort_rows
from measurements.figures_file.columns import NUMBERS
from measurements.models import Figure, Submission
from measurements.rules import LIVE, TRANSITIONS, Status, StepKind
from organisations.actions import require
from organisations.models import Membership
from slas.models import ServiceLevel


@transaction.atomic
def put_right(
    *,
    by: Membership,
    service_level: ServiceLevel,
    period: Period,
    part: str,
    numbers: Mapping[str, Decimal | None],
    reason: str,
    now: datetime | None = None,
) -> Submission | None:
    """Change numbers of one reported figure wherever it stands. Gives the correction of accepted figures, None where none are.

    Accepted figures become a new revision, accepted at once: the former is superseded and stays, and the contract is marked
    for re-evaluation. Figures that are still open are changed as they stand, and count as changed for whoever looks at them.
    Nobody reported it, so whoever rules accepts nothing of their own. RuleBroken where the figure could not have been reported so.
    """
    require(by, "submission.decide")
    now, contract, month = now or clock.database_now(), service_level.contract, period.month
    there = Submission.objects.select_for_update().filter(contract=contract, month=month).order_by("revision")
    found = list(there)
    accepted = next((one for one in found if one.status == Status.ACCEPTED), None)
    live = next((one for one in found if one.status in LIVE), None)
    sheets = sheets_of(one for one in (accepted, live) if one)
    key = (service_level.pk, period.pk, part)
    correction = None
    if accepted:
        sheet = sheets.get(accepted.pk, {})
        figure = _changed(sheet, key, numbers, contract, service_level, period)
        correction = _correct(accepted, live, sheet | {key: figure}, by, reason, now)
        mark_for_reevaluation(contract, period.starts_on)
    if live and key in sheets.get(live.pk, {}):
        Figure.objects.filter(pk=sheets[live.pk][key].pk).update(**numbers, **_ruled(numbers))
        touched(Submission.objects.filter(pk=live.pk))
    return correction


def _changed(
    sheet: Sheet,
    key: tuple[int, int, str],
    numbers: Mapping[str, Decimal | None],
    contract: Contract,
    service_level: ServiceLevel,
    period: Period,
) -> Figure:
    """The figure with other numbers, checked as if it were reported."""
    former = sheet.get(key)
    figure = copy_to(former.submission, former) if former else Figure(service_level=service_level, period=period)
    figure.vendor_id, figure.part = service_level.vendor_id, key[2]
    for name, value in (dict(numbers) | _ruled(numbers)).items():
        setattr(figure, name, value)
    given = {name: getattr(figure, name) for name in NUMBERS}
    cells = {name: f"{value:f}" for name, value in given.items() if value is not None}
    cells |= {"service_level": service_level.code, "period": period.starts_on.isoformat(), "part": key[2]}
    _, problems = sort_rows([RawRow(1, cells)], expectations_of(contract, slots_of(contract), None))
    if problems:
        raise RuleBroken(problems[0].column, f"{problems[0].column}: {problems[0].message}")
    return figure


def _ruled(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a figure that somebody ruled on: it is not what a key reported any more. Relief leaves it as it was reported."""
    return {"fed_by": "", "fed_at": None} if numbers.keys() - {"relieved"} else {}


def _correct(
    accepted: Submission, live: Submission | None, sheet: Sheet, by: Membership, reason: str, now: datetime
) -> Submission:
    """The next revision, accepted; one that is being prepared comes after it."""
    revision = accepted.revision + 1
    if live and live.revision >= revision:
        revision = live.revision
        Submission.objects.filter(pk=live.pk).update(revision=revision + 1)
    move(accepted, Status.SUPERSEDED, TRANSITIONS)
    correction = Submission(
        vendor_id=accepted.vendor_id,
        contract=accepted.contract,
        month=accepted.month,
        revision=revision,
        status=Status.ACCEPTED,
        reason=reason,
        submitted_at=now,
        **saved(by, now),
        **decided(by, now),
    )
    create_submissions([correction])
    figures = [copy_to(correction, figure) for figure in sheet.values()]
    create_figures(figures)
    count_reported([correction])
    write_steps([StepKind.ACCEPTED], [correction], by, now)
    return correction
