"""What a contract file says in good order and yet hardly achieves: a pool given away twice, thresholds beyond reach, one input that is
measured several times. Findings, each with its remedy; nothing here refuses a file, and `try`, which reads one file, does not say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from contracts.contract_file.consequences import CreditsPart, RulePart
from contracts.contract_file.file import ContractFile
from contracts.contract_file.levels import ServiceLevelPart, TermsPart
from contracts.contract_file.problems import Found, Path, Problem, problem
from contracts.contract_file.scalars import format_decimal

HUNDRED = Decimal(100)
HEAVY = 25  # percent of the score that one service level may well carry
FEW = 4  # so many service levels carry a quarter each, whatever their weights
REGULAR = ("month", "quarter", "year")  # at most one period of these ends in a month

Weights = Mapping[str, Mapping[str, Decimal]]  # of each service level's code its weight in each KRA's


def weigh(file: ContractFile) -> list[Problem]:
    """The findings, in the order of the file's sections. Of what has versions the newest is looked at: the others stay as they are."""
    checks = (_due_day, _inputs, _concentration, _pool, _thresholds)
    return [problem(path, message) for check in checks for path, message in check(file)]


def _due_day(file: ContractFile) -> Found:
    if "report_due" not in file.contract.model_fields_set:
        yield (
            ("contract", "report_due"),
            "no due day is written, so that figures are due on the 10th working day; write the day that was agreed",
        )


# What is measured, and how much of the score it carries ------------------------------------------------------------


def living(file: ContractFile) -> list[tuple[int, ServiceLevelPart]]:
    """The service levels without a last day, with their places."""
    return [(place, level) for place, level in enumerate(file.service_levels) if level.ends_on is None]


def input_of(level: ServiceLevelPart) -> str:
    """What its figure counts, as two service levels can be compared by it; empty where the file does not name it."""
    return " ".join((level.measure.among or "").casefold().split()) if level.measure.kind == "ratio" else ""


def _inputs(file: ContractFile) -> Found:
    """KRAs of which all service levels measure one input, and other service levels on the same one."""
    levels, starts_on = living(file), file.contract.starts_on
    told: set[str] = set()
    for place, kra in enumerate(file.kras):
        serving = [level for _, level in levels if level.weights(starts_on)[-1][1].get(kra.code)]
        inputs = {input_of(level) for level in serving}
        if kra.ends_on is None and len(serving) > 1 and len(inputs) == 1 and "" not in inputs:
            told |= inputs
            among = serving[0].measure.among
            message = (
                f"all {len(serving)} service levels of `{kra.code}` measure “{among}”; measure something else as well"
            )
            yield ("kras", place), message
    of_input: dict[str, list[tuple[int, ServiceLevelPart]]] = {}
    for place, level in levels:
        of_input.setdefault(input_of(level), []).append((place, level))
    for name, same in of_input.items():
        if name and name not in told and len(same) > 1:
            place, first = same[0]
            codes = " and ".join(f"`{level.code}`" for _, level in same)
            remedy = "keep one, or let one count something else"
            message = f"{codes} count the same “{first.measure.among}”, so that a bad day counts in each; {remedy}"
            yield ("service_levels", place, "measure", "among"), message


def shares(kras: Iterable[tuple[str, Decimal]], weights: Weights) -> dict[str, Decimal]:
    """The share of the whole score that each service level carries, in percent; `kras` are codes with their weights."""
    weighed = list(kras)
    whole = sum((weight for _, weight in weighed), Decimal(0))
    found = dict.fromkeys(weights, Decimal(0))
    for kra, weight in weighed:
        total = sum((within.get(kra, Decimal(0)) for within in weights.values()), Decimal(0))
        for code, within in weights.items():
            if total and whole and kra in within:
                found[code] += HUNDRED * weight / whole * within[kra] / total
    return found


def _concentration(file: ContractFile) -> Found:
    levels, starts_on = living(file), file.contract.starts_on
    weights = {level.code: level.weights(starts_on)[-1][1] for _, level in levels}
    kras = [(kra.code, kra.weights(starts_on)[-1][1]) for kra in file.kras if kra.ends_on is None]
    carried = shares(kras, weights)
    if sum(1 for share in carried.values() if share) <= FEW:
        return
    for place, level in levels:
        if carried[level.code] > HEAVY:
            share = round(carried[level.code])
            remedy = f"give others in its KRAs more weight, so that it carries at most {HEAVY}%"
            message = f"`{level.code}` carries {share}% of the score; {remedy}"
            yield ("service_levels", place, "kras"), message


# Money -------------------------------------------------------------------------------------------------------------


def worst_points(terms: TermsPart) -> Decimal | None:
    """The points of the worst band that carries any, weighed, of a single default; None where they grow with the value."""
    counting = [band for band in terms.bands if band.outcome == "default" or terms.tolerated is not None]
    if any(band.per_step and band.points for band in counting):
        return None
    return max((band.points for band in counting), default=Decimal(0)) * terms.weight


