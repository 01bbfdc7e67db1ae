"""The life of a submission: submitted, withdrawn, accepted or returned, corrected."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from contracts.actions import mark_for_reevaluation
from contracts.models import Contract
from lib import clock
from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.templatetags.dates import format_day
from lib.transitions import move, must_be_as_seen
from measurements.actions.answers import must_be_answered
from measurements.actions.sheets import copy_to, count_reported, create_figures, first_change, only_adds, sheets_of
from measurements.actions.steps import write_steps
from measurements.models import Submission
from measurements.rules import LIVE, TRANSITIONS, Status, StepKind
from organisations.actions import is_own, require
from organisations.models import Membership


@transaction.atomic
def submit(
    *,
    by: Membership | None,
    submission: Submission,
    note: str = "",
    declared: bool = False,
    seen: int | None = None,
    now: datetime | None = None,
) -> Submission:
    """Hand a draft, or a returned submission, over for a decision. `note` becomes its reason, which a correction must have;
    what was left out of accepted figures is added without one until its due day.

    RuleBroken where it has no figures, a period of it still runs, a correction has no reason, or no note answers what a vendor is asked.
    """
    require(by, "submission.submit")
    must_be_open_to(by, submission)
    must_be_as_seen(submission, seen)
    reason = note.strip() or submission.reason
    now = now or clock.database_now()
    last = submission.figures.aggregate(last=Max("period__ends_on"))["last"]
    if last is None:
        raise RuleBroken("no_figures", "There are no figures in it yet. Enter at least one before you submit.")
    must_be_over(by, submission.contract, last, now)
    if submission.revision > 1 and not reason and not adds_only(submission, now):
        raise RuleBroken("reason", "Say why the figures are corrected.")
    if submission.status in (Status.DRAFT, Status.RETURNED):  # else moving it says what has become of it
        must_be_answered(by, [submission])
    move(submission, Status.SUBMITTED, TRANSITIONS, reason=reason, **submitted(by, now))
    write_steps([StepKind.SUBMITTED], [submission], by, now, declared)
    return submission


@transaction.atomic
def withdraw(
    *, by: Membership | None, submission: Submission, seen: int | None = None, now: datetime | None = None
) -> Submission:
    """Take figures back that wait for a decision: a draft again, to be changed. NotAllowed for the other side's people, Conflict
    where they were decided on at the same moment."""
    require(by, "submission.submit")
    waits = submission.status == Status.SUBMITTED  # where it does not, moving it says what has become of it
    if waits and by is not None and not on_submitters_side(by, submission):
        raise NotAllowed("other_side", "Only the side that submitted these figures withdraws them. Ask them to do it.")
    must_be_as_seen(submission, seen)
    columns: dict[str, Any] = {"submitted_by": None, "submitted_by_name": "", "submitted_at": None}
    move(submission, Status.DRAFT, TRANSITIONS, **columns, by_vendor=of_vendor(by))
    write_steps([StepKind.WITHDRAWN], [submission], by, now or clock.database_now())
    return submission


def on_submitters_side(by: Membership, submission: Submission) -> bool:
    """Whether the figures were submitted by somebody of the same side: of the client, or of the vendor. One statement.

    Asked by query: a vendor's people do not see the client's members.
    """
    return Membership.objects.filter(pk=submission.submitted_by_id, vendor=by.vendor_id).exists()


@transaction.atomic
def accept(
    *, by: Membership | None, submission: Submission, seen: int | None = None, now: datetime | None = None
) -> Submission:
    """Accept submitted figures: from now on they are what is judged; the revision before is superseded.

    The contract is marked for re-evaluation from the first period whose figures changed. NotAllowed for whoever submitted them,
    Conflict where somebody else decided at the same moment.
    """
    require(by, "submission.decide")
    must_not_be_the_reporter(by, submission)
    must_be_as_seen(submission, seen)
    former = Submission.objects.filter(
        contract_id=submission.contract_id, month=submission.month, status=Status.ACCEPTED
    ).first()
    if former and former.pk != submission.pk:
        move(former, Status.SUPERSEDED, TRANSITIONS)
    now = now or clock.database_now()
    move(submission, Status.ACCEPTED, TRANSITIONS, **decided(by, now))
    write_steps([StepKind.ACCEPTED], [submission], by, now)
    sheets = sheets_of([submission, former] if former else [submission])
    first = first_change(sheets.get(former.pk, {}) if former else {}, sheets.get(submission.pk, {}))
    if first is not None:
        mark_for_reevaluation(submission.contract, first)
    return submission


@transaction.atomic
def return_(
    *,
    by: Membership | None,
    submission: Submission,
    reason: str,
    figures: Mapping[tuple[int, int], str] | None = None,
    seen: int | None = None,
    now: datetime | None = None,
) -> Submission:
    """Give submitted figures back to whoever reported them, with the reason, to be handed over again by a day that the return sets.

    `figures`: reasons of single ones, by service level and period. RuleBroken without a reason.
    """
    require(by, "submission.decide")
    must_not_be_the_reporter(by, submission)
    must_be_as_seen(submission, seen)
    if not reason.strip():
        raise RuleBroken("reason", "Say why the figures are returned, so that the vendor can put them right.")
    now = now or clock.database_now()
    back = {"return_reason": reason.strip(), "due_again_on": submission.contract.due_again(now)}
    move(submission, Status.RETURNED, TRANSITIONS, **decided(by, now), **back)
    write_steps([StepKind.RETURNED], [submission], by, now, returned=figures)
    return submission


@transaction.atomic
def start_correction(*, by: Membership | None, contract: Contract, month: date, reason: str) -> Submission:
    """A new draft that holds a copy of a month's accepted figures. `month` is its first day.

    RuleBroken where none are accepted or the reason is missing, Conflict where a revision is under way already.
    """
    require(by, "submission.submit")
    if not reason.strip():
        raise RuleBroken("reason", "Say why the figures are corrected.")
    found = {one.status: one for one in Submission.objects.filter(contract=contract, month=month).order_by("revision")}
    if any(status in found for status in LIVE):
        raise Conflict("submission", f"A revision of {month:%B %Y} is under way already. Continue with that one.")
    former = found.get(Status.ACCEPTED)
    if former is None:
        raise RuleBroken(
            "not_accepted", f"No figures of {month:%B %Y} are accepted yet, so there is nothing to correct."
        )
    correction = Submission(
        vendor_id=former.vendor_id,
        contract=contract,
        month=month,
        revision=former.revision + 1,
        reason=reason.strip(),
        by_vendor=of_vendor(by),
        **saved(by, clock.database_now()),
    )
    create_submissions([correction])
    create_figures([copy_to(correction, figure) for figure in sheets_of([former]).get(former.pk, {}).values()])
    count_reported([correction])
    return correction


def must_be_over(by: Membership | None, contract: Contract, ends_on: date, now: datetime) -> None:
    """RuleBroken where somebody submits figures of a period that still runs, unless the contract lets them. `ends_on` is its last day."""
    if by is None or contract.submit_early or contract.day(now) > ends_on:
        return
    raise RuleBroken(
        "running",
        f"The period runs until {format_day(ends_on)}. Its figures are saved as a draft; submit them once it is over.",
    )


def adds_only(submission: Submission, now: datetime) -> bool:
    """Whether it says what is accepted for its month and adds what was left out, until its due day. Two statements."""
    accepted = Submission.objects.filter(
        contract_id=submission.contract_id, month=submission.month, status=Status.ACCEPTED
    ).first()
    sheets = sheets_of([submission, accepted] if accepted else [])
    before, after = (sheets.get(one.pk, {}) if one else {} for one in (accepted, submission))
    return accepted is not None and only_adds(before, after, add_from(submission, submission.contract.day(now)))


def add_from(submission: Submission | None, today: date) -> date:
    """The earliest due day of what is added without a reason: what was returned was handed over once, and has a day of its own."""
    return date.min if submission is not None and submission.due_again_on is not None else today


def must_be_open_to(by: Membership | None, submission: Submission) -> None:
    """NotAllowed for the client's people while the vendor prepares it."""
    if submission.is_closed_to(by):
        who = submission.vendor.name
        raise NotAllowed("in_preparation", f"{who} is preparing these figures. They are closed until submitted.")


