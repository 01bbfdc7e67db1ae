"""What one click puts right: for the place of a finding in a draft's contract file, the draft with its remedy in it. Pure.

What is in force stays as it is: terms, weights and rules get a version of their own from their next day on, as the editors give them.
"""

import copy
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from agreements.drafting.alignment import Matrix, matrix_of, with_weights
from agreements.drafting.levels import Document, first_day_for, level_of, with_terms
from agreements.drafting.parts import as_newest, newest_of, with_part
from contracts.contract_file import ContractFile
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.weigh import HEAVY, HUNDRED, allocation, most_counted
from contracts.rules import REPORT_DUE
from lib.months import after
from lib.templatetags.numbers import format_ordinal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Remedy:
    """`label` is what the button says, `make` gives the draft with the remedy in it: only of the one that is asked for."""

    label: str
    make: Callable[[], Document]


@dataclass(frozen=True)
class Bench:
    """A draft to be put right: its file, and the contract's from which it was made, on the contract's day. `first`: it is the first version
    of a contract, so that nothing is in force yet."""

    file: ContractFile
    base: Document
    today: date
    first: bool = False

    @cached_property
    def document(self) -> Document:
        return self.file.document()

    @cached_property
    def matrix(self) -> Matrix:
        return matrix_of(self.file)

    @property
    def next_month(self) -> date:
        """From when weights, money and rules may change without dating back."""
        return self.file.contract.starts_on if self.first else after(self.today.replace(day=1))


def remedy_at(bench: Bench, path: str) -> Remedy | None:
    """The remedy for what the linter found at a place; None where somebody has to choose."""
    for pattern, remedy in REMEDIES:
        if found := re.fullmatch(pattern, path):
            return remedy(bench, *(int(one) for one in found.groups() if one is not None))
    return None


# Terms -------------------------------------------------------------------------------------------------------------

Terms = dict[str, Any]


def with_changed_terms(bench: Bench, position: int, change: Callable[[Terms], None]) -> Document:
    """The draft with the newest terms of a service level changed, from its next period on where they are those in force."""
    part = bench.file.service_levels[position]
    level = level_of(bench.document, bench.base, part.code)
    if level is None:
        raise LookupError(part.code)
    terms = copy.deepcopy(level.terms)
    if level.in_force is not None and not level.is_changed:
        terms["from"] = first_day_for(bench.file, part, bench.today).isoformat()
    change(terms)
    return with_terms(bench.document, bench.base, part.code, terms)


def _terms(label: str, change: Callable[..., None]) -> Callable[..., Remedy | None]:
    """A remedy in the newest terms; of older ones nothing is put right. `change` gets the terms, and the further places of the path."""

    def remedy(bench: Bench, position: int, version: int, *places: int) -> Remedy | None:
        level = bench.file.service_levels[position]
        if version != len(level.terms) - 1 or level.ends_on is not None:
            return None
        return Remedy(label, lambda: with_changed_terms(bench, position, lambda terms: change(terms, *places)))

    return remedy


def _met(terms: Terms) -> None:
    terms["bands"][0]["outcome"] = "met"


def _no_points(terms: Terms, band: int) -> None:
    terms["bands"][band].pop("points", None)
    terms["bands"][band].pop("per_step", None)


def _reachable(terms: Terms) -> None:
    terms["bands"][0]["at"] = "100" if terms["better"] == "higher" else "0"


def _whole_factor(terms: Terms, place: int) -> None:
    terms["repeat"][place] = "1"


def _long_window(terms: Terms) -> None:
    terms["tolerated"]["window"] = terms["tolerated"]["count"]


def _without(key: str) -> Callable[[Terms], None]:
    def change(terms: Terms) -> None:
        terms.pop(key, None)

    return change


