"""Excusing a breach or waiving it, with a reason: alone where little credit hangs on it, else with a second person."""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from breaches.actions.acknowledgement import acknowledged, event_key_prefix
from breaches.actions.thread import write
from breaches.models import Breach, Excusal
from breaches.rules import TRANSITIONS, Status
from breaches.rules.excusals import EXCUSAL_TRANSITIONS, Ending, ExcusalStatus, needs_two
from breaches.rules.plans import EntryKind
from evaluation.models import Month
from lib import clock
from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
from notifications.actions import mark_handled
from organisations.actions import is_own, require, settings_in_scope
from organisations.models import Membership

WAITS = "An excuse or waiver of this breach waits for a decision already. Decide on that one first."


@transaction.atomic
def excuse(*, by: Membership, breach: Breach, ending: Ending, reason: str, seen: int | None = None) -> Excusal:
    """End a breach as excused or waived, or propose it where a second person has to agree (`status` says which).

    RuleBroken without a reason; Conflict where it is over, or a proposal waits already.
    """
    require(by, "breach.excuse")
    must_be_as_seen(breach, seen)
    why, now = checked(reason, "reason"), clock.database_now()
    if ending not in TRANSITIONS[breach.status]:
        raise Conflict("status", "This breach is over already. Reload to see how it ended.")
    # Two that are asked for at once for the same month: the second sees what the first let go.
    Breach.objects.select_for_update().filter(contract=breach.contract_id, month=breach.month).order_by("pk").first()
    amount = credit_of(breach)
    two = needs_two(amount, let_go_alone(breach), settings_in_scope().two_people_from)
    try:
        with transaction.atomic():
            made = Excusal.objects.create(
                vendor_id=breach.vendor_id,
                breach=breach,
                ending=ending,
                reason=why,
                amount=amount,
                status=ExcusalStatus.PROPOSED if two else ExcusalStatus.ALONE,
                proposed_by=by,
                proposed_by_name=by.name,
                proposed_at=now,
            )
    except IntegrityError as twice:
        raise Conflict("status", WAITS) from twice
    if not two:
        if breach.excusals.filter(status=ExcusalStatus.PROPOSED).exists():
            raise Conflict("status", WAITS)
        _end(breach, made, by)
    return made


@transaction.atomic
def agree_to_excusal(*, by: Membership, excusal: Excusal, seen: int | None = None) -> Excusal:
    """The second person agrees, and the breach ends. NotAllowed for one's own proposal; Conflict where the breach is over by now."""
    require(by, "breach.excuse")
    if is_own(by, excusal.proposed_by_id):
        raise NotAllowed("own_proposal", "Nobody approves their own proposal. Ask a colleague to decide.")
    must_be_as_seen(excusal, seen)
    move(excusal, ExcusalStatus.AGREED, EXCUSAL_TRANSITIONS, **_decided(by))
    _end(excusal.breach, excusal, by)
    return excusal


@transaction.atomic
def decline_excusal(*, by: Membership, excusal: Excusal, reason: str = "", seen: int | None = None) -> Excusal:
    """Turn it down with a reason; whoever proposed it takes it back, and needs none. The breach stays as it is."""
    require(by, "breach.excuse")
    must_be_as_seen(excusal, seen)
    if is_own(by, excusal.proposed_by_id):
        return move(excusal, ExcusalStatus.WITHDRAWN, EXCUSAL_TRANSITIONS, **_decided(by))
    if not reason.strip():
        raise RuleBroken("reason", f"Say why it is declined; {excusal.proposed_by_name} will read it.")
    answer = checked(reason, "reason")
    return move(excusal, ExcusalStatus.DECLINED, EXCUSAL_TRANSITIONS, answer=answer, **_decided(by))


def credit_of(breach: Breach) -> Decimal:
    """The breach's share of its month's credit, in the contract's currency; 0 where there is none, or it is not judged."""
    month = Month.objects.filter(contract=breach.contract_id, month=breach.month).only("trace").first()
    mine = breach.service_level.code, breach.starts_on.isoformat()
    counted = month.trace.get("counted") or [] if month else []
    shares = (slot.get("share") or 0 for slot in counted if (slot["code"], slot["starts_on"]) == mine)
    return Decimal(sum(Decimal(share) for share in shares))


def let_go_alone(breach: Breach) -> Decimal:
    """The credit that hangs on the breaches of the same contract and month that one person has ended."""
    alone = Excusal.objects.filter(
        breach__contract=breach.contract_id, breach__month=breach.month, status=ExcusalStatus.ALONE
    )
    return alone.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _end(breach: Breach, excusal: Excusal, by: Membership) -> None:
    now = clock.database_now()
    known = acknowledged(by, now) if breach.status == Status.OPEN else {}
    move(breach, excusal.ending, TRANSITIONS, **known)
    mark_handled(by=by, key=event_key_prefix(breach), at=now)
    write([breach], EntryKind(excusal.ending), by=by, at=now, text=excusal.reason)


def _decided(by: Membership) -> dict[str, object]:
    return {"decided_by": by, "decided_by_name": by.name, "decided_at": clock.database_now()}
