"""Writing a revision: begun from the contract that is there, saved as often as one likes, submitted, taken up again, withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max

from agreements.actions.editions import OneOfMany, next_edition
from agreements.actions.steps import person_of, record
from agreements.drafting.clauses import agreed_texts, generated
from agreements.drafting.days import with_new_day
from agreements.drafting.merging import merged
from agreements.impact import USUAL_MONTHS
from agreements.models import Revision, RevisionDraft, RevisionEdition
from agreements.proposals import Proposed, as_stored, examine, readable
from agreements.rules import (
    LONGEST_TITLE,
    TRANSITIONS,
    Chain,
    Status,
    StepKind,
    day_come,
    kinds_of,
)
from contracts import contract_file
from contracts.contract_file import BadFile
from contracts.contract_file.source import MAX_BYTES
from contracts.models import Contract
from contracts.rules import FileRefused
from lib import clock
from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import LONGEST_TEXT, checked
from lib.transitions import move, must_be_as_seen
from measurements.models import Submission
from measurements.rules import Status as SubmissionStatus
from organisations.actions import require, settings_in_scope
from organisations.models import Membership
from slas.actions import export_contract, redraft_contract

MOVED_ON = "The contract has changed since this draft was made. Bring the draft up to date, then look at it again."


@transaction.atomic
def start_revision(
    *, by: Membership, contract: Contract, title: str = "", document: str | None = None, beside: bool = False
) -> Revision:
    """A draft of the contract as it is, or of another file for it. Conflict (`draft_there`) where there is a draft already, unless this
    one is meant to be `beside` it."""
    require(by, "revision.draft")
    now = clock.database_now()
    contract = Contract.objects.select_for_update().get(pk=contract.pk)  # one number each
    there = Revision.objects.filter(contract=contract, status=Status.DRAFT).first()
    if not contract.agreed:
        raise Conflict(
            "draft_there", f"{contract.reference} is not agreed yet. Its first version is the draft to change."
        )
    if there is not None and not beside:
        said = f"{there.author_name} has a draft of this contract already, revision {there.number}."
        raise Conflict("draft_there", f"{said} Go on with it, or start another one beside it.")
    return begin(contract, by=by, now=now, title=title, document=document)


def begin(
    contract: Contract,
    *,
    by: Membership,
    now: datetime,
    title: str,
    document: str | None,
    reason: str = "",
    writers: Sequence[int] = (),
    known: tuple[str, date | None] | None = None,
) -> Revision:
    """The rows of a draft that was just begun. FileRefused where what is stored fits no file any more, so that nobody can change it.

    `writers`: users who wrote it besides. `known`: the contract's file and the day of what the document changes, where both have just been
    found out.
    """
    if known is None:
        try:
            base = contract_file.write(export_contract(by=None, contract=contract))
        except BadFile as bad:
            raise FileRefused(bad.problems) from bad
        text = _checked_size(base if document is None else document)
        day = _effective_on(contract, base, text, now)
    else:
        (base, day), text = known, _checked_size(document or known[0])
    given = {"contract": contract, "base": base, "base_version": contract.version}
    draft = RevisionDraft.objects.create(
        **given,
        title=title.strip()[:LONGEST_TITLE],
        reason=reason,
        document=text,
        effective_on=day,
        writers=sorted({*writers, person_of(by)}),
        **_saved(by, now),
    )
    number = Revision.objects.filter(contract=contract).aggregate(last=Max("number"))["last"] or 0
    revision: Revision = Revision.objects.create(
        vendor_id=contract.vendor_id,
        contract=contract,
        number=number + 1,
        draft=draft,
        author=by,
        author_name=by.name,
        created_at=now,
    )
    record(revision, StepKind.STARTED, by=by, at=now)
    return revision


@transaction.atomic
def save_draft(
    *,
    by: Membership,
    revision: Revision,
    version: int,
    document: str | None = None,
    title: str | None = None,
    reason: str | None = None,
) -> RevisionDraft:
    """Keep what was written so far; what is not given stays. The text need not be a readable file yet: `submit` asks for that.

    `version` is the draft's that the writer began from. Conflict where somebody saved another one meanwhile (look at both), or where
    it is no draft any more.
    """
    require(by, "revision.draft")
    _must_be_a_draft(revision)
    now, draft = clock.database_now(), revision.draft
    changes: dict[str, object] = {}
    proposed: Proposed | None = None
    if document is not None:
        text, proposed = _checked_size(document), _proposed(revision.contract, draft.base, document, now)
        changes |= {"document": text, "effective_on": proposed and proposed.effective_on}
    if title is not None:
        changes |= {"title": title.strip()[:LONGEST_TITLE]}
    if reason is not None:
        changes |= {"reason": reason.strip()}
    _write(draft, version, by, now, **changes)
    if proposed is not None and proposed.first:
        redraft_contract(revision.contract, proposed.file)
    return draft


@transaction.atomic
def save_clause(*, by: Membership, revision: Revision, version: int, code: str, text: str) -> RevisionDraft:
    """Keep the clause text of a service level in place of the generated one; an empty text, or that one, goes back to it. Conflict as for
    `save_draft`; RuleBroken where the draft has no such service level, or cannot be read."""
    require(by, "revision.draft")
    _must_be_a_draft(revision)
    now, draft, file = clock.database_now(), revision.draft, readable(revision.draft.document)
    instead_of = generated(file).get(code) if file is not None else None
    if instead_of is None:
        raise RuleBroken("level", "This draft has no such service level.")
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT:
        raise RuleBroken("too_long", f"The text has {len(text):,} characters; at most {LONGEST_TEXT:,} are kept.")
    kept = {key: value for key, value in draft.clauses.items() if key != code}
    if text and text != instead_of:
        kept[code] = {"text": text, "instead_of": instead_of}
    _write(draft, version, by, now, clauses=kept)
    return draft


@transaction.atomic
def submit(
    *,
    by: Membership,
    revision: Revision,
    version: int,
    date_back: bool = False,
    seen: int | None = None,
    together: OneOfMany | None = None,
) -> RevisionEdition:
    """The next edition, to be approved. `version` is the draft's that was looked at, `seen` the revision's; `together` where it is one of
    a bulk revision.

    FileRefused where it is no contract file, or changes what stands; RuleBroken without title, reason or change, and for a day that has
    come (`day_passed`), unless it is dated back on purpose by who may; Conflict where draft or contract have moved on.
    """
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    now, contract, draft = clock.database_now(), revision.contract, revision.draft
    if draft.version != version:
        raise Conflict("version", f"{draft.saved_by_name} saved another draft meanwhile. Look at it before you submit.")
    if draft.base_version != contract.version:
        raise Conflict("contract_moved", MOVED_ON)
    title, reason = checked(draft.title, "title", LONGEST_TITLE), checked(draft.reason, "reason")
    proposed = together.proposed if together else examine_draft(contract, draft.base, draft.document, now)
    if not proposed.changes and is_live(contract):
        raise RuleBroken("no_change", "This draft changes nothing. Change a term, then submit it.")
    begun = day_come(proposed.effective_on, contract.day(now))
    if begun is not None:
        _may_date_back(by, begun, date_back)
    move(revision, Status.SUBMITTED, TRANSITIONS, edition=revision.edition + 1)
    edition = next_edition(
        revision,
        proposed,
        by=by,
        at=now,
        title=title,
        reason=reason,
        base=draft.base,
        base_version=draft.base_version,
        dated_back=begun is not None,
        needed=together.needed if together else _needed(proposed),
        months=together.months if together else USUAL_MONTHS,
        until=together.until if together else None,
        writers=sorted({*draft.writers, person_of(by)}),
        clauses=agreed_texts(proposed.file, draft.clauses),
    )
    record(revision, StepKind.SUBMITTED, by=by, at=now)
    return edition


@transaction.atomic
def reopen(*, by: Membership, revision: Revision, seen: int | None = None, take_theirs: bool = False) -> Revision:
    """Back to the draft: what is taken back, or was countered, declined, overtaken, or came too late. `take_theirs`: with the vendor's
    terms in it. Where the contract is another by now, the draft is brought up to date."""
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    now, draft, edition = clock.database_now(), revision.draft, revision.current_edition
    theirs = take_theirs and revision.status == Status.COUNTERED and edition is not None
    move(revision, Status.DRAFT, TRANSITIONS)
    if theirs and edition is not None:
        day = _effective_on(revision.contract, draft.base, edition.document, now)
        _write(draft, draft.version, by, now, document=edition.document, effective_on=day)
    if draft.base_version != revision.contract.version:
        _bring_up_to_date(by, revision, now)
    record(revision, StepKind.REOPENED, by=by, at=now, text="With the vendor’s terms." if theirs else "")
    return revision


@transaction.atomic
def set_new_day(*, by: Membership, revision: Revision, day: date, seen: int | None = None) -> Revision:
    """What is to begin on a day that has come, or comes too soon, begins on a later one: in the draft, to be agreed again.

    RuleBroken (`day`) where the day has come, too, or nothing begins on a day; FileRefused where nothing can begin on that day, such as
    in the middle of a period. What lapsed, or is on its way, becomes a draft again.
    """
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    now, contract = clock.database_now(), revision.contract
    if day <= contract.day(now):
        raise RuleBroken("day", f"{format_day(day)} has come. Choose a later day.")
    if revision.status != Status.DRAFT:
        revision = reopen(by=by, revision=revision)
    draft = revision.draft
    before = draft.effective_on
    if before is None:
        raise RuleBroken("day", "Nothing in this draft begins on a day of its own.")
    base, ours = (as_stored(text).document() for text in (draft.base, draft.document))
    text = contract_file.write(with_new_day(ours, base, before, day))
    proposed = examine_draft(contract, draft.base, text, now)
    if proposed.new_end is not None and day_come(proposed.effective_on, contract.day(now)):
        raise RuleBroken(
            "day", "A longer term begins the day after the last one, which has come. Date it back, or withdraw it."
        )
    _write(draft, draft.version, by, now, document=text, effective_on=proposed.effective_on)
    return revision


@transaction.atomic
def take_over(*, by: Membership, revision: Revision, seen: int | None = None) -> Revision:
    """The draft is somebody else's to finish from now on, who is told what becomes of it. Who wrote any of it still does not approve it."""
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    _must_be_a_draft(revision)
    if revision.author_id == by.pk:
        raise RuleBroken("own", "This draft is yours already.")
    changes = {"author": by, "author_name": by.name, "version": revision.version + 1}
    if not Revision.objects.filter(pk=revision.pk, version=revision.version).update(**changes):
        raise Conflict("version", "Somebody else changed this revision meanwhile. Reload to see where it stands.")
    for name, value in changes.items():
        setattr(revision, name, value)
    record(revision, StepKind.TAKEN_OVER, by=by, at=clock.database_now())
    return revision


