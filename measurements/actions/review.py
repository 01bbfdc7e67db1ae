"""Deciding on some of a submission's figures: what raises no question is accepted at once, what is wrong goes back with its reason."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from contracts.actions import mark_for_reevaluation
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.transitions import move, must_be_as_seen, touched
from measurements.actions.sheets import (
    Sheet,
    changed_days,
    copy_to,
    count_reported,
    create_figures,
    reported,
    sheets_of,
)
from measurements.actions.steps import write_steps
from measurements.actions.submissions import (
    accept,
    create_submissions,
    decided,
    must_not_be_the_reporter,
    return_,
)
from measurements.models import Submission
from measurements.rules import TRANSITIONS, Status, StepKind
from organisations.actions import require
from organisations.models import Membership

Slot = tuple[int, int]  # service level, period


@transaction.atomic
def review(
    *,
    by: Membership,
    submission: Submission,
    accepted: Collection[Slot],
    returned: Mapping[Slot, str],
    seen: int | None = None,
    now: datetime | None = None,
) -> Submission:
    """Accept some figures of a submission and return others, each with its reason; what is neither waits on. Gives the submission.

    What is accepted becomes a revision of its own, which is judged; the submission comes after it and holds all its figures as they
    were handed over. RuleBroken where a reason is missing, something returned leaves others undecided, or a figure does not wait.
    """
    require(by, "submission.decide")
    must_not_be_the_reporter(by, submission)
    must_be_as_seen(submission, seen)
    if submission.status != Status.SUBMITTED:
        raise Conflict("status", "Somebody was faster: these figures do not wait any more. Reload to see their state.")
    former = Submission.objects.filter(
        contract_id=submission.contract_id, month=submission.month, status=Status.ACCEPTED
    ).first()
    sheets = sheets_of([submission, former] if former else [submission])
    sheet, before = sheets.get(submission.pk, {}), sheets.get(former.pk, {}) if former else {}
    waiting = waiting_slots(before, sheet)
    _check(waiting, set(accepted), returned)
    if waiting == set(accepted):
        return accept(by=by, submission=submission, now=now)
    now = now or clock.database_now()
    if accepted:
        _accept_part(submission, former, _part(before, sheet, waiting - set(accepted)), before, by, now)
    if returned:
        return return_(by=by, submission=submission, reason=_in_one(returned), figures=returned, now=now)
    touched(Submission.objects.filter(pk=submission.pk))
    submission.version += 1
    return submission


def waiting_slots(before: Sheet, sheet: Sheet) -> set[Slot]:
    """The slots of which something else is submitted than what is accepted."""
    keys = before.keys() | sheet.keys()
    return {
        key[:2]
        for key in keys
        if key not in before or key not in sheet or reported(before[key]) != reported(sheet[key])
    }


def _check(waiting: set[Slot], accepted: set[Slot], returned: Mapping[Slot, str]) -> None:
    if not (accepted | returned.keys()) or not (accepted | returned.keys()) <= waiting:
        raise RuleBroken("slots", "These figures do not all wait for a decision. Look at them as they are now.")
    if any(not reason.strip() for reason in returned.values()):
        raise RuleBroken("reason", "Say of each figure why it is returned, so that the vendor can put it right.")
    if accepted & returned.keys() or (returned and accepted | returned.keys() != waiting):
        raise RuleBroken("undecided", "Where some figures are returned, each of the others is accepted.")


def _part(before: Sheet, sheet: Sheet, left: set[Slot]) -> Sheet:
    """What holds after it: what is submitted, but for the slots that are left, of which what was accepted before stands."""
    taken = {key: figure for key, figure in sheet.items() if key[:2] not in left}
    return taken | {key: figure for key, figure in before.items() if key[:2] in left}


def _accept_part(
    submission: Submission, former: Submission | None, sheet: Sheet, before: Sheet, by: Membership, now: datetime
) -> None:
    if former:
        move(former, Status.SUPERSEDED, TRANSITIONS)
    revision = submission.revision
    Submission.objects.filter(pk=submission.pk).update(revision=revision + 1)
    submission.revision = revision + 1
    part = Submission(
        vendor_id=submission.vendor_id,
        contract=submission.contract,
        month=submission.month,
        revision=revision,
        status=Status.ACCEPTED,
        reason=submission.reason,
        source=submission.source,
        submitted_at=submission.submitted_at,  # by whom stands with the submission: nobody hands over in another's name
        saved_at=submission.saved_at,
        by_vendor=submission.by_vendor,
        **decided(by, now),
    )
    create_submissions([part])
    create_figures([copy_to(part, figure) for figure in sheet.values()])
    count_reported([part])
    write_steps([StepKind.ACCEPTED], [part], by, now)
    mark_for_reevaluation(submission.contract, min(changed_days(before, sheet)))


def _in_one(returned: Mapping[Slot, str]) -> str:
    reasons = list(dict.fromkeys(reason.strip() for reason in returned.values()))
    return reasons[0] if len(reasons) == 1 else f"{len(returned)} figures are returned; the reason stands on each."
