"""The same change of many contracts: begun, worked out again, submitted and decided on as one; then each vendor answers for itself."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from agreements.actions.approval import approve, send_back
from agreements.actions.bulk_impact import change_of, fit
from agreements.actions.drafts import begin, submit, withdraw
from agreements.actions.editions import OneOfMany
from agreements.actions.steps import person_of
from agreements.drafting.bulk import CannotTake
from agreements.models import BulkRevision, BulkRevisionContract, Revision
from agreements.rules import (
    BULK_MOVES,
    KIND_OF_BULK,
    LONGEST_TITLE,
    MOST_CONTRACTS,
    PART_MOVES,
    BulkKind,
    BulkPart,
    BulkStatus,
    Chain,
    Status,
    StepKind,
)
from breaches.actions.audience import Audience
from contracts.models import Contract
from contracts.wording import format_list, format_many
from lib import clock
from lib.errors import Conflict, NotAllowed, Refused, RuleBroken
from lib.texts import LONGEST_TEXT, checked
from lib.transitions import move, move_all, must_be_as_seen, touched
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import require, settings_in_scope
from organisations.models import Membership
from organisations.rules import Role

LONGEST_REASON = LONGEST_TEXT - 400  # room for the sentence with each contract's own amounts
NAMED = 3  # contracts that a refusal names; more are counted
# A part's revision that nobody but us has touched: it goes with the whole.
OURS = Q(revision__status__in=(Status.SUBMITTED, Status.LAPSED)) | Q(
    revision__status=Status.DRAFT, revision__draft__version=1
)


@transaction.atomic
def begin_bulk(
    *,
    by: Membership,
    contracts: Collection[int],
    kind: BulkKind,
    change: Mapping[str, Any],
    day: date,
    title: str,
    reason: str,
) -> BulkRevision:
    """The same change over contracts, by their ids, to be worked out. RuleBroken without contracts, title or reason, and for a day that
    has come; what a single contract cannot take is found out when it is worked out."""
    require(by, "revision.draft")
    now = clock.database_now()
    written = _written(day, title, reason, now)
    found = list(Contract.objects.filter(pk__in=contracts).order_by("pk").values_list("pk", flat=True))
    if not found:
        raise RuleBroken("contracts", "Choose at least one contract.")
    if len(found) > MOST_CONTRACTS:
        raise RuleBroken("contracts", f"At most {MOST_CONTRACTS} contracts are changed together. Choose fewer.")
    given = {"kind": kind, "change": dict(change), "writers": [person_of(by)]}
    bulk = BulkRevision.objects.create(**given, **written, author=by, author_name=by.name, created_at=now)
    BulkRevisionContract.objects.bulk_create(
        BulkRevisionContract(bulk_revision=bulk, contract_id=contract) for contract in found
    )
    return bulk


@transaction.atomic
def work_out_again(
    *,
    by: Membership,
    bulk_revision: BulkRevision,
    change: Mapping[str, Any],
    day: date,
    title: str,
    reason: str,
    seen: int | None = None,
) -> BulkRevision:
    """Another change, day, title or reason, or the same once more on the data of now. Revisions that were submitted for it are withdrawn;
    what was left out by choice stays out."""
    require(by, "revision.draft")
    bulk = _locked(bulk_revision)
    must_be_as_seen(bulk, seen)
    written = _written(day, title, reason, clock.database_now())
    writers = sorted({*bulk.writers, person_of(by)})
    move(bulk, BulkStatus.WORKING_OUT, BULK_MOVES, change=dict(change), writers=writers, needed=0, **written)
    _take_back(by, bulk, "It is worked out again, together with others.")
    again = {"problem": "", "figures": None, "money": None, "fingerprint": "", "revision": None, "edition": 0}
    move_all(bulk.parts.exclude(status=BulkPart.LEFT_OUT), BulkPart.WAITING, PART_MOVES, **again)
    return bulk


@transaction.atomic
def withdraw_bulk(*, by: Membership, bulk_revision: BulkRevision, seen: int | None = None) -> BulkRevision:
    """Stop working it out, or give up what nobody has approved yet, with the revisions that were submitted for it."""
    require(by, "revision.draft")
    bulk = _locked(bulk_revision)
    must_be_as_seen(bulk, seen)
    move(bulk, BulkStatus.WITHDRAWN, BULK_MOVES)
    _take_back(by, bulk, "Withdrawn together with others.")
    return bulk


@transaction.atomic
def leave_out(
    *, by: Membership, bulk_revision: BulkRevision, contract: int, out: bool, seen: int | None = None
) -> None:
    """A contract that could take the change is left out by choice, or taken in again, before it is submitted."""
    require(by, "revision.draft")
    bulk = _locked(bulk_revision)
    must_be_as_seen(bulk, seen)
    if bulk.status != BulkStatus.WORKED_OUT:
        raise Conflict("status", "Contracts are left out before it is submitted. Reload to see where it stands.")
    parts = bulk.parts.filter(contract=contract, status=BulkPart.READY if out else BulkPart.LEFT_OUT)
    if not move_all(parts.exclude(figures=None), BulkPart.LEFT_OUT if out else BulkPart.READY, PART_MOVES):
        raise Conflict("status", "This contract stands otherwise by now. Reload to see it.")
    writers = sorted({*bulk.writers, person_of(by)})
    touched(BulkRevision.objects.filter(pk=bulk.pk), writers=writers)


@transaction.atomic
def submit_bulk(
    *, by: Membership, bulk_revision: BulkRevision, without: bool = False, seen: int | None = None
) -> BulkRevision:
    """A revision of each contract that can take the change, all of them submitted. How many have to approve follows from their sum.

    `without`: go on without those that cannot take it. Conflict where contracts or figures have changed since it was worked out: then
    nothing is submitted.
    """
    require(by, "revision.draft")
    bulk = _locked(bulk_revision)
    must_be_as_seen(bulk, seen)
    if bulk.status != BulkStatus.WORKED_OUT:
        raise Conflict("status", f"This is {bulk.get_status_display().lower()} by now. Reload to see where it stands.")
    unfit = bulk.parts.filter(status=BulkPart.UNFIT).count()
    if unfit and not without:
        raise RuleBroken(
            "without", f"{format_many(unfit, 'contract')} cannot take the change. Say that it goes on without."
        )
    parts = list(_parts(bulk).filter(status=BulkPart.READY))
    if not parts:
        raise RuleBroken("contracts", "No contract is left that can take the change.")
    now, needed, people = clock.database_now(), needed_for(bulk, parts), sorted({*bulk.writers, person_of(by)})
    _each(parts, lambda part: _submit(bulk, part, by, needed, people, now), "It is worked out again first.")
    move(bulk, BulkStatus.SUBMITTED, BULK_MOVES, needed=needed, writers=people, submitted_at=now)
    _tell_approvers(bulk, parts, by, now)
    return bulk


def _submit(
    bulk: BulkRevision, part: BulkRevisionContract, by: Membership, needed: int, people: list[int], now: datetime
) -> None:
    contract = Contract.objects.select_for_update(of=("self",)).select_related("vendor").get(pk=part.contract_id)
    if contract.version != part.base_version:
        raise Conflict("contract_moved", "The contract has changed since.")
    try:
        fitted = fit(contract, change_of(bulk), now)
    except CannotTake as why:
        raise Conflict("unfit", str(why)) from why
    reason = f"{bulk.reason}\n{fitted.reason}".strip()
    proposed = fitted.proposed
    revision = begin(
        contract,
        by=by,
        now=now,
        title=bulk.title,
        document=proposed.text,
        reason=reason,
        writers=people,
        known=(fitted.base, proposed.effective_on),
    )
    figures = part.figures or {}
    until = figures["until"] and date.fromisoformat(figures["until"])
    together = OneOfMany(proposed, needed, figures["months"], until)
    edition = submit(by=by, revision=revision, version=revision.draft.version, together=together)
    if edition.fingerprint != part.fingerprint:
        raise Conflict("data_changed", "Its figures have changed since.")
    BulkRevisionContract.objects.filter(pk=part.pk).update(revision=revision, edition=edition.number)


def needed_for(bulk: BulkRevision, parts: Collection[BulkRevisionContract]) -> int:
    """How many have to approve: by what it is about, and by the charges of a year in sum, in each currency by itself."""
    sums: dict[str, Decimal] = {}
    for part in parts:
        effect = abs(Decimal((part.figures or {}).get("yearly", 0)))
        sums[part.contract.currency] = sums.get(part.contract.currency, Decimal(0)) + effect
    chain, kind = Chain.of(settings_in_scope().approvals), KIND_OF_BULK[BulkKind(bulk.kind)]
    return max(chain.needed([kind], effect) for effect in sums.values())


@transaction.atomic
def approve_bulk(*, by: Membership, bulk_revision: BulkRevision, seen: int | None = None) -> BulkRevision:
    """One approval of all that still waits. With the last that it needs each goes to its vendor. Refuses as `approve` does, and then
    approves none."""
    require(by, "revision.approve")
    bulk = _locked(bulk_revision)
    must_be_as_seen(bulk, seen)
    waiting = _undecided(bulk)
    if person_of(by) in bulk.writers:
        raise NotAllowed("own", "You wrote this, or part of it. Somebody else has to approve it.")
    if has_approved(bulk, person_of(by)):
        raise Conflict("approved", "You have approved it already.")
    _each(
        waiting,
        lambda part: approve(by=by, revision=waiting[part], edition=part.edition, together=True),
        "Send it back, so that it is worked out again.",
    )
    revisions = [revision.pk for revision in waiting.values()]
    if not Revision.objects.filter(pk__in=revisions, status=Status.SUBMITTED).exists():
        move(bulk, BulkStatus.APPROVED, BULK_MOVES)
    return bulk


@transaction.atomic
def send_back_bulk(
    *, by: Membership, bulk_revision: BulkRevision, reason: str, seen: int | None = None
) -> BulkRevision:
    """All of it back to whoever wrote it, with a reason."""
    require(by, "revision.approve")
    bulk = _locked(bulk_revision)
    must_be_as_seen(bulk, seen)
    text = checked(reason, "reason")
    for part, revision in _undecided(bulk).items():
        send_back(by=by, revision=revision, edition=part.edition, reason=text, together=True)
    move(bulk, BulkStatus.SENT_BACK, BULK_MOVES)
    event = NewEvent(
        key=f"bulk:{bulk.pk}:{bulk.version}",
        kind="revision",
        title="Bulk revision sent back",
        detail=f"{bulk.title}. {text[:300]}",
        path=f"bulk-revisions/{bulk.pk}/",
        members=(bulk.author_id,),
    )
    publish_events([event], now=clock.database_now())
    return bulk


def has_approved(bulk: BulkRevision, person: int) -> bool:
    """Whether a user has approved what waits of it, as it is now: all of that is approved at once."""
    mine = {"kind": StepKind.APPROVED, "edition": F("edition"), "person": person}
    given = {f"revision__steps__{name}": value for name, value in mine.items()}
    return bool(bulk.parts.filter(revision__status=Status.SUBMITTED, **given).exists())


# What is common to them ----------------------------------------------------------------------------------------------


def _locked(bulk_revision: BulkRevision) -> BulkRevision:
    found: BulkRevision = BulkRevision.objects.select_for_update().get(pk=bulk_revision.pk)
    return found


def _written(day: date, title: str, reason: str, now: datetime) -> dict[str, Any]:
    if day <= now.date():
        raise RuleBroken("day", "This day has come. Choose a later one; what is dated back is revised by itself.")
    return {
        "effective_on": day,
        "title": checked(title, "title", LONGEST_TITLE),
        "reason": checked(reason, "reason", LONGEST_REASON),
    }


def _parts(bulk: BulkRevision) -> Any:
    return bulk.parts.select_related("contract__vendor", "revision__draft").order_by("contract__reference")


def _undecided(bulk: BulkRevision) -> dict[BulkRevisionContract, Revision]:
    """The parts that wait for an approval, with their revisions; those whose revisions were taken out meanwhile go their own way."""
    if bulk.status != BulkStatus.SUBMITTED:
        raise Conflict("status", f"This is {bulk.get_status_display().lower()} by now. Reload to see where it stands.")
    waiting = _parts(bulk).filter(revision__status=Status.SUBMITTED)
    found = {part: part.revision for part in waiting if part.revision and part.revision.edition == part.edition}
    if not found:
        raise Conflict("status", "None of its revisions waits any more. It has to be worked out again.")
    return found


def _each(parts: Collection[BulkRevisionContract], act: Callable[[BulkRevisionContract], object], then: str) -> None:
    """Do it for every part; where some refuse, Conflict that names them, and nothing is done."""
    refused: list[str] = []
    for part in parts:
        try:
            with transaction.atomic():
                act(part)
        except Refused as why:
            refused.append(f"{part.contract.reference}: {why.sentence}")
    if not refused:
        return
    more = [f"{len(refused) - NAMED} more"] if len(refused) > NAMED else []
    raise Conflict(
        "data_changed", f"Nothing was done. {' '.join(refused[:NAMED])} {format_list(more)} {then}".replace("  ", " ")
    )


def _take_back(by: Membership, bulk: BulkRevision, why: str) -> None:
    for part in _parts(bulk).filter(OURS):
        if part.revision is not None and part.revision.edition == part.edition:
            withdraw(by=by, revision=part.revision, reason=why)


def _tell_approvers(bulk: BulkRevision, parts: Collection[BulkRevisionContract], by: Membership, now: datetime) -> None:
    contracts = {part.contract_id for part in parts}
    audience = Audience(contracts, now)
    roles = (Role.ACCOUNT_MANAGER, Role.PROCUREMENT)
    told = {member for contract in contracts for member in audience.staff(contract, roles, but=by.pk)}
    event = NewEvent(
        key=f"bulk:{bulk.pk}:{bulk.version}",
        kind="revision",
        title="Bulk revision to approve",
        detail=f"{bulk.title}, {format_many(len(parts), 'contract')}",
        path=f"bulk-revisions/{bulk.pk}/",
        members=tuple(sorted(told)),
    )
    publish_events([event], now=now)