@transaction.atomic
def bring_up_to_date(*, by: Membership, revision: Revision, seen: int | None = None) -> Revision:
    """What the draft changes, on the contract as it has become meanwhile. What both changed is left to whoever reads the comparison."""
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    _must_be_a_draft(revision)
    _bring_up_to_date(by, revision, clock.database_now())
    return revision


def _bring_up_to_date(by: Membership, revision: Revision, now: datetime) -> None:
    draft, contract = revision.draft, revision.contract
    today = export_contract(by=None, contract=contract)
    base = contract_file.write(today)
    try:
        old, ours = as_stored(draft.base).document(), as_stored(draft.document).document()
        document = contract_file.write(merged(old, ours, as_stored(base).document()))
    except (BadFile, ValueError):  # it cannot be read yet: whoever writes it sees what differs
        document = draft.document
    day = _effective_on(contract, base, document, now)
    changes = {"base": base, "base_version": contract.version, "document": document, "effective_on": day}
    _write(draft, draft.version, by, now, **changes)


@transaction.atomic
def withdraw(*, by: Membership, revision: Revision, reason: str, seen: int | None = None) -> Revision:
    """Give it up, at any time before both sides have agreed. Whoever was asked reads why."""
    require(by, "revision.draft")
    must_be_as_seen(revision, seen)
    text = checked(reason, "reason")
    move(revision, Status.WITHDRAWN, TRANSITIONS)
    record(revision, StepKind.WITHDRAWN, by=by, at=clock.database_now(), text=text)
    return revision


