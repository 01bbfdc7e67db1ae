"""The client's side of a revision that was submitted: approved by who did not write it, sent back, sent to the vendor."""

from datetime import datetime

from django.db import IntegrityError, transaction

from agreements.actions.documents import share_documents
from agreements.actions.steps import person_of, record
from agreements.impact import still_holds
from agreements.models import Revision, RevisionEdition, RevisionStep
from agreements.proposals import as_stored
from agreements.rules import TRANSITIONS, Status, StepKind, day_come
from contracts.models import Contract
from lib import clock
from lib.errors import Conflict, NotAllowed
from lib.templatetags.dates import format_day
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
from organisations.actions import require
from organisations.models import Membership
from organisations.rules import Role

OTHER_EDITION = "There is a newer edition of this revision. Look at it, then decide."


@transaction.atomic
def approve(
    *, by: Membership, revision: Revision, edition: int, seen: int | None = None, together: bool = False
) -> Revision:
    """Approve the edition that was looked at. With the last approval that it needs it goes to the vendor. `together`: with the others of
    its bulk revision, which is the only way for one of those.

    NotAllowed (`own`) for who wrote any of it, whichever membership or key they use; Conflict where somebody approved with it before,
    where it is another edition by now (`version`), its day has come (`day_passed`), the contract (`contract_moved`) or the figures that
    the impact was worked out from (`data_changed`) are others by now.
    """
    require(by, "revision.approve")
    revision = Revision.objects.select_for_update().get(
        pk=revision.pk
    )  # the last of two approvals has to know of the other
    must_be_as_seen(revision, seen)
    _must_be_alone(revision, together)
    now, person, found = clock.database_now(), person_of(by), current(revision, Status.SUBMITTED, edition)
    if person in found.writers:
        raise NotAllowed("own", "You wrote this, or part of it. Somebody else has to approve it.")
    must_still_hold(revision, found, now)
    try:
        with transaction.atomic():
            record(revision, StepKind.APPROVED, by=by, at=now, person=person)
    except IntegrityError as twice:
        raise Conflict("approved", "You have approved this edition already.") from twice
    if len(approvals(revision)) >= found.needed:
        move(revision, Status.APPROVED, TRANSITIONS)
        _send(revision, found, by, now)
    return revision


@transaction.atomic
def send_back(
    *,
    by: Membership,
    revision: Revision,
    edition: int,
    reason: str,
    seen: int | None = None,
    together: bool = False,
) -> Revision:
    """Back to whoever wrote it, with a reason. Approvals of this edition are of no use to the next. `together` as for `approve`."""
    require(by, "revision.approve")
    must_be_as_seen(revision, seen)
    _must_be_alone(revision, together)
    current(revision, Status.SUBMITTED, edition)
    text = checked(reason, "reason")
    move(revision, Status.DRAFT, TRANSITIONS)
    record(revision, StepKind.SENT_BACK, by=by, at=clock.database_now(), text=text)
    return revision


@transaction.atomic
def comment(*, by: Membership, revision: Revision, text: str) -> RevisionStep:
    """A word among the client's people; the vendor never reads it."""
    require(by, "revision.note")
    return record(revision, StepKind.COMMENT, by=by, at=clock.database_now(), text=checked(text, "comment"))


@transaction.atomic
def send(*, by: Membership, revision: Revision, seen: int | None = None) -> Revision:
    """Send what is approved to the vendor, whose people were not there yet when it was. Conflict where they still are not."""
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    now, found = clock.database_now(), current(revision, Status.APPROVED, revision.edition)
    must_still_hold(revision, found, now)
    if not _send(revision, found, by, now):
        raise Conflict(
            "nobody", "Nobody of the vendor can consent to it yet. Invite a vendor manager for this contract."
        )
    return revision


def _send(revision: Revision, edition: RevisionEdition, by: Membership, now: datetime) -> bool:
    people = Membership.objects.active().filter(vendor=revision.vendor_id, role=Role.VENDOR_MANAGER)
    if not any(one.sees_contract(revision.contract_id) for one in people):
        return False
    RevisionEdition.objects.filter(pk=edition.pk).update(shared=True)
    Contract.objects.filter(pk=revision.contract_id, shared=False).update(shared=True)  # one that is not agreed yet
    share_documents(revision)
    move(revision, Status.WITH_VENDOR, TRANSITIONS, shared=True)
    record(revision, StepKind.SENT, by=by, at=now)
    return True


def _must_be_alone(revision: Revision, together: bool) -> None:
    """Conflict where what waits is one of many that are decided on together, by their sum."""
    bulk = None if together else revision.decided_with
    if bulk is not None:
        raise Conflict("together", f"This is one of many: “{bulk.title}”. They are decided on together, on its page.")


def approvals(revision: Revision) -> list[RevisionStep]:
    """Of the edition that the revision stands at."""
    return list(revision.steps.filter(kind=StepKind.APPROVED, edition=revision.edition))


def current(revision: Revision, status: Status, number: int) -> RevisionEdition:
    """The edition that is decided on. Conflict where it is another than was looked at, or it does not wait for this."""
    if revision.edition != number:
        raise Conflict("version", OTHER_EDITION)
    found = revision.current_edition
    if revision.status != status or found is None:
        raise Conflict(
            "status", f"This is {revision.get_status_display().lower()} by now. Reload to see where it stands."
        )
    return found


def must_still_hold(revision: Revision, edition: RevisionEdition, now: datetime) -> None:
    """Conflict where what is agreed to would not be what was seen: the day has come, or contract or figures have changed since."""
    contract = revision.contract
    day = day_come(edition.effective_on, contract.day(now))
    if day is not None and not edition.dated_back:
        said = f"{format_day(day)} has come before everybody agreed."
        raise Conflict("day_passed", f"{said} It does not take effect late: it needs a new day.")
    if edition.base_version != contract.version:
        said = "The contract has changed since this was submitted."
        raise Conflict("contract_moved", f"{said} It has to be brought up to date and submitted again.")
    file = as_stored(edition.document)
    if not still_holds(contract, file, edition.impact or {}, edition.fingerprint, now=now):
        said = "Figures have changed since this was worked out."
        raise Conflict("data_changed", f"{said} Replay it and look at the difference, then decide.")
