"""A dispute: the vendor contradicts a result, the client rules on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.files import File
from django.db import IntegrityError, transaction

import credits.actions
from contracts.calendar import WorkingCalendar
from disputes.actions.hearings import asked, write
from disputes.models import Dispute, PublishedMonth
from disputes.rules import DISPUTE_TRANSITIONS, DISPUTE_WITHIN, DisputeGround, DisputeStatus, HearingKind, last_day
from evaluation.models import Result
from evaluation.rules import Outcome
from files.actions import examine
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
from measurements.actions import put_right
from measurements.figures_file.columns import NEEDED
from measurements.models import Submission
from organisations.actions import require
from organisations.models import Membership

RULINGS = (DisputeStatus.UPHELD, DisputeStatus.PARTLY, DisputeStatus.REJECTED)
Numbers = Mapping[str, Decimal | None]


def disputable_until(result: Result) -> date:
    """The last day, of its contract, on which a result can be disputed: counted from when its month was published last, or, where
    it was not, from when it was judged. One statement."""
    contract = result.contract
    published = PublishedMonth.objects.filter(contract=contract, month=result.month)
    since = published.values_list("published_on", flat=True).first() or contract.day(result.judged_at)
    within = contract.dispute_within or DISPUTE_WITHIN
    return last_day(since, within, WorkingCalendar.of(contract.in_force(since).calendar))


@transaction.atomic
def dispute(
    *,
    by: Membership,
    result: Result,
    ground: DisputeGround,
    explanation: str,
    part: str = "",
    numbers: Numbers | None = None,
    files: Sequence[File[bytes]] = (),
    now: datetime | None = None,
) -> Dispute:
    """Contradict a result, with the figure that should count where there is one (`numbers`, by column). Its month's credit is on hold
    from now on, until the ruling.

    RuleBroken where it is too late, nothing was judged yet or the figure is incomplete; Conflict where it is disputed already.
    """
    require(by, "dispute.ask")
    shown = examine(files)
    now, given_numbers = (
        now or clock.database_now(),
        {name: value for name, value in (numbers or {}).items() if value is not None},
    )
    if result.outcome == Outcome.PENDING:
        raise RuleBroken("pending", "Nothing is judged yet. A result can be disputed once it is there.")
    last = disputable_until(result)
    if result.contract.day(now) > last:
        raise RuleBroken("too_late", f"This result could be disputed until {format_day(last)}.")
    _must_be_a_figure(result, given_numbers)
    made = Dispute(
        **asked(by, result.service_level, result.period, part, explanation, now),
        ground=DisputeGround(ground),
        result_revision=result.revision,
        **given_numbers,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as twice:
        if "dispute_one_open" not in str(twice):
            raise
        raise Conflict("dispute", "This result is disputed already. Add to that dispute what is new.") from twice
    credits.actions.hold(
        contract=result.contract, month=result.month, held_for=held_for(made), now=now, result_id=result.pk
    )
    write(made, HearingKind.ASKED, by=by, at=now, text=made.explanation, files=shown)
    return made


@transaction.atomic
def rule(
    *,
    by: Membership,
    dispute: Dispute,
    ruling: DisputeStatus,
    reason: str,
    numbers: Numbers | None = None,
    seen: int | None = None,
    now: datetime | None = None,
) -> Dispute:
    """Uphold, uphold in part or reject a dispute, with the reason. The credit is free again.

    Upheld, the vendor's figure counts, or the one in `numbers`; upheld in part, the one in `numbers`: accepted figures are corrected by
    it, and judged again by the usual steps. Without a figure the ruling stands for what is put right elsewhere, such as terms.
    Conflict where somebody else ruled, or it was withdrawn, meanwhile.
    """
    require(by, "dispute.decide")
    must_be_as_seen(dispute, seen)
    ruling, now = DisputeStatus(ruling), now or clock.database_now()
    if ruling not in RULINGS:
        raise RuleBroken("ruling", "Uphold it, uphold it in part, or reject it.")
    why = checked(reason, "reason")
    said = {name: value for name, value in (numbers or {}).items() if value is not None}
    counts = (
        {}
        if ruling == DisputeStatus.REJECTED
        else said or (numbers_of(dispute) if ruling == DisputeStatus.UPHELD else {})
    )
    move(dispute, ruling, DISPUTE_TRANSITIONS, reason=why, ruled_by=by, ruled_by_name=by.name, ruled_at=now)
    if counts:
        dispute.corrected = _correct(dispute, counts, by, now)
        Dispute.objects.filter(pk=dispute.pk).update(corrected=dispute.corrected)
    credits.actions.release(held_for=held_for(dispute), now=now)
    # What other disputes of the month hold beside this one is another part now: under a cap a smaller one.
    credits.actions.follow_holds([dispute.contract_id], now)
    write(dispute, HearingKind.RULED, by=by, at=now, text=f"{dispute.get_status_display()}. {why}")
    return dispute


def _correct(dispute: Dispute, counts: Numbers, by: Membership, now: datetime) -> Submission:
    if dispute.counted_id is None:
        raise RuleBroken(
            "not_accepted", "No figures of this month are accepted, so none can be put right. Ask for them."
        )
    _must_be_a_figure(dispute, counts)
    corrected = put_right(
        by=by,
        service_level=dispute.service_level,
        period=dispute.period,
        part=dispute.part,
        numbers=counts,
        reason=f"Dispute of {format_day(dispute.contract.day(dispute.asked_at))} {dispute.get_status_display().lower()}",
        now=now,
    )
    if corrected is None:
        raise RuleBroken("not_accepted", "The figures of this month are not accepted any more. Decide on them first.")
    return corrected


@transaction.atomic
def withdraw_dispute(
    *, by: Membership, dispute: Dispute, seen: int | None = None, now: datetime | None = None
) -> Dispute:
    """The vendor does not contradict any more; the credit is free again. Conflict where it was ruled on meanwhile."""
    require(by, "dispute.ask")
    must_be_as_seen(dispute, seen)
    now = now or clock.database_now()
    move(dispute, DisputeStatus.WITHDRAWN, DISPUTE_TRANSITIONS)
    credits.actions.release(held_for=held_for(dispute), now=now)
    credits.actions.follow_holds([dispute.contract_id], now, only_less=True)
    write(dispute, HearingKind.WITHDRAWN, by=by, at=now)
    return dispute


def numbers_of(dispute: Dispute) -> dict[str, Decimal]:
    """The vendor's figure, by column; empty where it gave none."""
    return {
        name: value
        for name in NEEDED[dispute.service_level.measure["kind"]]
        if (value := getattr(dispute, name)) is not None
    }


def held_for(dispute: Dispute) -> str:
    """What the hold of its month's credit is known by."""
    return f"dispute:{dispute.pk}"


def _must_be_a_figure(of: Result | Dispute, numbers: Numbers) -> None:
    """All numbers of the measure or none."""
    measure = of.service_level.measure
    needed = NEEDED[measure["kind"]]
    if numbers and any(name not in numbers for name in needed if name != "maintenance"):
        called = {"numerator": measure.get("of"), "denominator": measure.get("among")}
        named = [f"{name} (“{called[name]}”)" if called.get(name) else name for name in needed]
        raise RuleBroken("numbers", f"Give the whole figure: {' and '.join(named)}.")
    if unknown := sorted(name for name in numbers if name not in needed):
        raise RuleBroken("numbers", f"{unknown[0]} is no number of this measure. Leave it out.")
