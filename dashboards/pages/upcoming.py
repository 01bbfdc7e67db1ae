"""What is upcoming in a contract's running month: repeat factors, rules, caps; and what a service level has before its band is lost."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from contracts.models import Contract
from dashboards.querysets.scorecard import MonthEvent
from evaluation.ahead import CapAhead, RuleAhead, ahead
from evaluation.replay import headroom
from evaluation.rules import Outcome
from explanations.headroom import describe_headroom
from explanations.thresholds_ahead import ThresholdAhead, is_over, to_cap, to_factor, to_rule
from explanations.words import format_money
from measurements.rules import Status, in_preparation
from organisations.models import Membership
from scorecards.pages.levels import Level

SHOWN = 6  # lines on the card
DEFAULTS_AHEAD = 3  # so many further defaults until a share of them is too high are not upcoming
LEADS: dict[str, str] = {
    Status.DRAFT: "On the figures of the draft",
    Status.SUBMITTED: "On the figures that wait for a decision",
}
ZERO = Decimal(0)


@dataclass(frozen=True)
class UpcomingConsequence:
    """A line of the card. `left` is the part of the way that is left, 0 to 1. A highest factor that counts already stands last."""

    about: str
    sentence: str
    holds: bool
    left: Fraction
    more: Decimal


def upcoming(
    contract: Contract,
    levels: Sequence[Level],
    month: date,
    held: Collection[str] = (),
    follows: Collection[str] | None = None,
) -> list[UpcomingConsequence]:
    """The nearest consequences in the running month first, six at most. One statement.

    `held` are the rules that hold in it and have a card of their own; `follows`, what may follow from the rules that whoever looks is told
    of (None: anything).
    """
    cash = partial(format_money, currency=contract.currency, minor_unit=contract.minor_unit)
    rules, caps = ahead(contract.pk, month)
    asked: dict[int, list[RuleAhead]] = {}
    for one in rules:
        asked.setdefault(one.rule, []).append(one)
    found = _factors(levels)
    for number, rule in enumerate(contract.rules or []):
        told = rule["name"] not in held and (follows is None or rule["then"] in follows)
        if told and not is_over(rule, month):
            nearest = _rule(rule, levels, asked.get(number, ()), cash)
            found += [nearest] if nearest else []
    found += _caps(caps, cash)
    found = [one for one in found if one.holds or one.left < 1 or one.more == 1]
    return sorted(found, key=lambda one: (one.left, one.holds, one.more))[:SHOWN]


def _factors(levels: Iterable[Level]) -> list[UpcomingConsequence]:
    """Of the service levels in a run of defaults, how many more until the next repeat factor."""
    found = []
    for row in levels:
        last = next((one for one in reversed(row.results) if one.outcome != Outcome.PENDING), None)
        if last is None or not last.consecutive_defaults:
            continue
        far = to_factor(last.consecutive_defaults, row.versions[last.terms_id].full.get("repeat") or ["1"])
        if far:
            left = Fraction(far.more) / (last.consecutive_defaults + Fraction(far.more)) if far.more else Fraction(1)
            found.append(_upcoming(row.level.name, far, left))
    return found


def _rule(
    rule: Mapping[str, Any], levels: Sequence[Level], asked: Sequence[RuleAhead], cash: Any
) -> UpcomingConsequence | None:
    """A rule over the contract, which may hold, or over the service level for which it is nearest; where nothing counts towards it
    anywhere, over any of them. None where it cannot be reached."""
    about: dict[int | None, str] = {
        None: "Any service level" if rule["over"] == "service_level" else "The contract as a whole"
    }
    about |= {row.level.pk: row.level.name for row in levels}
    lines = {
        one.level: _upcoming(about[one.level], to_rule(rule, one, cash), _left(rule, one.more))
        for one in asked
        if one.more is not None and one.level in about and not (one.holds and one.level is not None)
    }
    of_levels = [lines[row.level.pk] for row in levels if row.level.pk in lines]
    nearest = min(of_levels, key=lambda one: (one.left, one.more), default=None)
    return nearest if nearest and nearest.left < 1 else lines.get(None)


def _left(rule: Mapping[str, Any], more: Decimal) -> Fraction:
    if rule["count"] == "default_share":
        return Fraction(more) / DEFAULTS_AHEAD
    limit = Fraction(rule["at_least"] if rule["at_least"] is not None else rule["more_than"])
    return min(Fraction(more) / limit, Fraction(1)) if limit else Fraction(1)


def _caps(caps: Iterable[CapAhead], cash: Any) -> list[UpcomingConsequence]:
    """Once a cap is reached no credit comes that could reach another, so that those are left out."""
    lines = [
        _upcoming("Cap on credit", to_cap(cap, cash), Fraction(cap.more) / Fraction(cap.limit))
        for cap in caps
        if cap.limit
    ]
    return [line for line in lines if line.holds] or lines


def _upcoming(about: str, far: ThresholdAhead, left: Fraction) -> UpcomingConsequence:
    return UpcomingConsequence(about, far.sentence, far.holds, left, far.more if far.more is not None else ZERO)


def latest_open_to(member: Membership, reported: Iterable[MonthEvent]) -> MonthEvent | None:
    """Of the submissions with figures of the running period the latest one that is open to a member, a draft too."""
    found = [
        one
        for one in reported
        if member.is_vendor or one.who != "vendor" or not in_preparation(one.what, one.at, one.answered_at)
    ]
    return max(found, key=lambda one: one.number or ZERO, default=None)


def describe_rest(contract: Contract, row: Level, so_far: MonthEvent, today: date) -> str:
    """How many more failing cases or minutes the running period stands before its band is lost; empty where it cannot be said.

    `so_far`: the submission with a figure that was reported for it. One statement.
    """
    begins = so_far.cause
    terms = row.terms_on(begins) if begins else None
    if begins is None or terms is None:
        return ""
    found = headroom(so_far.pk, contract.pk, row.level.pk, starts_on=begins, as_of=today)
    if found is None:
        return ""
    lead = LEADS.get(so_far.what, "On the figures so far")
    return f"{lead}: {describe_headroom(found, row.level.measure, terms.full['better'])}"
