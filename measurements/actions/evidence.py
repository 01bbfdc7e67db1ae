"""Evidence for figures: attached and removed while they are open, kept with its revision from then on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files import File
from django.db import transaction

from files.actions import attach_files, discard, examine
from files.kinds import MAX_FILES
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.transitions import touched
from measurements.actions.submissions import must_be_open_to
from measurements.models import Evidence, Submission
from measurements.rules import OPEN, removable
from organisations.actions import require
from organisations.models import Membership
from slas.models import ServiceLevel


@transaction.atomic
def attach(
    *,
    by: Membership | None,
    submission: Submission,
    files: Sequence[File[bytes]],
    description: str = "",
    service_level: ServiceLevel | None = None,
    replaces: Evidence | None = None,
    now: datetime | None = None,
) -> list[Evidence]:
    """Keep files as evidence for open figures, for one service level or for all. Their names are what people call them. One file may
    replace an older one of the month, which stays beside it.

    RuleBroken for files that are not taken, Conflict where the figures are submitted, StorageFull where there is no room: nothing of it
    is kept then.
    """
    require(by, "submission.submit")
    examined = examine(files)  # before the submission is locked: a virus check takes its time
    must_be_open_to(by, _must_be_open(submission))
    there = submission.evidence.count()
    if there + len(examined) > MAX_FILES:
        most = f"{MAX_FILES} files can be attached, and {there} are."
        raise RuleBroken("attachments", f"{most} Remove one, or put several into one document.")
    if service_level and service_level.contract_id != submission.contract_id:
        raise RuleBroken("service_level", f"{service_level} is not in this contract. Choose one that is.")
    if replaces is not None:
        _must_be_replaceable(replaces, submission, len(examined))
    of = {
        "replaces": replaces,
        "vendor_id": submission.vendor_id,
        "submission": submission,
        "service_level": service_level,
    }
    at = now or clock.database_now()
    rows = attach_files(Evidence, examined, by=by, at=at, description=description.strip(), **of)
    touched(Submission.objects.filter(pk=submission.pk))
    submission.refresh_from_db(fields=["version"])
    return rows


@transaction.atomic
def remove(*, by: Membership | None, evidence: Evidence) -> None:
    """Take evidence away again. RuleBroken where the figures were submitted with it: from then on it is only superseded."""
    require(by, "submission.submit")
    submission = _must_be_open(evidence.submission)
    must_be_open_to(by, submission)
    if not removable(submission.status, submission.handed_over_at(), evidence.added_at):
        kept = f"{evidence.name} was submitted with the figures and stays with them."
        raise RuleBroken("handed_over", f"{kept} Attach what is right beside it.")
    discard(evidence)
    touched(Submission.objects.filter(pk=submission.pk))
    evidence.submission.refresh_from_db(fields=["version"])


@transaction.atomic
def answer_about(*, by: Membership, evidence: Evidence, answer: str) -> None:
    """Say why evidence is right although it was evidence elsewhere; it stands beside the question. RuleBroken where nothing is said."""
    require(by, "submission.submit")
    must_be_open_to(by, _must_be_open(evidence.submission))
    if not answer.strip():
        raise RuleBroken("answer", "Say why it is the right file, or remove it and attach the right one.")
    evidence.answer, evidence.answered_by, evidence.answered_by_name = answer.strip(), by, by.name
    evidence.save(update_fields=["answer", "answered_by", "answered_by_name"])
    touched(Submission.objects.filter(pk=evidence.submission_id))


def _must_be_replaceable(older: Evidence, submission: Submission, files: int) -> None:
    """Evidence of the same month, not replaced yet, by one file. RuleBroken, or Conflict where a colleague was faster."""
    of = older.submission
    if (of.contract_id, of.month) != (submission.contract_id, submission.month):
        raise RuleBroken("replaces", f"{older.name} is evidence of another month. Choose one of this month.")
    if files != 1:
        raise RuleBroken("replaces", f"One file replaces {older.name}. Choose one, or attach them beside it.")
    if older.replaced_by.exists():
        raise Conflict("replaces", f"{older.name} was replaced already. Choose the newest file.")


def _must_be_open(submission: Submission) -> Submission:
    """As it is now, locked: nobody hands it over meanwhile."""
    found: Submission = Submission.objects.select_for_update().get(pk=submission.pk)
    if found.status not in OPEN:
        raise Conflict("status", f"These figures are {found.get_status_display().lower()}. Ask for their return first.")
    return found
