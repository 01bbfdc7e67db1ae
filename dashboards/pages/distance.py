"""What is near in a contract's month: the next repeat factor, rules, caps; and what a service level still has before its band is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from contracts.models import Contract
from dashboards.pages.levels import Level
from evaluation.allowance import rooms
from evaluation.distance import Distance, Slot, Tally, to_caps, to_factor, to_rule
from evaluation.models import Month, Result
from evaluation.rules import Outcome
from evaluation.sides import Sides
from evaluation.spans import months_back
from evaluation.words import money

SHOWN = 6  # lines on the card
FAR = 3  # so many further defaults until a share of them is too high are not near
MONTHS_IN = {"quarter": 3, "year": 12}
WEIGHED = (Outcome.MET, Outcome.MISS, Outcome.DEFAULT)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Near:
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
    return max(contract.starts_on.replace(day=1), months_back(month, back - 1))


def near(
    contract: Contract, levels: Sequence[Level], results: Iterable[Result], months: Sequence[Month], month: date
) -> list[Near]:
    """The nearest consequences first, six at most; rules that hold already have a card of their own. `results` and `months`, in
    order, reach from `first_month` to the month shown."""
    cash = partial(money, currency=contract.currency, minor_unit=contract.minor_unit)
    slots = _slots(levels, results, months)
    tallies = [Tally(one.month, one.credit, one.capped) for one in months]
    found = _factors(levels)
    for rule in contract.rules or []:
        nearest = _rule(rule, levels, slots, tallies, cash)
        found += [nearest] if nearest else []
    running = next((one for one in months if one.month == month), None)
    if running:
        found += _caps(contract, running, months, cash)
    found = [one for one in found if one.holds or one.left < 1 or one.more == 1]
    return sorted(found, key=lambda one: (one.left, one.holds, one.more))[:SHOWN]


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


def _factors(levels: Iterable[Level]) -> list[Near]:
    """Of the service levels in a run of defaults, how many more until the next repeat factor."""
    found = []
    for row in levels:
        last = next((one for one in reversed(row.results) if one.outcome != Outcome.PENDING), None)
        if last is None or not last.run:
            continue
        far = to_factor(last.run, row.versions[last.terms_id].full.get("repeat") or ["1"])
        if far:
            left = Fraction(far.more) / (last.run + Fraction(far.more)) if far.more else Fraction(1)
            found.append(_near(row.level.name, far, left))
    return found


def _rule(
    rule: Mapping[str, Any],
    levels: Sequence[Level],
    slots: Mapping[int, Sequence[Slot]],
    tallies: Sequence[Tally],
    cash: Any,
) -> Near | None:
    """A rule over the contract, or over the service level for which it is nearest; None where it holds or cannot be reached."""
    if rule["over"] == "contract":
        everything = [slot for of_level in slots.values() for slot in of_level]
        given = [("The contract as a whole", to_rule(rule, everything, tallies, cash))]
    else:
        given = [
            (row.level.name, to_rule(rule, slots[row.level.pk], cash=cash)) for row in levels if slots[row.level.pk]
        ]
    found = [_near(about, far, _left(rule, far.more)) for about, far in given if far.more is not None and not far.holds]
    return min(found, key=lambda one: (one.left, one.more), default=None)


def _left(rule: Mapping[str, Any], more: Decimal) -> Fraction:
    if rule["count"] == "default_share":
        return Fraction(more) / FAR
    limit = Fraction(rule["at_least"] if rule["at_least"] is not None else rule["more_than"])
    return min(Fraction(more) / limit, Fraction(1)) if limit else Fraction(1)


def _caps(contract: Contract, running: Month, months: Iterable[Month], cash: Any) -> list[Near]:
    """Once a cap is reached no credit comes that could reach another, so that those are left out."""
    caps = [{"over": cap["over"], "limit": Decimal(str(cap["limit"]))} for cap in running.trace.get("caps") or ()]
    caps = [cap for cap in caps if cap["limit"]]
    credits = {one.month: one.credit for one in months}
    found = to_caps(caps, credits, contract_begins=contract.starts_on, month=running.month, cash=cash)
    lines = [
        _near("Cap on credit", far, Fraction(far.more or 0) / Fraction(cap["limit"]))
        for cap, far in zip(caps, found, strict=True)
    ]
    return [line for line in lines if line.holds] or lines


def _near(about: str, far: Distance, left: Fraction) -> Near:
    return Near(about, far.sentence, far.holds, left, far.more if far.more is not None else ZERO)


def allowance(row: Level | None, loaded: int) -> str:
    """How many more failing cases or minutes the month's value stands before its band is lost; empty where it cannot be said.
    `loaded`: how many results were asked for, since a rolling value looks back on those before it."""
    result, terms = (row.result, row.terms) if row else (None, None)
    if row is None or result is None or terms is None or result.outcome not in WEIGHED or result.numerator is None:
        return ""
    at, back = row.results.index(result), int(terms.full.get("rolling") or 1) - 1
    if back > at and len(row.results) >= loaded:
        return ""
    before = row.results[max(at - back, 0) : at]
    own, carried = _sum([result]), _sum(before)
    found = rooms(terms.full, row.level.measure, own, carried=carried)
    return f"On these figures: {found[0].sentence}" if found and found[0].then else ""


def _sum(results: Iterable[Result]) -> Sides:
    given = [one for one in results if one.numerator is not None and one.denominator is not None]
    good = sum((one.numerator for one in given if one.numerator is not None), ZERO)
    return Sides(good, sum((one.denominator for one in given if one.denominator is not None), ZERO))