def _bands(bench: Bench, position: int, version: int) -> Remedy | None:
    """No band with a score of 100, or two of one name."""
    bands = bench.file.service_levels[position].terms[version].bands
    if all(band.score < HUNDRED for band in bands):
        return _terms("Give the best band 100", _perfect)(bench, position, version)
    return _terms("Give each band a name of its own", _names)(bench, position, version)


def _perfect(terms: Terms) -> None:
    terms["bands"][0]["score"] = "100"


def _names(terms: Terms) -> None:
    used: Counter[str] = Counter()
    for band in terms["bands"]:
        used[band["name"]] += 1
        if used[band["name"]] > 1:
            band["name"] = f"{band['name']} {used[band['name']]}"


def with_target(bench: Bench, code: str, target: Decimal) -> Remedy | None:
    """The first band of a service level begins at another number, where the bands stay in order."""
    position, part = next((n, one) for n, one in enumerate(bench.file.service_levels) if one.code == code)
    newest = part.terms[-1]
    following = newest.bands[1].at if len(newest.bands) > 1 else None
    if isinstance(following, Decimal) and (following >= target if newest.better == "higher" else following <= target):
        return None

    def change(terms: Terms) -> None:
        terms["bands"][0]["at"] = format_decimal(target)

    sign = "%" if part.measure.full()["unit"] == "percent" else ""
    return Remedy(f"Set {format_decimal(target)}{sign}", lambda: with_changed_terms(bench, position, change))


def with_allowance(bench: Bench, code: str) -> Remedy | None:
    """One failing case still reaches the first band, as far as that is counted for the measure."""
    position, part = next((n, one) for n, one in enumerate(bench.file.service_levels) if one.code == code)
    if part.measure.full()["scale"] != "100":
        return None

    def change(terms: Terms) -> None:
        terms["allowance"] = True

    return Remedy("Allow one failure", lambda: with_changed_terms(bench, position, change))


# Weights -----------------------------------------------------------------------------------------------------------


def to_hundred(weights: Sequence[Decimal], whole: int = 100) -> list[Decimal]:
    """Whole numbers in the same proportion that add up to 100; what rounding leaves goes to those that lost most of it."""
    total = sum(weights, Decimal(0))
    exact = [whole * weight / total for weight in weights]
    found = [Decimal(int(one)) for one in exact]
    lost = sorted(range(len(exact)), key=lambda place: found[place] - exact[place])
    for place in lost[: whole - int(sum(found))]:
        found[place] += 1
    return found


def _weighed(bench: Bench, changes: Mapping[str, Mapping[str, Decimal]], kras: Mapping[str, Decimal]) -> Document:
    """The draft with these weights of service levels in KRAs, and of KRAs, in place of theirs; all others stay."""
    matrix = bench.matrix
    cells = {code: {**within, **changes.get(code, {})} for code, within in matrix.weights.items()}
    return with_weights(
        bench.document, bench.base, matrix, cells, {code: weight for code, _, weight in matrix.kras} | dict(kras), bench.next_month
    )  # fmt: skip


def _kra_weights(bench: Bench) -> Remedy | None:
    kras = [(code, weight) for code, _, weight in bench.matrix.kras]
    total = sum((weight for _, weight in kras), Decimal(0))
    if total in (HUNDRED, 0) or len(kras) > HUNDRED:
        return None
    made = dict(zip((code for code, _ in kras), to_hundred([weight for _, weight in kras]), strict=True))
    return Remedy(f"Set {_listed(list(made.values()))}", lambda: _weighed(bench, {}, made))


