"""What a contract file may say but hardly means: warnings, each with its remedy. Nothing here refuses a file.

They are kept with the contract. A release that changes what is said sets `contracts_contract.findings` to null; the night looks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from contracts import calendar
from contracts.contract_file.file import ContractFile
from contracts.contract_file.levels import KraPart, MeasurePart, ServiceLevelPart, TermsPart
from contracts.contract_file.problems import Found, Path, Problem, problem
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.versions import each_version

PERFECT = Decimal(100)
YEARS_COMPARED = 3  # of the term, from its first on
SHOWN_NAMES = 6
W = TypeVar("W")


def lint(file: ContractFile) -> list[Problem]:
    """The warnings about a contract, in the order of the file's sections."""
    found: list[tuple[Path, str]] = []
    for check in (
        _holidays,
        _names,
        _charges,
        _kra_weights,
        _kras_served,
        _weights_in_kras,
        _credits_without_charges,
        _rules,
    ):
        found.extend(check(file))
    for position, level in enumerate(file.service_levels):
        path: Path = ("service_levels", position)
        found.extend(_serves_none(path, level))
        for number, terms in enumerate(level.terms):
            terms_path = (*path, "terms", number)
            found.extend(_terms(file, terms_path, level.measure, terms))
    return [problem(path, message) for path, message in found]


# Charges and weights ---------------------------------------------------------------------------------------------


def _charges(file: ContractFile) -> Found:
    """Months outside the term, or outside the version that lists them."""
    dates = [from_on for from_on, _ in file.versions("charges")]
    lasts = [following - timedelta(days=1) for following in dates[1:]] + [file.contract.ends_on]
    versions = each_version(file.contract.charges, "contract", "charges")
    for (path, part), first, last in zip(versions, dates, lasts, strict=True):
        whose = "version" if isinstance(file.contract.charges, tuple) else "contract's term"
        for month in part.months or ():
            if not f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}":
                yield (*path, "months", month), f"lies outside the {whose}; correct or remove it"


def _names(file: ContractFile) -> Found:
    """Two of what others refer to whose names differ in capitals alone: people take them for one."""
    for key, called in (("kras", "code"), ("service_levels", "code"), ("rules", "name")):
        seen: dict[str, str] = {}
        for position, part in enumerate(getattr(file, key)):
            name = getattr(part, called)
            first = seen.setdefault(name.casefold(), name)
            if name != first:
                message = f"`{name}` differs from `{first}` in capitals alone, and people take them for one; name it otherwise"
                yield (key, position, called), message


def _holidays(file: ContractFile) -> Found:
    """A country whose holidays depend on the subdivision, and none is named."""
    first, last = file.contract.starts_on.year, file.contract.ends_on.year
    years = tuple(range(first, min(last, first + YEARS_COMPARED - 1) + 1))
    for path, part in each_version(file.contract.calendar, "contract", "calendar"):
        differing = calendar.differing_subdivisions(part.holidays, years) if isinstance(part.holidays, str) else {}
        if differing:
            name, (day, occasion) = next(iter(differing.items()))
            others = format_either(list(differing))
            message = (
                f"the holidays of {part.holidays} depend on the subdivision, and those of none are counted "
                f"(for one, {day}, {occasion}, differs in {name}); write {others}"
            )
            yield (*path, "holidays"), message


def format_either(names: list[str]) -> str:
    """Names to choose from, at most six."""
    *some, last = names if len(names) <= SHOWN_NAMES else [*names[: SHOWN_NAMES - 1], "another"]
    return f"{', '.join(some)} or {last}" if some else last


def _in_force(dated: list[tuple[date, Decimal]], day: date) -> Decimal:
    return next((weight for from_on, weight in reversed(dated) if from_on <= day), Decimal(0))


def _until(part: KraPart | ServiceLevelPart, dated: list[tuple[date, W]], nothing: W) -> list[tuple[date, W]]:
    """What is dated, ended by nothing on the day after the last one."""
    if part.ends_on is None:
        return dated
    return [entry for entry in dated if entry[0] <= part.ends_on] + [(part.ends_on + timedelta(days=1), nothing)]


def _kra_weights(file: ContractFile) -> Found:
    """The weights of all KRAs, on each day on which one of them changes."""
    dated = [_until(kra, kra.weights(file.contract.starts_on), Decimal(0)) for kra in file.kras]
    days = sorted({from_on for weights in dated for from_on, _ in weights if from_on <= file.contract.ends_on})
    for day in days:
        total = sum((_in_force(weights, day) for weights in dated), Decimal(0))
        if total != PERFECT:
            yield ("kras",), f"the weights of the KRAs add up to {format_decimal(total)} from {day} on; make them 100"


def _weights_by_kra(file: ContractFile) -> Iterator[tuple[str, date, Decimal]]:
    """The sum of the service levels' weights in each KRA, on each day on which one of them changes."""
    starts_on = file.contract.starts_on
    dated = [_until(level, level.weights(starts_on), {}) for level in file.service_levels]
    days = sorted({from_on for weights in dated for from_on, _ in weights})
    for kra in file.kras:
        before = None
        for day in days:
            in_force = [next((w for from_on, w in reversed(weights) if from_on <= day), {}) for weights in dated]
            total = sum((weights.get(kra.code, Decimal(0)) for weights in in_force), Decimal(0))
            if total != before:
                yield kra.code, day, total
            before = total


