"""Corrective plans: asked for, proposed, decided on, carried out. `breaches.actions.verification` ends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.files import File
from django.db import IntegrityError, transaction

from breaches.actions.acknowledgement import acknowledge
from breaches.actions.thread import write
from breaches.models import Breach, CorrectivePlan, PlanProposal, PlanStep, StepReport
from breaches.rules import TRANSITIONS, Status
from breaches.rules.plans import (
    ENDED,
    MOST_STEPS,
    PLAN_DAYS,
    PLAN_TRANSITIONS,
    Cause,
    EntryKind,
    NewStep,
    PlanStatus,
    counts_from,
)
from breaches.wording import format_parts
from contracts import calendar
from contracts.defaults import verify_after
from contracts.models import Contract
from files.actions import examine
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import checked
from lib.transitions import move, must_be_as_seen, touched
from organisations.actions import require
from organisations.models import Membership

OTHER_EDITION = "Somebody sent another edition of this plan meanwhile. Look at it before you send yours."
LATEST = timedelta(days=366)  # nobody means a later day


@transaction.atomic
def ask_for_plan(
    *, by: Membership, breaches: Sequence[Breach], due_on: date, request: str, seen: int | None = None
) -> CorrectivePlan:
    """Ask the vendor for one plan for these breaches of a contract, by a day of it. `seen` is the first one's version.

    Breaches that nobody has acknowledged are acknowledged by it. RuleBroken for a day that is past or too far, breaches of several
    contracts, or no words; Conflict where one of them has a plan or is over.
    """
    require(by, "plan.ask")
    first, now = breaches[0], clock.database_now()
    must_be_as_seen(first, seen)
    if len({breach.contract_id for breach in breaches}) != 1:
        raise RuleBroken("contracts", "A plan is for breaches of one contract. Ask for one plan for each contract.")
    today = first.contract.day(now)
    if not today <= due_on <= today + LATEST:
        raise RuleBroken("due_on", f"{format_day(due_on)} cannot be. Choose a day from today on, within a year.")
    plan = CorrectivePlan.objects.create(
        vendor_id=first.vendor_id,
        contract_id=first.contract_id,
        request=checked(request, "request"),
        due_on=due_on,
        asked_by=by,
        asked_by_name=by.name,
        asked_at=now,
        verify_after=verify_after(first.contract),
    )
    for breach in breaches:
        if breach.status == Status.OPEN:
            acknowledge(by=by, breach=breach)
        move(breach, Status.PLAN, TRANSITIONS, plan=plan)
    # Later than the acknowledgements, so that the threads tell it in this order.
    write(breaches, EntryKind.ASKED, by=by, at=clock.database_now(), text=f"By {format_day(due_on)}. {plan.request}")
    return plan


def plan_day(contract: Contract, now: datetime) -> date:
    """The day by which a plan is due where nobody says another one: five working days of the contract from now."""
    today = contract.day(now)
    return calendar.due_on(today, PLAN_DAYS, calendar.WorkingCalendar.of(contract.in_force(today).calendar))


@transaction.atomic
def propose_plan(
    *,
    by: Membership,
    plan: CorrectivePlan,
    cause: Cause,
    cause_text: str,
    steps: Sequence[NewStep],
    seen: int,
    files: Sequence[File[bytes]] = (),
) -> PlanProposal:
    """The vendor's plan, or the next edition of it. `seen` is the latest edition that was there when it was written (0: none).

    RuleBroken without steps, or with too many or one that is empty; Conflict where a colleague sent another edition, or the plan
    is not asked for any more.
    """
    require(by, "plan.propose")
    examined = examine(files)
    now, latest = clock.database_now(), revision(plan)
    if plan.status in ENDED or plan.status == PlanStatus.ACCEPTED:
        raise Conflict("status", f"This plan is not asked for any more: {plan.get_status_display().lower()}.")
    if latest != seen:
        raise Conflict("version", OTHER_EDITION)
    if not 0 < len(steps) <= MOST_STEPS:
        raise RuleBroken("steps", f"A plan has one to {MOST_STEPS} steps.")
    for number, step in enumerate(steps, 1):
        if not step.text.strip() or not step.owner.strip():
            raise RuleBroken("steps", f"Step {number} needs what is done, and who does it.")
    given = {"vendor_id": plan.vendor_id, "plan": plan, "revision": latest + 1, "cause": Cause(cause)}
    given |= {"cause_text": checked(cause_text, "cause"), "by": by, "by_name": by.name, "at": now}
    try:
        with transaction.atomic():
            proposal = PlanProposal.objects.create(**given)
    except IntegrityError as twice:  # a colleague's came at the same moment
        raise Conflict("version", OTHER_EDITION) from twice
    PlanStep.objects.bulk_create(
        PlanStep(
            vendor_id=plan.vendor_id,
            proposal=proposal,
            position=position,
            text=step.text.strip(),
            owner=step.owner.strip(),
            due_on=step.due_on,
        )
        for position, step in enumerate(steps, 1)
    )
    words = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    text = f"{proposal.get_cause_display()}: {proposal.cause_text} ({words})"
    write(plan.breaches.all(), EntryKind.PROPOSED, by=by, at=now, text=text, files=examined)
    return proposal


@transaction.atomic
def decide_on_plan(
    *, by: Membership, plan: CorrectivePlan, accept: bool, reason: str = "", seen: int, version: int | None = None
) -> CorrectivePlan:
    """Accept the edition `seen`, or send it back with a reason. Conflict where another one lies here, or nothing waits."""
    require(by, "plan.decide")
    must_be_as_seen(plan, version)
    now, latest = clock.database_now(), revision(plan)
    if latest != seen:
        raise Conflict("version", "The vendor sent another edition of this plan. Read it, then decide.")
    if latest <= plan.decided_revision:
        raise Conflict("status", "This edition has been decided on already. Reload to see how.")
    why = checked(reason, "reason") if reason.strip() or not accept else ""
    decided = {"decided_revision": latest, "decision_reason": why, "decided_by": by}
    decided |= {"decided_by_name": by.name, "decided_at": now}
    breaches = list(plan.breaches.all())
    if accept:
        days = plan.proposals.get(revision=latest).steps.values_list("due_on", flat=True)
        begin = counts_from(plan.contract.day(now), list(days))
        move(plan, PlanStatus.ACCEPTED, PLAN_TRANSITIONS, counts_from=begin, **decided)
        text = f"Verified after {plan.verify_after} periods met that begin after {format_day(begin)}."
        write(breaches, EntryKind.ACCEPTED, by=by, at=now, text=format_parts(text, why))
        return plan
    if not touched(CorrectivePlan.objects.filter(pk=plan.pk, version=plan.version), **decided):
        raise Conflict("version", "Somebody else changed this plan at the same moment. Reload to see it.")
    plan.refresh_from_db()
    write(breaches, EntryKind.SENT_BACK, by=by, at=now, text=why)
    return plan


@transaction.atomic
def report_step(*, by: Membership, step: PlanStep, done: bool, files: Sequence[File[bytes]] = ()) -> StepReport:
    """The vendor says that a step of the accepted plan is done, with what shows it, or that it is not after all.

    Conflict for another plan's step.
    """
    require(by, "plan.report")
    examined = examine(files)
    plan, now = step.proposal.plan, clock.database_now()
    if plan.status != PlanStatus.ACCEPTED or step.proposal.revision != plan.decided_revision:
        raise Conflict("status", "This step belongs to a plan that is not under way. Reload to see the plan.")
    report = StepReport.objects.create(vendor_id=step.vendor_id, step=step, done=done, by=by, by_name=by.name, at=now)
    kind = EntryKind.DONE if done else EntryKind.UNDONE
    write(plan.breaches.all(), kind, by=by, at=now, text=f"Step {step.position}: {step.text}", files=examined)
    return report


def revision(plan: CorrectivePlan) -> int:
    """The latest edition that the vendor sent; 0 where there is none."""
    return plan.proposals.order_by("-revision").values_list("revision", flat=True).first() or 0
