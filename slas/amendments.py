"""What a contract file changes about the contract that is there, and whether it may: past judgement must stand.

Pure: two contract files in, changes and problems out. A file amends a contract by adding: versions of terms that begin later,
weights from a later day, charges of further months, further periods, service levels and KRAs, a later last day. Names may change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.contract_file import ContractFile, Problem
from contracts.contract_file.problems import Path, problem, written
from contracts.contract_file.scalars import format_decimal

KEEP = "keep it as it is, or import what is agreed now under a reference of its own"


class Change(NamedTuple):
    """One difference: where in the new file, what stood there, what stands there now (None: nothing)."""

    path: str
    was: Any
    becomes: Any


@dataclass
class Amendment:
    """All differences of a new file. `from_on` is the first day whose judgement they may change, None where there is none."""

    old: ContractFile
    new: ContractFile
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    from_on: date | None = None

    def change(self, path: Path, was: Any, becomes: Any, from_on: date | None = None) -> None:
        self.changes.append(Change(written(path), _shown(was), _shown(becomes)))
        if from_on is not None:
            self.from_on = min(from_on, self.from_on or from_on)

    def refuse(self, path: Path, message: str) -> None:
        self.problems.append(problem(path, message))

    def must_stay(self, path: Path, was: Any, becomes: Any, remedy: str = KEEP) -> None:
        if was != becomes:
            self.refuse(path, f"differs from the contract that is there; {remedy}")


def _shown(value: Any) -> Any:
    """A part of a file as its document; text, numbers and days as text."""
    if value is None or isinstance(value, list | dict):
        return value
    if isinstance(value, Decimal):
        return format_decimal(value)
    return value.document() if hasattr(value, "document") else str(value)


def added(file: ContractFile) -> list[Change]:
    """What a file adds where there was no contract: the contract, its KRAs, service levels and further parts."""
    changes = [Change("contract", None, file.contract.document())]
    for key in ("kras", "service_levels", "rules"):
        changes += [Change(f"{key}[{n}]", None, part.document()) for n, part in enumerate(getattr(file, key))]
    changes += [Change(key, None, part.document()) for key in ("credits", "scorecard") if (part := getattr(file, key))]
    return changes


def compare(old: ContractFile, new: ContractFile, today: date) -> Amendment:
    """Every difference between the contract that is there and a new file, and every one that is not allowed.

    `today` decides whether a period is over and can no longer become longer.
    """
    amendment = Amendment(old, new)
    _compare_contract(amendment)
    _compare_term(amendment, today)
    _compare_charges(amendment)
    _compare_kras(amendment)
    _compare_levels(amendment)
    for key in ("credits", "rules", "scorecard"):
        amendment.must_stay((key,), getattr(old, key), getattr(new, key))
    return amendment


# Contract --------------------------------------------------------------------------------------------------------


def _compare_contract(amendment: Amendment) -> None:
    old, new = amendment.old.contract, amendment.new.contract
    if old.title != new.title:
        amendment.change(("contract", "title"), old.title, new.title)
    amendment.must_stay(("contract", "vendor", "code"), old.vendor.code, new.vendor.code)
    for key in ("starts_on", "currency", "timezone", "calendar", "report_due"):
        amendment.must_stay(("contract", key), getattr(old, key), getattr(new, key))


def _compare_term(amendment: Amendment, today: date) -> None:
    """A later last day lengthens the periods that the former one cut; none of them may be over."""
    path: Path = ("contract", "ends_on")
    old, new = amendment.old.contract, amendment.new.contract
    if new.ends_on < old.ends_on:
        amendment.refuse(path, f"is before the last day agreed so far ({old.ends_on}); {KEEP}")
    if new.ends_on <= old.ends_on:
        return
    first = old.ends_on.replace(day=1)
    lengthened = [part for level in amendment.old.service_levels for part in _lengthened(amendment, level)]
    if lengthened and old.ends_on < today:
        amendment.refuse(
            path, f"would make the period {lengthened[0].label} longer, which ended on {old.ends_on}; {KEEP}"
        )
    first = min([first, *(part.starts_on for part in lengthened)])
    amendment.change(path, old.ends_on, new.ends_on, _base_from(amendment.old, first))


def _lengthened(amendment: Amendment, level: Any) -> Iterator[Any]:
    now = {part.starts_on: part for part in amendment.new.slices(level)}
    return (part for part in amendment.old.slices(level) if part != now[part.starts_on])


def _compare_charges(amendment: Amendment) -> None:
    path: Path = ("contract", "charges")
    old, new = amendment.old.contract.charges, amendment.new.contract.charges
    if new.months is None or old.monthly is not None:
        amendment.must_stay(path, old, new)
        return
    for month, amount in (old.months or {}).items():
        if new.months.get(month) != amount:
            remedy = (
                f"keep {month} as it is ({format_decimal(amount)}); only months that are not listed yet can be added"
            )
            amendment.refuse((*path, "months", month), f"differs from the contract that is there; {remedy}")
    for month, amount in new.months.items():
        if month not in (old.months or {}):
            first = _base_from(amendment.old, date.fromisoformat(f"{month}-01"))
            amendment.change((*path, "months", month), None, amount, first)


def _base_from(file: ContractFile, day: date) -> date:
    """The first day whose money depends on the charges or the end of this day's month: where something is counted over a
    contract year, the first day of that year."""
    credits = file.credits
    yearly = credits and (
        any(cap.over == "contract_year" for cap in credits.caps)
        or (credits.earn_back and credits.earn_back.yearly_average)
    )
    if not yearly:
        return day
    start = file.contract.starts_on
    year = day.year if day.month >= start.month else day.year - 1
    return max(start, date(year, start.month, 1))


# KRAs ------------------------------------------------------------------------------------------------------------


def _compare_kras(amendment: Amendment) -> None:
    old, starts_on = {kra.code: kra for kra in amendment.old.kras}, amendment.old.contract.starts_on
    for position, kra in enumerate(amendment.new.kras):
        path, was = ("kras", position), old.pop(kra.code, None)
        if was is None:
            amendment.change(path, None, kra, kra.weights(starts_on)[0][0])
            continue
        for key in ("name", "objective"):
            if getattr(was, key) != getattr(kra, key):
                amendment.change((*path, key), getattr(was, key), getattr(kra, key))
        _compare_weights(amendment, (*path, "weight"), was.weights(starts_on), kra.weights(starts_on))
    for code in old:
        amendment.refuse(("kras",), f"`{code}` is missing; a KRA cannot be taken away, keep it in the file")


def _compare_weights(amendment: Amendment, path: Path, old: list[Any], new: list[Any]) -> None:
    if new[: len(old)] != old:
        amendment.refuse(path, "differs from the contract that is there; keep it and add a weight with a later `from`")
        return
    for position, (from_on, weight) in enumerate(new[len(old) :], len(old)):
        amendment.change((*path, position), None, {"from": str(from_on), "weight": format_decimal(weight)}, from_on)


# Service levels --------------------------------------------------------------------------------------------------


def _compare_levels(amendment: Amendment) -> None:
    old = {level.code: level for level in amendment.old.service_levels}
    for position, level in enumerate(amendment.new.service_levels):
        path, was = ("service_levels", position), old.pop(level.code, None)
        if was is None:
            amendment.change(path, None, level, level.terms[0].from_)
            continue
        if was.name != level.name:
            amendment.change((*path, "name"), was.name, level.name)
        for key in ("every", "measure"):
            amendment.must_stay((*path, key), getattr(was, key), getattr(level, key), "add a service level of its own")
        later = "add a version of the terms with a later `from`"
        amendment.must_stay((*path, "kras"), was.kras, level.kras, f"{later} and its own `kras`")
        _compare_periods(amendment, (*path, "periods"), was.periods, level.periods)
        _compare_versions(amendment, (*path, "terms"), was.terms, level.terms, later)
    for code in old:
        message = f"`{code}` is missing; a service level cannot be taken away, keep it in the file"
        amendment.refuse(("service_levels",), message)


def _compare_periods(amendment: Amendment, path: Path, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    for part in old:
        if part not in new:
            span = f"{part.starts_on}/{part.ends_on}"
            amendment.refuse(path, f"the period {span} is missing or differs; keep it, periods can only be added")
    for position, part in enumerate(new):
        if part not in old:
            amendment.change((*path, position), None, part, part.starts_on)


def _compare_versions(
    amendment: Amendment, path: Path, old: tuple[Any, ...], new: tuple[Any, ...], remedy: str
) -> None:
    there, last = {terms.from_: terms for terms in old}, old[-1].from_
    for position, terms in enumerate(new):
        was = there.pop(terms.from_, None)
        if was is not None:
            for key, name in type(terms).keys().items():
                amendment.must_stay((*path, position, key), getattr(was, name), getattr(terms, name), remedy)
        elif terms.from_ < last:
            message = f"{terms.from_} is before the last version that is there ({last}); {remedy}"
            amendment.refuse((*path, position, "from"), message)
        else:
            amendment.change((*path, position), None, terms, terms.from_)
    for from_on in there:
        amendment.refuse(path, f"the version from {from_on} is missing; keep it and {remedy}")
