"""The vendor's answer to a revision: consent, no, or other terms instead."""

from django.db import transaction

from agreements.actions.approval import current, must_still_hold
from agreements.actions.drafts import examine_draft
from agreements.actions.editions import next_edition
from agreements.actions.steps import record
from agreements.drafting.clauses import carried_over
from agreements.models import Revision, RevisionEdition
from agreements.proposals import as_stored
from agreements.rules import TRANSITIONS, Status, StepKind, day_come
from lib import clock
from lib.errors import RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def consent(*, by: Membership, revision: Revision, edition: int, seen: int | None = None) -> Revision:
    """Agree to the edition that was looked at; it is in force on its day, by itself. Conflict as for `approve`."""
    require(by, "revision.consent")
    must_be_as_seen(revision, seen)
    now, found = clock.database_now(), current(revision, Status.WITH_VENDOR, edition)
    must_still_hold(revision, found, now)
    move(revision, Status.CONSENTED, TRANSITIONS)
    record(revision, StepKind.CONSENTED, by=by, at=now)
    return revision


@transaction.atomic
def decline(*, by: Membership, revision: Revision, edition: int, reason: str, seen: int | None = None) -> Revision:
    """No, and why. The terms in force stay."""
    require(by, "revision.consent")
    must_be_as_seen(revision, seen)
    current(revision, Status.WITH_VENDOR, edition)
    text = checked(reason, "reason")
    move(revision, Status.DECLINED, TRANSITIONS)
    record(revision, StepKind.DECLINED, by=by, at=clock.database_now(), text=text)
    return revision


@transaction.atomic
def counter_propose(
    *, by: Membership, revision: Revision, edition: int, document: str, reason: str, seen: int | None = None
) -> RevisionEdition:
    """Other terms instead, as the next edition; the client looks at it again. FileRefused as for `submit`; RuleBroken where it changes
    nothing about what was proposed, or its day has come."""
    require(by, "revision.consent")
    must_be_as_seen(revision, seen)
    now, asked = clock.database_now(), current(revision, Status.WITH_VENDOR, edition)
    contract, text = revision.contract, checked(reason, "reason")
    proposed = examine_draft(contract, asked.base, document, now)
    if proposed.text == asked.document:
        raise RuleBroken("no_change", "These are the terms that were proposed to you. Change one, or accept them.")
    day = day_come(proposed.effective_on, contract.day(now))
    if day is not None and not asked.dated_back:
        raise RuleBroken("day_passed", f"{format_day(day)} has come. Propose a later day.")
    move(revision, Status.COUNTERED, TRANSITIONS, edition=asked.number + 1)
    made = next_edition(
        revision,
        proposed,
        by=by,
        at=now,
        title=asked.title,
        reason=text,
        base=asked.base,
        base_version=asked.base_version,
        dated_back=asked.dated_back,
        needed=asked.needed,
        writers=[],
        clauses=carried_over(as_stored(asked.document), asked.clauses or {}, proposed.file),
        from_vendor=True,
        shared=True,
    )
    record(revision, StepKind.COUNTERED, by=by, at=now, text=text)
    return made