def _weights_in_kra(bench: Bench, place: int) -> Remedy | None:
    """Nothing serves the KRA: a service level that serves none can. Else the smallest weight takes up what is missing, or all do."""
    code, matrix = bench.file.kras[place].code, bench.matrix
    names = dict(matrix.levels)
    serving = {level: within[code] for level, within in matrix.weights.items() if within.get(code)}
    if not serving:
        idle = next((level for level in names if not matrix.weights.get(level)), None)
        return None if idle is None else _served(bench, code, idle)
    total = matrix.total(code)
    if total == HUNDRED or len(serving) > HUNDRED:
        return None
    smallest = min(serving, key=lambda level: serving[level])
    becomes = serving[smallest] + HUNDRED - total
    if becomes > 0:
        return Remedy(
            f"Set {names[smallest]} to {format_decimal(becomes)}",
            lambda: _weighed(bench, {smallest: {code: becomes}}, {}),
        )
    made = dict(zip(serving, to_hundred(list(serving.values())), strict=True))
    changes = {level: {code: weight} for level, weight in made.items()}
    return Remedy(f"Set {_listed(list(made.values()))}", lambda: _weighed(bench, changes, {}))


def _idle_or_heavy(bench: Bench, position: int) -> Remedy | None:
    """A service level in no score serves the first KRA that nothing measures; one that carries too much leaves some of it to others."""
    part, matrix = bench.file.service_levels[position], bench.matrix
    if not matrix.weights.get(part.code):
        kra = next((code for code, *_ in matrix.kras if not matrix.total(code)), None)
        return None if kra is None or part.ends_on is not None else _served(bench, kra, part.code)
    return _lighter(bench, part.code)


def _served(bench: Bench, kra: str, level: str) -> Remedy:
    name = next(name for code, name, _ in bench.matrix.kras if code == kra)
    return Remedy(f"Let {level} measure {name}", lambda: _weighed(bench, {level: {kra: HUNDRED}}, {}))


def _lighter(bench: Bench, level: str) -> Remedy | None:
    """Inside the KRA in which it carries most the others take up what is above a quarter of the score."""
    matrix = bench.matrix
    whole = sum((weight for *_, weight in matrix.kras), Decimal(0))
    parts = {
        code: HUNDRED * weight / whole * matrix.weights[level][code] / matrix.total(code)
        for code, _, weight in matrix.kras
        if matrix.weights[level].get(code)
    }
    kra = max(parts, key=lambda code: parts[code], default="")
    others = {code: within[kra] for code, within in matrix.weights.items() if code != level and within.get(kra)}
    if not others:
        return None
    weight = next(weight for code, _, weight in matrix.kras if code == kra)
    left = parts[kra] - (sum(parts.values()) - HEAVY)  # of the score, in percent
    becomes = int(left * whole / weight)
    if not 0 < becomes < HUNDRED:
        return None
    shared = to_hundred(list(others.values()), 100 - becomes)
    made = {level: Decimal(becomes)} | dict(zip(others, shared, strict=True))
    if any(not one for one in made.values()):
        return None
    changes = {code: {kra: one} for code, one in made.items()}
    return Remedy(f"Set {_listed(list(made.values()))}", lambda: _weighed(bench, changes, {}))


def _listed(numbers: Sequence[Decimal]) -> str:
    texts = [format_decimal(one) for one in numbers]
    if len(texts) > 4:
        return "them to 100, in proportion"
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


# Days, money and rules ---------------------------------------------------------------------------------------------------


def _due_day(bench: Bench) -> Remedy | None:
    """The usual day is written down where a contract is being written; once it is agreed, another day is a choice."""

    def make() -> Document:
        document = copy.deepcopy(bench.document)
        document["contract"]["report_due"] = str(REPORT_DUE)
        return document

    return Remedy(f"Write the {format_ordinal(REPORT_DUE)} working day", make) if bench.first else None


def _worth(bench: Bench, *_: int) -> Remedy | None:
    """A point is worth so little that the worst month comes to what is at risk; only where money grows evenly with points."""
    given, credits = allocation(bench.file), newest_of(bench.document, "credits")
    if given is None or not given[0] or credits.get("tariff", {}).get("kind", "linear") != "linear":
        return None
    value = (
        (Decimal(str(credits["point"]["value"])) * given[1] / given[0])
        .quantize(CENT, rounding="ROUND_FLOOR")
        .normalize()
    )
    if not value:
        return None
    version = {**copy.deepcopy(credits), "point": {**credits["point"], "value": format_decimal(value)}}

    def make() -> Document:
        if bench.first:
            return as_newest(bench.document, "credits", version)
        return with_part(bench.document, bench.base, "credits", version, bench.next_month)

    return Remedy(f"Make a point worth {format_decimal(value)}%", make)