def _total(points: Sequence[Decimal | None]) -> Decimal | None:
    known = [one for one in points if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(points) else None


def units(credits: CreditsPart, points: Decimal) -> Decimal:
    """What a month's points come to under the tariff, in points' worths."""
    tariff = credits.tariff
    if tariff.kind == "step":
        return max((step.value for step in tariff.steps or () if step.at <= points), default=Decimal(0))
    if tariff.kind == "linear":
        return points
    found, below = Decimal(0), Decimal(0)
    for part in tariff.slices or ():
        reached = points if part.upto is None else min(points, part.upto)
        found, below = found + max(reached - below, Decimal(0)) * part.factor, part.upto or points
    return found


def allocation(file: ContractFile) -> tuple[Decimal, Decimal] | None:
    """What all service levels at their worst come to in one month, and what is at risk, both in percent of the same; None where it cannot
    be said. Repeated defaults are not counted."""
    newest = file.versions("credits")
    points = _total([worst_points(level.terms[-1]) for _, level in living(file)])
    if not newest or points is None or newest[-1][1].point.percent_of is None:
        return None
    credits: CreditsPart = newest[-1][1]
    pool = HUNDRED if credits.point.percent_of == "at_risk" else credits.at_risk_percent
    return None if pool is None else (units(credits, points) * (credits.point.value or 0), pool)


def _pool(file: ContractFile) -> Found:
    given = allocation(file)
    if given is None or given[0] <= given[1]:
        return
    share = f"{round(HUNDRED * given[0] / given[1])}" if given[1] else ""
    said = f"{share}% of the amount at risk" if share else "more than the amount at risk, which is none"
    message = f"all service levels at their worst come to {said}; make a point worth less, or give fewer points"
    place: Path = (len(file.credits) - 1,) if isinstance(file.credits, tuple) else ()
    yield ("credits", *place, "point", "value"), message


# Rules -------------------------------------------------------------------------------------------------------------


def _thresholds(file: ContractFile) -> Found:
    """Rules that hold whatever happens, or never."""
    for place, rule in enumerate(file.rules):
        path: Path = ("rules", place, "more_than" if rule.at_least is None else "at_least")
        names = {band.name for _, level in living(file) for terms in level.terms[-1:] for band in terms.bands}
        if rule.until is not None:
            continue
        if rule.bands and not names & set(rule.bands):
            yield (
                ("rules", place, "bands"),
                f"no service level has a band called {rule.bands[0]}, so that `{rule.name}` can never hold",
            )
        elif holds(rule, Decimal(0)):
            yield path, f"`{rule.name}` always holds, for nothing has to happen; raise the number"
        elif (most := most_counted(file, rule)) is not None and not holds(rule, most):
            yield (
                path,
                f"`{rule.name}` can never hold, for at most {format_decimal(most)} can be counted; lower the number",
            )


def holds(rule: RulePart, measured: Decimal) -> bool:
    return measured >= rule.at_least if rule.at_least is not None else measured > (rule.more_than or Decimal(0))


def most_counted(file: ContractFile, rule: RulePart) -> Decimal | None:
    """The most that can ever be counted for a rule; None where there is no such number."""
    levels = [level for _, level in living(file)]
    window = Decimal(rule.window)
    if rule.count == "default_share":
        return HUNDRED
    if rule.count == "consecutive_defaults":
        cycles = {
            level.code if level.every == "custom" else level.every: level for level in levels
        }  # each counted once
        return Decimal(max((len(file.slices(level)) for level in cycles.values()), default=0))
    if rule.count in ("capped_months", "credit"):
        return _most_money(file, rule, window)
    if rule.over == "service_level":
        points = [_repeated(level.terms[-1]) for level in levels]
        best = None if None in points else max((one for one in points if one is not None), default=Decimal(0))
        return window if rule.count == "defaults" else None if best is None else window * best
    if any(level.every not in REGULAR for level in levels):
        return None  # several of its periods end in one month
    if rule.count == "defaults":
        return window * len(levels)
    total = _total([_repeated(level.terms[-1]) for level in levels])
    return None if total is None else window * total


def _repeated(terms: TermsPart) -> Decimal | None:
    points = worst_points(terms)
    return None if points is None else points * max(terms.repeat)


def _most_money(file: ContractFile, rule: RulePart, window: Decimal) -> Decimal | None:
    """Months at a cap, of which there are none without caps; and credits, which a month's cap in money limits."""
    newest = file.versions("credits")
    credits: CreditsPart | None = newest[-1][1] if newest else None
    if credits is None or not (credits.point.amount or credits.point.value):
        return Decimal(0)
    if rule.count == "capped_months":
        return window if credits.caps else Decimal(0)
    amounts = [cap.amount for cap in credits.caps if cap.over == "month" and cap.amount is not None]
    return window * min(amounts) if amounts and rule.over == "contract" else None
