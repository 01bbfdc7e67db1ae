"""Sentences that are offered for a section's commentary. Each says only what is stored, and names where."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from lib.templatetags.dates import format_day, month_name
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import format_ordinal, number
from scorecards.review.facts import ContractFacts
from scorecards.rules import Section

MOST = 6  # of a section
ZERO = Decimal(0)


class Sentence(NamedTuple):
    """`path` is the page below the organisation that shows what the sentence says."""

    text: str
    path: str


def sentences_of(name: str, contracts: Sequence[ContractFacts]) -> list[Sentence]:
    """What can be said in a section, the weightiest first."""
    make = MAKERS.get(Section(name))
    found = [sentence for facts in contracts for sentence in make(facts)] if make else []
    return found[:MOST]


def _scores(facts: ContractFacts) -> Iterable[Sentence]:
    card, when = facts.card, month_name(facts.last)
    if card is None or card.score is None:
        return
    path = f"scorecards/{facts.contract.pk}/?period={facts.last:%Y-%m}"
    lost = [
        (kra["points"] - kra["earned"], kra) for kra in card.kras if kra.get("points") and kra.get("earned") is not None
    ]
    for short, kra in sorted(lost, key=lambda one: one[0], reverse=True):
        if short:
            said = (
                f"{kra['name']} earned {number(kra['earned'], 1)} of {number(kra['points'], 1)} score points in {when}"
            )
            yield Sentence(f"{said}, {number(short, 1)} fewer than possible.", path)


def _misses(facts: ContractFacts) -> Iterable[Sentence]:
    for level in sorted(facts.off_target, key=lambda one: one.outcome != "default"):
        result = level.result
        if result is None:
            continue
        run = result.consecutive_defaults
        again = f" for the {format_ordinal(run)} {level.level.cycle} in a row" if run > 1 else ""
        text = f"{level.level.name} missed its target{again}: {level.shown} against {level.target}."
        yield Sentence(text, f"results/{result.pk}/")


def _breaches(facts: ContractFacts) -> Iterable[Sentence]:
    for plan, steps in facts.plans:
        names = sorted({breach.service_level.name for breach in facts.breaches if breach.plan_id == plan.pk})
        path = next(f"breaches/{breach.pk}/" for breach in facts.breaches if breach.plan_id == plan.pk)
        if plan.decided_at and plan.counts_from:
            said = f"The plan for {', '.join(names)} was accepted on {format_day(facts.contract.day(plan.decided_at))}"
            done = sum(bool(step.done) for step in steps)
            text = (
                f"{said}; {done} of {len(steps)} steps are done. It is verified after {plan.verify_after} periods met."
            )
            yield Sentence(text, path)
        else:
            yield Sentence(f"A plan for {', '.join(names)} is asked for by {format_day(plan.due_on)}.", path)


def _credits(facts: ContractFacts) -> Iterable[Sentence]:
    path = f"contracts/{facts.contract.pk}/ledger/"
    for month in reversed(facts.money.values()):
        if month.credit or month.capped_amount:
            said = f"The credit of {month_name(month.month)} is {format_amount(month.credit, facts.contract.currency)}"
            cut = format_amount(month.capped_amount, facts.contract.currency)
            tail = f"; {cut} were not charged because of a cap." if month.capped_amount else "."
            yield Sentence(said + tail, path)
        if month.earned_back:
            back = format_amount(month.earned_back, facts.contract.currency)
            yield Sentence(f"{back} were earned back in {month_name(month.month)}.", path)


def _corrections(facts: ContractFacts) -> Iterable[Sentence]:
    for month in facts.months:
        editions = facts.editions.get(month, [])
        for later, earlier in pairwise(editions):
            said = (
                f"{month_name(month)} was published again: score {number(earlier.score, 1)} to {number(later.score, 1)}"
            )
            path = f"contracts/{facts.contract.pk}/{month:%Y-%m}/publication/?edition={later.edition}"
            yield Sentence(f"{said}.", path)


def _summary(facts: ContractFacts) -> Iterable[Sentence]:
    yield from _misses(facts)
    yield from _credits(facts)


def _scorecard(facts: ContractFacts) -> Iterable[Sentence]:
    yield from list(_scores(facts))[:2]
    yield from _misses(facts)


MAKERS = {
    Section.SUMMARY: _summary,
    Section.SCORECARD: _scorecard,
    Section.TRENDS: _misses,
    Section.BREACHES: _breaches,
    Section.CREDITS: _credits,
    Section.CORRECTIONS: _corrections,
}
