"""Documents of a revision: attached to a draft and taken away again, kept from the edition on that was submitted with them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files import File
from django.db import transaction

from agreements.models import Revision, RevisionFile
from agreements.rules import Status
from files.actions import attach_files, discard, examine
from files.kinds import MAX_FILES
from lib import clock
from lib.errors import Conflict, RuleBroken
from organisations.actions import require
from organisations.models import Membership

LONGEST_DESCRIPTION = 500


@transaction.atomic
def attach_documents(
    *, by: Membership, revision: Revision, files: Sequence[File[bytes]], description: str = ""
) -> list[RevisionFile]:
    """Attach files to a draft; they go along with the next edition of it. RuleBroken for files that are not taken, or too many; Conflict
    where it is no draft any more; StorageFull where there is no room. Nothing of it is kept then."""
    require(by, "revision.draft")
    examined = examine(files)  # before the revision is locked: a virus check takes its time
    found = _draft(revision)
    there = found.files.count()
    if there + len(examined) > MAX_FILES:
        most = f"{MAX_FILES} files can be attached, and {there} are."
        raise RuleBroken("attachments", f"{most} Remove one, or put several into one document.")
    of = {"vendor_id": found.vendor_id, "revision": found, "edition": found.edition + 1}
    text = description.strip()[:LONGEST_DESCRIPTION]
    return attach_files(RevisionFile, examined, by=by, at=clock.database_now(), description=text, **of)


@transaction.atomic
def remove_document(*, by: Membership, revision_file: RevisionFile) -> None:
    """Take a document away again. RuleBroken where an edition was submitted with it: it stays with that one."""
    require(by, "revision.draft")
    found = _draft(revision_file.revision)
    if revision_file.edition <= found.edition:
        kept = f"{revision_file.name} was submitted with edition {revision_file.edition} and stays with it."
        raise RuleBroken("submitted", f"{kept} Attach what is right beside it.")
    discard(revision_file)


def share_documents(revision: Revision) -> None:
    """They go to the vendor with what is sent. One statement."""
    RevisionFile.objects.filter(revision=revision, edition__lte=revision.edition, shared=False).update(shared=True)


def _draft(revision: Revision) -> Revision:
    """As it is now, locked: nobody submits it meanwhile."""
    found: Revision = Revision.objects.select_for_update().get(pk=revision.pk)
    if found.status != Status.DRAFT:
        raise Conflict("status", "This is no draft any more. Reload to see where it stands.")
    return found
