"""Evidence for figures: attached and removed while they are open, kept with its revision from then on."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from lib import clock
from lib.errors import NO_ROOM, NO_ROOM_SAID, Conflict, RuleBroken, StorageFull
from lib.transitions import touched
from measurements import evidence_types
from measurements.actions.submissions import must_be_open_to
from measurements.models import Evidence, Submission
from measurements.rules import LIVE, OPEN, EvidenceState, removable
from organisations.actions import require
from organisations.models import Membership
from organisations.scope import current
from slas.models import ServiceLevel

log = logging.getLogger(__name__)

YEAR = timedelta(days=366)  # not a day less than was said
A_NIGHT = 1_000
LEFT_OVER = timedelta(days=1)  # longer than any upload takes


@transaction.atomic
def attach(
    *,
    by: Membership | None,
    submission: Submission,
    file: File[bytes],
    name: str,
    description: str = "",
    service_level: ServiceLevel | None = None,
    now: datetime | None = None,
) -> Evidence:
    """Keep a file as evidence for open figures, for one service level or for all. `name` is what people call it.

    The row comes first, then the file: what fails leaves no row, and at most a file that the sweep takes away.
    RuleBroken for files that are not taken, Conflict where the figures are submitted, StorageFull where there is no room.
    """
    require(by, "submission.submit")
    name = evidence_types.shown_name(name)
    evidence_types.check(name, file.size, file)
    must_be_open_to(by, _must_be_open(submission))
    if submission.evidence.count() >= evidence_types.MAX_FILES:
        most = f"{evidence_types.MAX_FILES} files are attached, which is the most."
        raise RuleBroken("evidence_count", f"{most} Remove one, or put several into one document.")
    if service_level and service_level.contract_id != submission.contract_id:
        raise RuleBroken("service_level", f"{service_level} is not in this contract. Choose one that is.")
    row = Evidence.objects.create(
        vendor_id=submission.vendor_id,
        submission=submission,
        service_level=service_level,
        name=name,
        description=description.strip(),
        size=file.size,
        sha256=hashlib.file_digest(file, "sha256").hexdigest(),
        stored_name=f"{_folder()}/{uuid4().hex}",
        added_by=by,
        added_by_name=by.name if by else "",
        added_at=now or clock.database_now(),
    )
    file.seek(0)
    row.stored_name, row.state = _store(row.stored_name, file), EvidenceState.STORED
    row.save(update_fields=["stored_name", "state"])
    touched(Submission.objects.filter(pk=submission.pk))
    submission.refresh_from_db(fields=["version"])
    return row


@transaction.atomic
def remove(*, by: Membership | None, evidence: Evidence) -> None:
    """Take evidence away again. RuleBroken where the figures were submitted with it: from then on it is only superseded."""
    require(by, "submission.submit")
    submission = _must_be_open(evidence.submission)
    must_be_open_to(by, submission)
    if not removable(submission.status, submission.handed_over_at(), evidence.added_at):
        kept = f"{evidence.name} was submitted with the figures and stays with them."
        raise RuleBroken("handed_over", f"{kept} Attach what is right beside it.")
    evidence.delete()
    touched(Submission.objects.filter(pk=submission.pk))
    evidence.submission.refresh_from_db(fields=["version"])
    transaction.on_commit(partial(default_storage.delete, evidence.stored_name), robust=True)


def purge_orphans(*, now: datetime) -> int:
    """Remove what failed uploads left behind for a day: pending rows, and files without a row. Returns how many files.

    In a scope of the whole organisation: in a vendor's, the others' files would seem to have no row.
    """
    if current().vendor_id is not None:
        raise RuntimeError("Evidence is swept for a whole organisation.")
    old = now - LEFT_OVER
    Evidence.objects.filter(state=EvidenceState.PENDING, added_at__lt=old).delete()
    try:
        files = [f"{_folder()}/{name}" for name in default_storage.listdir(_folder())[1]]
    except FileNotFoundError:
        return 0
    kept = set(Evidence.objects.exclude(state=EvidenceState.EXPIRED).values_list("stored_name", flat=True))
    orphans = [path for path in files if path not in kept and default_storage.get_modified_time(path) < old]
    for path in orphans:
        default_storage.delete(path)
    return len(orphans)


def _store(name: str, file: File[bytes]) -> str:
    """What a full disk leaves behind is swept like any other upload that failed."""
    try:
        return default_storage.save(name, file)
    except OSError as full:
        if full.errno not in NO_ROOM:
            raise
        log.error("No room for evidence: %s", full)
        raise StorageFull("no_room", NO_ROOM_SAID) from full


@transaction.atomic
def expire_evidence(*, years: int | None, now: datetime) -> int:
    """Remove the files of evidence that was added more than `years` ago, of figures that are decided. Returns how many, at most a
    night's work. None: they are kept for ever."""
    if years is None:
        return 0
    old = Evidence.objects.filter(state=EvidenceState.STORED, added_at__lt=now - years * YEAR)
    rows = list(old.exclude(submission__status__in=LIVE).order_by("pk").values_list("pk", "stored_name")[:A_NIGHT])
    Evidence.objects.filter(pk__in=[pk for pk, _ in rows]).update(state=EvidenceState.EXPIRED)
    for _, stored_name in rows:
        transaction.on_commit(partial(default_storage.delete, stored_name), robust=True)
    return len(rows)


def _folder() -> str:
    return f"evidence/{current().organisation_id}"


def _must_be_open(submission: Submission) -> Submission:
    """As it is now, locked: nobody hands it over meanwhile."""
    found: Submission = Submission.objects.select_for_update().get(pk=submission.pk)
    if found.status not in OPEN:
        raise Conflict("status", f"These figures are {found.get_status_display().lower()}. Ask for their return first.")
    return found
