"""The stored facts that a review pack is made of. Nothing is judged here, and nothing worked out that the judgement has stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from breaches.models import Breach, CorrectivePlan, PlanStep
from contracts.models import Contract
from evaluation.models import Month
from lib.months import after, each_month
from scorecards.models import Publication, Scorecard
from scorecards.pages.levels import Level, levels_of
from scorecards.querysets import results as stored

BEHIND = 12  # months in the lines of a table and in charts


@dataclass
class ContractFacts:
    """One contract over the months of the pack, with what was published of them."""

    contract: Contract
    first: date
    last: date
    levels: list[Level] = field(default_factory=list)  # their results up to the last month
    cards: dict[date, Scorecard] = field(default_factory=dict)  # from the month before the first one on
    money: dict[date, Month] = field(default_factory=dict)
    editions: dict[date, list[Publication]] = field(default_factory=dict)  # the latest first
    breaches: list[Breach] = field(default_factory=list)
    plans: list[tuple[CorrectivePlan, list[PlanStep]]] = field(default_factory=list)

    @property
    def months(self) -> list[date]:
        return each_month(self.first, self.last)

    @property
    def card(self) -> Scorecard | None:
        return self.cards.get(self.last)

    @property
    def edition(self) -> Publication | None:
        """The edition of the last month that counts."""
        return next(iter(self.editions.get(self.last, ())), None)

    @cached_property
    def judged(self) -> list[Level]:
        """The service levels that have a result in the last month."""
        return [level for level in self.levels if level.result]

    @cached_property
    def off_target(self) -> list[Level]:
        return [level for level in self.judged if level.outcome in ("miss", "default")]

    @property
    def credit(self) -> Decimal:
        """What the months come to, less what was earned back in them."""
        return sum((month.credit - month.earned_back for month in self.money.values()), Decimal(0))


def facts_of(contracts: Sequence[Contract], first: date, last: date) -> list[ContractFacts]:
    """The facts of each contract, in their order. Eight statements, of however many contracts."""
    rows = levels_of(stored.levels(*contracts), stored.results(*contracts, month=last, count=BEHIND), last)
    found = {contract.pk: ContractFacts(contract, first, last) for contract in contracts}
    for row in rows:
        found[row.level.contract_id].levels.append(row)
    about = {"contract__in": contracts, "month__range": (first, last)}
    for card in Scorecard.objects.filter(**about | {"month__range": (after(first, -1), last)}):
        found[card.contract_id].cards[card.month] = card
    for money in Month.objects.filter(**about).order_by("month"):
        found[money.contract_id].money[money.month] = money
    for edition in Publication.objects.filter(**about).order_by("month", "-edition"):
        found[edition.contract_id].editions.setdefault(edition.month, []).append(edition)
    breaches = list(Breach.objects.filter(**about).with_names().select_related("plan"))
    for breach in sorted(breaches, key=lambda breach: (breach.month, breach.service_level.position)):
        found[breach.contract_id].breaches.append(breach)
    for plan, steps in _plans({breach.plan for breach in breaches if breach.plan}):
        found[plan.contract_id].plans.append((plan, steps))
    return list(found.values())


def _plans(plans: set[CorrectivePlan]) -> list[tuple[CorrectivePlan, list[PlanStep]]]:
    """Each plan with the steps of the proposal that was decided on last. One statement."""
    steps: dict[int, list[PlanStep]] = {plan.pk: [] for plan in plans}
    decided = {(plan.pk, plan.decided_revision) for plan in plans}
    found = PlanStep.objects.filter(proposal__plan__in=plans).select_related("proposal").with_reports()
    for step in found.order_by("position"):
        if (step.proposal.plan_id, step.proposal.revision) in decided:
            steps[step.proposal.plan_id].append(step)
    return [(plan, steps[plan.pk]) for plan in sorted(plans, key=lambda plan: plan.pk)]