def is_live(contract: Contract) -> bool:
    """Whether figures of it were ever accepted: from then on it is changed by agreement alone."""
    accepted = (SubmissionStatus.ACCEPTED, SubmissionStatus.SUPERSEDED)
    return Submission.objects.filter(contract=contract, status__in=accepted).exists()


def examine_draft(contract: Contract, base: str, document: str, now: datetime) -> Proposed:
    """What a draft changes on the contract's day, or, where the contract is not agreed yet, all that it says. Refuses as `examine`."""
    return examine(base, document, contract.day(now), first=not contract.agreed)


def _proposed(contract: Contract, base: str, document: str, now: datetime) -> Proposed | None:
    """What a draft changes; None while it cannot be: it may be written in several goes."""
    try:
        return examine_draft(contract, base, document, now)
    except FileRefused:
        return None


def _effective_on(contract: Contract, base: str, document: str, now: datetime) -> date | None:
    proposed = _proposed(contract, base, document, now)
    return None if proposed is None else proposed.effective_on


def _checked_size(document: str) -> str:
    if len(document.encode()) > MAX_BYTES:
        raise RuleBroken("too_long", f"The file has {len(document.encode()):,} bytes; at most {MAX_BYTES:,} are read.")
    return document


def _must_be_a_draft(revision: Revision) -> None:
    if revision.status != Status.DRAFT:
        raise Conflict("status", "This is no draft any more. Reload to see where it stands.")


def _saved(by: Membership, now: datetime) -> dict[str, object]:
    return {"saved_by": by, "saved_by_name": by.name, "saved_at": now}


def _write(draft: RevisionDraft, version: int, by: Membership, now: datetime, **changes: object) -> None:
    """Compare and write in one statement; whoever saves is one of its writers. Conflict where it is another version by now."""
    changes |= {"writers": sorted({*draft.writers, person_of(by)}), **_saved(by, now)}
    if not RevisionDraft.objects.filter(pk=draft.pk, version=version).update(version=F("version") + 1, **changes):
        raise Conflict("version", "Somebody else saved this draft meanwhile. Look at both before you save.")
    for name, value in {**changes, "version": version + 1}.items():
        setattr(draft, name, value)


def _may_date_back(by: Membership, day: date, meant: bool) -> None:
    said = f"{format_day(day)} has come: the period has begun."
    if not meant:
        raise RuleBroken("day_passed", f"{said} Choose a later day, or say that it is to be dated back.")
    if not by.may("revision.date_back"):
        raise NotAllowed("date_back", f"{said} You may not date terms back. Choose a later day.")


def _needed(proposed: Proposed) -> int:
    chain = Chain.of(settings_in_scope().approvals)
    kinds = kinds_of(change.path for change in proposed.changes)
    return chain.needed(kinds, proposed.yearly_effect)