def _kras_served(file: ContractFile) -> Found:
    served = {code for level in file.service_levels for _, weights in level.weights(date.min) for code in weights}
    for position, kra in enumerate(file.kras):
        if kra.code not in served:
            yield ("kras", position), f"no service level serves `{kra.code}`; add it to the `kras` of one, or remove it"


def _weights_in_kras(file: ContractFile) -> Found:
    position = {kra.code: number for number, kra in enumerate(file.kras)}
    for code, day, total in _weights_by_kra(file):
        if total not in (PERFECT, Decimal(0)):
            message = f"the service levels' weights in `{code}` add up to {format_decimal(total)} from {day} on; make them 100"
            yield ("kras", position[code]), message


def _serves_none(path: Path, level: ServiceLevelPart) -> Found:
    if not any(weights for _, weights in level.weights(date.min)):
        yield (*path, "kras"), f"`{level.code}` counts in no score; name a KRA with a weight"


# Credits and rules -----------------------------------------------------------------------------------------------


def _credits_without_charges(file: ContractFile) -> Found:
    if any(part.monthly is not None or part.months for _, part in file.versions("charges")):
        return
    for path, credits in each_version(file.credits, "credits"):
        if credits.point.percent_of:
            message = "a percentage of charges is always 0 because the contract has none; add contract.charges"
            yield (*path, "point", "percent_of"), message


def _rules(file: ContractFile) -> Found:
    for position, rule in enumerate(file.rules):
        if rule.over == "service_level" and rule.count in ("capped_months", "default_share"):
            message = f"`{rule.count}` is counted over the contract; write `over: contract`"
            yield ("rules", position, "over"), message
        if rule.over == "service_level" and rule.count == "consecutive_defaults" and rule.window > 1:
            yield ("rules", position, "window"), "consecutive defaults are counted without a window; remove it"
        if rule.from_ and rule.from_ > file.contract.ends_on:
            yield (
                ("rules", position, "from"),
                "lies after the contract's end, so that the rule sees nothing; correct it",
            )
        if rule.until and rule.until < file.contract.starts_on:
            yield (
                ("rules", position, "until"),
                "lies before the contract's beginning, so that the rule never holds; correct it",
            )


# Terms -----------------------------------------------------------------------------------------------------------


def _terms(file: ContractFile, path: Path, measure: MeasurePart, terms: TermsPart) -> Found:
    yield from _bands(path, terms)
    yield from _perfect(path, measure, terms)
    yield from _ignored(path, measure, terms)
    for position, factor in enumerate(terms.repeat):
        if factor < 1:
            message = f"{format_decimal(factor)} makes a repeated default count less than a single one; write 1 or more"
            yield (*path, "repeat", position), message
    tolerated = terms.tolerated
    if tolerated is not None and tolerated.count > tolerated.window:
        message = (
            f"{tolerated.count} misses cannot fall within {tolerated.window} periods, so that a miss is never a default; "
            "raise `window` or lower `count`"
        )
        yield (*path, "tolerated", "count"), message
    if terms.credits_from and terms.credits_from > file.contract.ends_on:
        yield (*path, "credits_from"), "lies after the contract's end, so that nothing earns a credit; correct it"


def _bands(path: Path, terms: TermsPart) -> Found:
    first = terms.bands[0]
    if first.outcome != "met":
        yield (*path, "bands", 0, "outcome"), f"the best band is a {first.outcome}; begin with a band that is met"
    for position, band in enumerate(terms.bands):
        if band.outcome == "met" and band.points:
            message = f"`{band.name}` is met and yet carries points; make them 0, or its outcome default"
            yield (*path, "bands", position, "points"), message
        if band.outcome == "miss" and band.points and terms.tolerated is None:
            message = f"a miss carries no points without `tolerated`; remove the points of `{band.name}`, or add it"
            yield (*path, "bands", position, "points"), message
    if all(band.score < PERFECT for band in terms.bands):
        yield (*path, "bands"), "no band has a score of 100, so that nothing is ever perfect; give the best band 100"
    named: dict[str, list[str]] = {}
    for band in terms.bands:
        named.setdefault(band.name.casefold(), []).append(band.name)
    for names in named.values():
        if len(names) > 1:
            yield (*path, "bands"), f"{len(names)} bands are called `{names[0]}`; give each a name of its own"


def _perfect(path: Path, measure: MeasurePart, terms: TermsPart) -> Found:
    """Whether the best possible value reaches the first band: 100 % where higher, 0 where lower is better."""
    at = terms.bands[0].at
    full = measure.full()
    bounded = full["unit"] == "percent" and (measure.kind in ("ratio", "availability"))
    if not isinstance(at, Decimal):
        return
    if terms.better == "higher" and bounded and at > PERFECT:
        yield (*path, "bands", 0, "at"), f"{format_decimal(at)} cannot be reached, the best value is 100; lower it"
    if terms.better == "lower" and measure.kind != "value" and at < 0:
        yield (*path, "bands", 0, "at"), f"{format_decimal(at)} cannot be reached, the best value is 0; raise it"


def _ignored(path: Path, measure: MeasurePart, terms: TermsPart) -> Found:
    if measure.kind != "ratio":
        for key, given in (("minimum_volume", terms.minimum_volume is not None), ("allowance", terms.allowance)):
            if given:
                yield (*path, key), f"has no effect on a measure of kind {measure.kind}, only on a ratio; remove it"
    elif terms.allowance and terms.better == "inside":
        yield (*path, "allowance"), "has no effect where `better` is inside; remove it"
    elif terms.allowance and measure.full()["scale"] != "100":
        yield (*path, "allowance"), "is counted for ratios of scale 100 only; remove it"
