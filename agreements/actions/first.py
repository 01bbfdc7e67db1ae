"""A contract's first version: drafted before there is anything in force, and agreed like any change, or put in force at once."""

from dataclasses import dataclass

from django.db import transaction

from agreements.actions.drafts import MOVED_ON, begin, examine_draft, is_live
from agreements.actions.editions import next_edition
from agreements.actions.force import write_agreed
from agreements.actions.steps import person_of, record
from agreements.drafting.clauses import agreed_texts
from agreements.models import Revision
from agreements.rules import LONGEST_TITLE, TRANSITIONS, Status, StepKind
from contracts import contract_file
from contracts.actions import assign_owner
from contracts.contract_file import BadFile, ContractFile
from contracts.models import Contract
from contracts.rules import FileRefused
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.names import find_named
from lib.transitions import move, must_be_as_seen
from organisations.actions import require
from organisations.models import Membership
from slas.actions import draft_contract, redraft_contract

FIRST_REASON = "The contract’s first version."
OVER = (Status.WITHDRAWN, Status.IN_FORCE)


@dataclass(frozen=True)
class InCharge:
    """Who is in charge of a new contract in one of the duties."""

    duty: str
    member: Membership


@transaction.atomic
def begin_contract(*, by: Membership, document: str, owners: tuple[InCharge, ...] = ()) -> Revision:
    """Draft a contract that is not there yet, as the first version that both sides are to agree to.

    Nothing is due or judged meanwhile, and the vendor does not see it before it is asked. FileRefused where the document is no contract
    file; RuleBroken (`reference`) where there is a contract, or a draft of one, with its reference. A draft that was withdrawn makes way.
    """
    require(by, "revision.draft")
    now = clock.database_now()
    try:
        file = contract_file.read(document)
    except BadFile as bad:
        raise FileRefused(bad.problems) from bad
    contract = _make_way(file) or draft_contract(file)
    for one in owners:
        assign_owner(by=by, contract=contract, duty=one.duty, member=one.member, now=now)
    title = f"New contract: {file.contract.title}"[:LONGEST_TITLE]
    return begin(contract, by=by, now=now, title=title, document=document, reason=FIRST_REASON)


def _make_way(file: ContractFile) -> Contract | None:
    """The contract of a draft that was withdrawn, for another draft of it; None where there is none of the reference."""
    part = file.contract
    there: Contract | None = find_named(Contract.objects.select_related("vendor"), reference=part.reference)
    if there is None:
        return None
    if there.agreed:
        raise RuleBroken(
            "reference", f"{part.reference} is a contract already: {there.title}. Choose another reference."
        )
    if Revision.objects.filter(contract=there).exclude(status__in=OVER).exists():
        raise RuleBroken(
            "reference", f"{part.reference} is being drafted already: {there.title}. Choose another reference."
        )
    if there.vendor.code.casefold() != part.vendor.code.casefold():
        said = f"{part.reference} was drafted for {there.vendor.name} before. Choose another reference."
        raise RuleBroken("reference", said)
    redraft_contract(there, file)
    return there


@transaction.atomic
def bring_into_force(*, by: Membership, revision: Revision, version: int, seen: int | None = None) -> Revision:
    """Put a draft in force at once, without approval and consent: of a contract of which no figures were accepted, where nothing that was
    judged hangs on it, as with a file that is imported. `version` is the draft's that was looked at.

    RuleBroken (`live`) where figures were accepted by now; FileRefused and Conflict as for `submit`.
    """
    require(by, "contract.import")
    must_be_as_seen(revision, seen)
    now, draft = clock.database_now(), revision.draft
    contract = Contract.objects.select_for_update().get(pk=revision.contract_id)
    _may_be_at_once(revision, contract, version)
    proposed = examine_draft(contract, draft.base, draft.document, now)
    if not proposed.changes:
        raise RuleBroken("no_change", "This draft changes nothing. Change a term first.")
    move(revision, Status.IN_FORCE, TRANSITIONS, edition=revision.edition + 1)
    edition = next_edition(
        revision,
        proposed,
        by=by,
        at=now,
        title=draft.title or str(revision),
        reason=draft.reason,
        base=draft.base,
        base_version=draft.base_version,
        dated_back=False,
        needed=0,
        writers=sorted({*draft.writers, person_of(by)}),
        clauses=agreed_texts(proposed.file, draft.clauses),
    )
    write_agreed(contract, edition)
    record(revision, StepKind.IN_FORCE, by=by, at=now)
    return revision


def _may_be_at_once(revision: Revision, contract: Contract, version: int) -> None:
    draft = revision.draft
    if is_live(contract):
        said = "Figures of this contract were accepted, so its terms change by agreement alone. Submit it for approval."
        raise RuleBroken("live", said)
    if revision.status != Status.DRAFT:
        raise Conflict("status", "This is no draft any more. Reload to see where it stands.")
    if draft.version != version:
        raise Conflict("version", f"{draft.saved_by_name} saved another draft meanwhile. Look at it first.")
    if draft.base_version != contract.version:
        raise Conflict("contract_moved", MOVED_ON)