def with_rule(bench: Bench, place: int, change: Callable[[Document], None]) -> Document:
    """The draft with a rule changed. One that is in force ends before the next month, and another one like it follows."""
    document = copy.deepcopy(bench.document)
    rule, day = document["rules"][place], bench.next_month
    if bench.first or rule["name"] not in {one["name"] for one in bench.base.get("rules", [])}:
        change(rule)
        return document
    follower = {**copy.deepcopy(rule), "name": f"{rule['name']}, from {day:%B %Y}", "from": day.isoformat()}
    change(follower)
    rule["until"] = (day - timedelta(days=1)).isoformat()
    document["rules"].append(follower)
    return document


def _over_contract(bench: Bench, place: int) -> Remedy:
    return Remedy("Count over the contract", lambda: with_rule(bench, place, lambda rule: rule.update(over="contract")))


def _no_window(bench: Bench, place: int) -> Remedy:
    return Remedy("Remove the window", lambda: with_rule(bench, place, lambda rule: rule.pop("window", None)))


def _number(bench: Bench, place: int) -> Remedy | None:
    """The highest number that can be reached, or the lowest for which something has to happen."""
    rule = bench.file.rules[place]
    most = most_counted(bench.file, rule)
    if (rule.at_least is not None and rule.at_least <= 0) or (rule.more_than is not None and rule.more_than < 0):
        key, number = ("at_least", Decimal(1)) if rule.at_least is not None else ("more_than", Decimal(0))
    elif most is not None and most >= 1:
        key, number = ("at_least", most) if rule.at_least is not None else ("more_than", most - 1)
    else:
        return None
    text = format_decimal(number)
    return Remedy(f"Set {text}", lambda: with_rule(bench, place, lambda rule: rule.update({key: text})))


def _every_band(bench: Bench, place: int) -> Remedy:
    """A rule of which no service level has the bands is counted over all of them."""
    return Remedy("Count every band", lambda: with_rule(bench, place, lambda rule: rule.pop("bands", None)))


N = r"\[([0-9]+)\]"
TERMS = rf"service_levels{N}\.terms{N}\."
REMEDIES: tuple[tuple[str, Callable[..., Remedy | None]], ...] = (
    (rf"{TERMS}bands", _bands),
    (rf"{TERMS}bands\[0\]\.outcome", _terms("Make the best band met", _met)),
    (rf"{TERMS}bands{N}\.points", _terms("Take its points away", _no_points)),
    (rf"{TERMS}bands\[0\]\.at", _terms("Set the best value that there is", _reachable)),
    (rf"{TERMS}repeat{N}", _terms("Write 1", _whole_factor)),
    (rf"{TERMS}tolerated\.count", _terms("Look back over as many periods", _long_window)),
    (rf"{TERMS}credits_from", _terms("Let credits begin with the terms", _without("credits_from"))),
    (rf"{TERMS}minimum_volume", _terms("Remove it", _without("minimum_volume"))),
    (rf"{TERMS}allowance", _terms("Remove it", _without("allowance"))),
    (r"contract\.report_due", _due_day),
    (r"kras", _kra_weights),
    (rf"kras{N}", _weights_in_kra),
    (rf"service_levels{N}\.kras", _idle_or_heavy),
    (rf"credits(?:{N})?\.point\.value", _worth),
    (rf"rules{N}\.over", _over_contract),
    (rf"rules{N}\.window", _no_window),
    (rf"rules{N}\.(?:at_least|more_than)", _number),
    (rf"rules{N}\.bands", _every_band),
)
