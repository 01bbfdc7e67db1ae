"""Plans end by what is measured: later periods that are met verify them, one that fails opens them again."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from breaches.actions.plans import plan_day
from breaches.actions.thread import write
from breaches.models import Breach, CorrectivePlan, PlanStep
from breaches.querysets import StepQuerySet
from breaches.rules import TRANSITIONS, Status
from breaches.rules.plans import PLAN_TRANSITIONS, EntryKind, Judged, PlanStatus, Progress, progress
from evaluation.follow_up import judged_since, note_seen
from evaluation.models import Result
from lib.transitions import move

Reached = dict[int, Progress]
STEP = "verify"
# Whether there is anything to do that does not come from a judgement: a step was reported just now, or a plan has nothing left.
IS_DUE = """
EXISTS (
    SELECT FROM breaches_stepreport AS r
    WHERE r.organisation_id = %(organisation)s AND r.at >= %(now)s - interval '1 hour'
) OR EXISTS (
    SELECT FROM breaches_correctiveplan AS p
    WHERE p.organisation_id = %(organisation)s AND p.status IN ('asked', 'accepted', 'reopened') AND NOT EXISTS (
        SELECT FROM breaches_breach AS b
        WHERE b.organisation_id = p.organisation_id AND b.plan_id = p.id AND b.status = 'plan'
    )
)
"""


@transaction.atomic
def verify_due(*, now: datetime) -> int:
    """Bring the accepted plans of the organisation in scope into line with the results. Returns how many changed; 0 the second time.

    A plan's breaches are verified one by one, each by its own service level; the plan when none of them is left and every dated step
    is done. A level that fails again opens the plan: the vendor owes a new edition. Plans whose breaches were all restated or
    closed are withdrawn. Results are read from the day on which counting began, of the plans under way.
    """
    judged = judged_since(STEP, now=now)
    note_seen(STEP, judged)
    plans = {plan.pk: plan for plan in CorrectivePlan.objects.running().select_related("contract")}
    if not plans:
        return 0
    changed = _withdraw(plans)
    accepted = [plan for plan in plans.values() if plan.status == PlanStatus.ACCEPTED]
    breaches = list(
        Breach.objects.filter(plan__in=accepted, status=Status.PLAN)
        .select_related("service_level", "plan")
        .order_by("pk")
    )
    reached, waiting = progress_of(breaches), unfinished(accepted)
    failed = {breach.plan_id for breach in breaches if reached[breach.pk].failed_on}
    for plan in accepted:
        own = [breach for breach in breaches if breach.plan_id == plan.pk]
        if plan.pk in failed:
            _reopen(plan, own, reached, now)
        elif plan.pk in waiting or not own:
            continue
        else:
            changed += _verify(plan, own, reached, now)
    return changed + len(failed)


def progress_of(breaches: list[Breach]) -> Reached:
    """By breach, how far verification has come by the periods that began since it counts. One statement."""
    wanted = {
        breach.pk: (breach.service_level_id, breach.plan.counts_from)
        for breach in breaches
        if breach.plan is not None and breach.plan.counts_from is not None
    }
    if not wanted:
        return {breach.pk: progress([]) for breach in breaches}
    rows = Result.objects.filter(
        service_level_id__in={level for level, _ in wanted.values()},
        starts_on__gt=min(begin for _, begin in wanted.values()),
    ).order_by("starts_on")
    by_level = defaultdict(list)
    for level, day, outcome, streak in rows.values_list("service_level_id", "starts_on", "outcome", "streak"):
        by_level[level].append(Judged(day, outcome, streak > 0))
    found: Reached = {breach.pk: progress([]) for breach in breaches}
    for pk, (level, begin) in wanted.items():
        found[pk] = progress(period for period in by_level[level] if period.starts_on > begin)
    return found


def open_steps(plan: CorrectivePlan) -> int:
    """How many dated steps of the accepted edition are not done. One statement."""
    return sum(not done for done in _dated_steps([plan]).values_list("done", flat=True))


def _dated_steps(plans: list[CorrectivePlan]) -> StepQuerySet:
    steps: StepQuerySet = PlanStep.objects.filter(
        proposal__plan__in=plans, proposal__revision=F("proposal__plan__decided_revision"), due_on__isnull=False
    )
    return steps.with_reports()


def unfinished(plans: list[CorrectivePlan]) -> set[int]:
    """Plans of whose accepted edition a dated step is not done. One statement."""
    return {plan for plan, done in _dated_steps(plans).values_list("proposal__plan_id", "done") if not done}


def _withdraw(plans: dict[int, CorrectivePlan]) -> int:
    """Plans that nothing is left for. A breach that was restated or closed by hand does not need one."""
    alive = Breach.objects.filter(plan=OuterRef("pk"), status=Status.PLAN)
    gone = CorrectivePlan.objects.filter(~Exists(alive), pk__in=plans).values_list("pk", flat=True)
    for pk in gone:
        move(plans[pk], PlanStatus.WITHDRAWN, PLAN_TRANSITIONS)
    return len(gone)


def _verify(plan: CorrectivePlan, breaches: list[Breach], reached: Reached, now: datetime) -> int:
    """Those of a plan's breaches whose level was met long enough; the plan with the last of them."""
    enough = [breach for breach in breaches if reached[breach.pk].enough(plan.verify_after)]
    for breach in enough:
        move(breach, Status.VERIFIED, TRANSITIONS)
    if enough:
        periods = f"{plan.verify_after} periods met in a row"
        write(enough, EntryKind.VERIFIED, by=None, at=now, text=periods)
    if enough and len(enough) == len(breaches):
        move(plan, PlanStatus.VERIFIED, PLAN_TRANSITIONS)
    return len(enough)


def _reopen(plan: CorrectivePlan, breaches: list[Breach], reached: Reached, now: datetime) -> None:
    """The level failed again although the plan was carried out: counting begins again with the next accepted edition."""
    again = [breach for breach in breaches if reached[breach.pk].failed_on]
    move(plan, PlanStatus.REOPENED, PLAN_TRANSITIONS, counts_from=None, due_on=plan_day(plan.contract, now))
    names = ", ".join(sorted({breach.service_level.name for breach in again}))
    write(breaches, EntryKind.REOPENED, by=None, at=now, text=f"{names}: a new plan is needed")