def of_vendor(by: Membership | None) -> bool:
    return by is not None and by.vendor_id is not None


def must_not_be_the_reporter(by: Membership | None, submission: Submission) -> None:
    if is_own(by, submission.submitted_by_id):
        raise NotAllowed(
            "own_figures", "Nobody decides on the figures that they reported. Ask another account manager."
        )


# Columns ---------------------------------------------------------------------------------------------------------


def saved(by: Membership | None, now: datetime) -> dict[str, Any]:
    """Columns of a submission whose figures are written."""
    return {"saved_by_name": by.name if by else "", "saved_at": now}


def submitted(by: Membership | None, now: datetime) -> dict[str, Any]:
    """Columns of a submission that is submitted; an earlier decision about it (its return) is over."""
    name = by.name if by else ""
    return {"submitted_by": by, "submitted_by_name": name, "submitted_at": now} | decided(None, None)


def decided(by: Membership | None, now: datetime | None) -> dict[str, Any]:
    """Columns of a submission that is decided on."""
    return {"decided_by": by, "decided_by_name": by.name if by else "", "decided_at": now}


# What the database refuses where two report the same month at once.
ONE_OF_A_KIND = ("submission_revision", "submission_one_live", "submission_one_accepted")


def create_submissions(made: list[Submission]) -> None:
    """Store new submissions; Conflict where somebody else made one for the same contract and month at the same moment."""
    if not made:
        return
    try:
        with transaction.atomic():
            Submission.objects.bulk_create(made)
    except IntegrityError as twice:
        if not any(name in str(twice) for name in ONE_OF_A_KIND):
            raise
        raise Conflict(
            "submission", "Somebody else reported this month at the same moment. Reload to see it."
        ) from twice
