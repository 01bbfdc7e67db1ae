"""What is upcoming in a contract's running month: repeat factors, rules, caps; and what a service level has before its band is lost."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from contracts.models import Contract
from evaluation.models import Month, Result
from evaluation.replay import headroom
from evaluation.rules import Outcome
from explanations.headroom import describe_headroom
from explanations.thresholds_ahead import Slot, Tally, ThresholdAhead, cap_limits, is_over, to_caps, to_factor, to_rule
from explanations.words import format_money
from lib.months import after, each_month
from measurements.models import Figure
from measurements.rules import Status
from scorecards.pages.levels import Level

SHOWN = 6  # lines on the card
DEFAULTS_AHEAD = 3  # so many further defaults until a share of them is too high are not upcoming
MONTHS_IN = {"quarter": 3, "year": 12}
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


def first_month(contract: Contract, levels: Iterable[Level], month: date) -> date:
    """How far back the rules and the caps of a contract look from a month."""
    rules = contract.rules or []
    longest = max((MONTHS_IN.get(row.level.cycle, 1) for row in levels), default=1)
    if any(rule["count"] == "consecutive_defaults" for rule in rules):
        return contract.starts_on.replace(day=1)
    back = max([12, *(int(rule["window"]) * longest for rule in rules)])
    return max(contract.starts_on.replace(day=1), after(month, 1 - back))


def upcoming(
    contract: Contract,
    levels: Sequence[Level],
    results: Iterable[Result],
    months: Sequence[Month],
    month: date,
    held: Collection[str] = (),
    rules: Sequence[Mapping[str, Any]] | None = None,
) -> list[UpcomingConsequence]:
    """The nearest consequences first, six at most. `results` and `months`, in order, reach from `first_month` to the running month,
    which need not have an account yet. `held` are the rules that hold in it and have a card of their own;
    `rules` those that whoever looks is told of (without them, all).
    """
    cash = partial(format_money, currency=contract.currency, minor_unit=contract.minor_unit)
    slots = _slots(levels, results, months)
    tallies = _tallies(months, month)
    found = _factors(levels)
    for rule in contract.rules or [] if rules is None else rules:
        if is_over(rule, month):
            continue
        nearest = _rule(rule, levels, slots, tallies, cash) if rule["name"] not in held else None
        found += [nearest] if nearest else []
    found += _caps(contract, months, month, cash)
    found = [one for one in found if one.holds or one.left < 1 or one.more == 1]
    return sorted(found, key=lambda one: (one.left, one.holds, one.more))[:SHOWN]


def _tallies(months: Sequence[Month], month: date) -> list[Tally]:
    """The months up to the running one, without a gap: one that has no account yet is empty."""
    there = {one.month: Tally(one.month, one.credit, one.capped) for one in months}
    first = min(there, default=month)
    return [there.get(one, Tally(one)) for one in each_month(first, month)]


def _slots(levels: Sequence[Level], results: Iterable[Result], months: Iterable[Month]) -> dict[int, list[Slot]]:
    """Of each service level, what rules look at."""
    counted = {
        (int(entry["service_level_id"]), entry["starts_on"]): entry
        for one in months
        for entry in one.trace.get("counted") or ()
        if "service_level_id" in entry
    }
    versions = {pk: terms.full for row in levels for pk, terms in row.versions.items()}
    slots: dict[int, list[Slot]] = {row.level.pk: [] for row in levels}
    for result in results:
        entry = counted.get((result.service_level_id, result.starts_on.isoformat()), {})
        slots[result.service_level_id].append(_slot(result, versions[result.terms_id], entry))
    return slots


def _slot(result: Result, terms: Mapping[str, Any], entry: Mapping[str, Any]) -> Slot:
    exempt = result.outcome in (Outcome.EXEMPT, Outcome.NO_VOLUME) and terms["exempt_streak"] == "neutral"
    return Slot(
        month=result.month,
        outcome=result.outcome,
        band_name=result.band_name,
        streak=result.streak,
        counted=Decimal(str(entry.get("counted") or 0)),
        share=Decimal(str(entry.get("share") or 0)),
        neutral=exempt or (result.outcome == Outcome.NOT_MEASURED and not result.streak),
        level=result.service_level_id,
    )


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
    rule: Mapping[str, Any],
    levels: Sequence[Level],
    slots: Mapping[int, Sequence[Slot]],
    tallies: Sequence[Tally],
    cash: Any,
) -> UpcomingConsequence | None:
    """A rule over the contract, which may hold, or over the service level for which it is nearest; where nothing counts towards it
    anywhere, over any of them. None where it cannot be reached."""
    if rule["over"] == "contract":
        everything = [slot for of_level in slots.values() for slot in of_level]
        far = to_rule(rule, everything, tallies, cash)
        return None if far.more is None else _upcoming("The contract as a whole", far, _left(rule, far.more))
    given = [(row.level.name, to_rule(rule, slots[row.level.pk], cash=cash)) for row in levels if slots[row.level.pk]]
    found = [
        _upcoming(about, far, _left(rule, far.more)) for about, far in given if far.more is not None and not far.holds
    ]
    nearest = min(found, key=lambda one: (one.left, one.more), default=None)
    if nearest and nearest.left < 1:
        return nearest
    far = to_rule(rule, (), cash=cash)
    return None if far.more is None else _upcoming("Any service level", far, _left(rule, far.more))


def _left(rule: Mapping[str, Any], more: Decimal) -> Fraction:
    if rule["count"] == "default_share":
        return Fraction(more) / DEFAULTS_AHEAD
    limit = Fraction(rule["at_least"] if rule["at_least"] is not None else rule["more_than"])
    return min(Fraction(more) / limit, Fraction(1)) if limit else Fraction(1)


def _caps(contract: Contract, months: Sequence[Month], month: date, cash: Any) -> list[UpcomingConsequence]:
    """Once a cap is reached no credit comes that could reach another, so that those are left out."""
    account = next((one for one in months if one.month == month), None)
    if account:
        caps = [{"over": cap["over"], "limit": Decimal(str(cap["limit"]))} for cap in account.trace.get("caps") or ()]
    else:
        first, last = contract.starts_on.replace(day=1), contract.ends_on.replace(day=1)
        credits = contract.in_force(month).credits
        caps = cap_limits(credits, partial(_base, contract), first=first, last=last, month=month)
    caps = [cap for cap in caps if cap["limit"]]
    issued = {one.month: one.credit for one in months}
    found = to_caps(caps, issued, contract_begins=contract.starts_on, month=month, cash=cash)
    lines = [
        _upcoming("Cap on credit", far, Fraction(far.more or 0) / Fraction(cap["limit"]))
        for cap, far in zip(caps, found, strict=True)
    ]
    return [line for line in lines if line.holds] or lines


def _base(contract: Contract, of: str, month: date) -> Decimal:
    """The charges of a month, or the amount at risk in it."""
    clauses = contract.in_force(month)
    return clauses.charge(month) if of == "charges" else clauses.at_risk(month)


def _upcoming(about: str, far: ThresholdAhead, left: Fraction) -> UpcomingConsequence:
    return UpcomingConsequence(about, far.sentence, far.holds, left, far.more if far.more is not None else ZERO)


def describe_rest(row: Level, so_far: Figure, today: date) -> str:
    """How many more failing cases or minutes the running period stands before its band is lost; empty where it cannot be said.

    `so_far`: a figure that was reported for it, with period and submission. Three statements.
    """
    period, submission = so_far.period, so_far.submission
    begins, terms = period.starts_on, row.terms_on(period.starts_on)
    found = headroom(submission.pk, submission.contract_id, row.level.pk, starts_on=begins, as_of=today)
    if found is None or terms is None:
        return ""
    lead = LEADS.get(submission.status, "On the figures so far")
    return f"{lead}: {describe_headroom(found, row.level.measure, terms.full['better'])}"
