"""What the same change would have meant in each of many contracts: worked out in the background, some contracts at a time."""

import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from agreements.actions.drafts import examine_draft
from agreements.drafting.bulk import BulkChange, CannotTake
from agreements.impact import Impact, work_out
from agreements.models import BulkRevision, BulkRevisionContract, Revision
from agreements.proposals import Proposed, readable
from agreements.rules import BULK_MOVES, PART_MOVES, TRANSITIONS, BulkKind, BulkPart, BulkStatus, Status
from contracts import contract_file
from contracts.contract_file import BadFile
from contracts.models import Contract
from contracts.rules import FileRefused
from lib.templatetags.dates import format_day
from lib.transitions import move
from notifications.actions import publish_events
from notifications.rules import NewEvent
from slas.actions import export_contract

log = logging.getLogger(__name__)

SHARE = 5  # contracts of one step: between two, people see how far it is, and can stop it
BULK_IS_DUE = (
    "EXISTS (SELECT FROM agreements_bulkrevision AS b WHERE b.organisation_id = %(organisation)s"
    f" AND b.status = '{BulkStatus.WORKING_OUT.value}')"
)
# A revision at one of these may still come into force, and would meet a change of the same part.
OPEN = tuple(status for status in TRANSITIONS if status not in (Status.DECLINED, Status.LAPSED, Status.SUPERSEDED))


@dataclass(frozen=True)
class Fitted:
    """The change as it is for one contract: the file from which it was made, what it proposes, and what its vendor is told besides."""

    base: str
    proposed: Proposed
    reason: str
    charges: tuple[Decimal, Decimal] | None  # a month, before and after


def change_of(bulk: BulkRevision) -> BulkChange:
    return BulkChange(BulkKind(bulk.kind), bulk.change, bulk.effective_on)


@transaction.atomic
def work_out_due(*, now: datetime) -> int:
    """Work out some contracts of the bulk revision that waits longest. Returns how many; 0 where none waits.

    One that cannot be worked out, for whatever reason, is named and keeps no other from it. Stopped meanwhile, it is left as far as it is.
    """
    waiting = BulkRevision.objects.select_for_update(skip_locked=True, of=("self",))
    bulk = waiting.filter(status=BulkStatus.WORKING_OUT).order_by("pk").first()
    if bulk is None:
        return 0
    parts = BulkRevisionContract.objects.filter(bulk_revision=bulk, status=BulkPart.WAITING)
    share = list(parts.select_related("contract__vendor").order_by("pk")[:SHARE])
    for part in share:
        _work_out(bulk, part, now)
    if len(share) < SHARE:
        move(bulk, BulkStatus.WORKED_OUT, BULK_MOVES)
        _tell(bulk, now)
    return len(share) or 1


def _work_out(bulk: BulkRevision, part: BulkRevisionContract, now: datetime) -> None:
    try:
        with transaction.atomic():
            fitted = fit(part.contract, change_of(bulk), now)
            impact = work_out(part.contract, fitted.proposed.file, now=now)
            seen = {"fingerprint": impact.fingerprint, "base_version": part.contract.version}
            move(part, BulkPart.READY, PART_MOVES, **seen, **_figures(fitted, impact))
    except CannotTake as why:
        move(part, BulkPart.UNFIT, PART_MOVES, problem=str(why))
    except Exception:
        log.exception("Bulk revision %s was not worked out for contract %s", bulk.pk, part.contract_id)
        problem = "It could not be worked out. Revise this contract by itself."
        move(part, BulkPart.UNFIT, PART_MOVES, problem=problem)


def fit(contract: Contract, change: BulkChange, now: datetime) -> Fitted:
    """The change made in a contract's file. CannotTake, with the reason, where the contract cannot take it."""
    if not contract.agreed:
        raise CannotTake("It is not agreed yet. Change its first version instead.")
    if change.day <= contract.day(now):
        raise CannotTake(f"{format_day(change.day)} has come. Choose a later day.")
    if contract.ends_on < change.day:
        raise CannotTake(f"It ends on {format_day(contract.ends_on)}, before the change would begin.")
    try:
        document = export_contract(by=None, contract=contract)
        base = contract_file.write(document)
        text = contract_file.write(change.draft(document, contract.minor_unit))
        proposed = examine_draft(contract, base, text, now)
    except BadFile as bad:
        raise CannotTake(f"Its file would not be valid: {bad.problems[0]}.") from bad
    except FileRefused as refused:
        raise CannotTake(f"Its file would not be valid: {refused.problems[0]}.") from refused
    if not proposed.changes:
        raise CannotTake("It says this already.")
    _nothing_else_open(contract, change, document)
    charges = change.monthly(document, contract.minor_unit) if change.kind == BulkKind.CHARGES else None
    return Fitted(base, proposed, change.reason_for(document, contract.currency, contract.minor_unit), charges)


def _nothing_else_open(contract: Contract, change: BulkChange, today: dict[str, Any]) -> None:
    for revision in Revision.objects.filter(contract=contract, status__in=OPEN).select_related("draft"):
        draft = revision.draft
        base, document = readable(draft.base), readable(draft.document)
        if base is None or document is None or change.meets(base.document() if base else today, document.document()):
            said = f"Revision {revision.number} by {revision.author_name} changes the same"
            raise CannotTake(f"{said} ({revision.get_status_display().lower()}). Finish or withdraw that first.")


def _figures(fitted: Fitted, impact: Impact) -> dict[str, Any]:
    """What is shown of an impact, and by what it is sorted: the charges of a year, else the credits."""
    summary, yearly = impact.summary, fitted.proposed.yearly_effect
    seen: dict[str, Any] = summary["figures"] or {}
    credit = seen.get("credit", {"was": "0", "becomes": "0"})
    figures = {
        "months": len(summary["window"]),
        "until": summary["until"],
        "sentence": summary["sentence"],
        "charges": fitted.charges and [str(amount) for amount in fitted.charges],
        "yearly": str(yearly),
        **{name: seen.get(name) for name in ("met", "breaches", "points", "score", "credit")},
    }
    return {"figures": figures, "money": yearly or Decimal(credit["becomes"]) - Decimal(credit["was"])}


def _tell(bulk: BulkRevision, now: datetime) -> None:
    event = NewEvent(
        key=f"bulk:{bulk.pk}:{bulk.version}",
        kind="revision",
        title="A bulk revision is worked out",
        detail=bulk.title,
        path=f"bulk-revisions/{bulk.pk}/",
        members=(bulk.author_id,),
    )
    publish_events([event], now=now)
