"""What a contract file changes about the contract that is there, and whether it may: past judgement must stand.

Pure: two contract files in, changes and problems out. A file amends a contract by adding: versions of terms, charges, calendar, due day,
credits and scorecard that begin later, weights from a later day, charges of further months, further rules, periods, service levels and
KRAs, a later last day; and by ending rules, service levels, KRAs and the contract itself, today or later. Names, and what no month is
judged by, may change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.contract_file import ContractFile, Problem
from contracts.contract_file.problems import Path, problem, written
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.versions import each_version
from slas.ending import shortened

KEEP = "keep it as it is, or import what is agreed now under a reference of its own"


class Change(NamedTuple):
    """One difference: where in the new file, what stood there, what stands there now (None: nothing), and from which day on it does;
    None where it has no day of its own."""

    path: str
    was: Any
    becomes: Any
    day: date | None = None


@dataclass
class Amendment:
    """All differences of a new file. `from_on` is the first day whose judgement they may change, None where there is none; `days_from`
    the first day on which another calendar or due day is in force.
    """

    old: ContractFile
    new: ContractFile
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    from_on: date | None = None
    days_from: date | None = None

    @property
    def effective_on(self) -> date | None:
        """The first day on which anything else is agreed; None where only what has no day changes, such as names."""
        return min((change.day for change in self.changes if change.day), default=None)

    def change(self, path: Path, was: Any, becomes: Any, from_on: date | None = None, day: date | None = None) -> None:
        """`day`: from which day on it is agreed, where that is another than the first whose judgement may change."""
        self.changes.append(Change(written(path), _shown(was), _shown(becomes), day or from_on))
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
    for key in ("credits", "scorecard"):
        changes += [
            Change(written(path), None, part.document()) for path, part in each_version(getattr(file, key), key)
        ]
    return changes


def compare(old: ContractFile, new: ContractFile, today: date) -> Amendment:
    """Every difference between the contract that is there and a new file, and every one that is not allowed.

    `today` decides whether a period is over and can no longer become longer.
    """
    amendment = Amendment(old, new)
    _compare_contract(amendment)
    _compare_term(amendment, today)
    _compare_parts(amendment)
    _compare_kras(amendment)
    _compare_levels(amendment, today)
    _compare_rules(amendment)
    return amendment


# Contract --------------------------------------------------------------------------------------------------------


def _compare_contract(amendment: Amendment) -> None:
    old, new = amendment.old.contract, amendment.new.contract
    if old.title != new.title:
        amendment.change(("contract", "title"), old.title, new.title)
    amendment.must_stay(("contract", "reference"), old.reference, new.reference)  # found though it differs in capitals
    amendment.must_stay(("contract", "vendor", "code"), old.vendor.code, new.vendor.code)
    for key in ("starts_on", "currency", "timezone"):
        amendment.must_stay(("contract", key), getattr(old, key), getattr(new, key))
    for key in ("accept_after", "submit_early", "dispute_within", "answer_within", "verify_after", "claim_within"):
        if getattr(old, key) != getattr(new, key):
            amendment.change(("contract", key), getattr(old, key), getattr(new, key))


def _compare_term(amendment: Amendment, today: date) -> None:
    """A later last day lengthens the periods that the former one cut; none of them may be over."""
    path: Path = ("contract", "ends_on")
    old, new = amendment.old.contract, amendment.new.contract
    if new.ends_on < old.ends_on:
        _compare_earlier_end(amendment, path, today)
    if new.ends_on <= old.ends_on:
        return
    first = old.ends_on.replace(day=1)
    lengthened = [part for level in amendment.old.service_levels for part in _lengthened(amendment, level)]
    if lengthened and old.ends_on < today:
        amendment.refuse(
            path, f"would make the period {lengthened[0].label} longer, which ended on {old.ends_on}; {KEEP}"
        )
    first = min([first, *(part.starts_on for part in lengthened)])
    amendment.change(path, old.ends_on, new.ends_on, _base_from(amendment.old, first), old.ends_on + timedelta(days=1))


def _compare_earlier_end(amendment: Amendment, path: Path, today: date) -> None:
    """An earlier last day cuts the periods in which it lies, and takes away what was to begin after it. From here on the new file is
    compared with the contract as it is without that. It is not before today: what was judged stands."""
    old, last = amendment.old, amendment.new.contract.ends_on
    if last < max(today, old.contract.starts_on):
        amendment.refuse(path, f"is before today ({today}), and what has been judged stands; end it today or later")
        return
    following = last + timedelta(days=1)
    cut = [part for level in old.service_levels for part in old.slices(level) if part.starts_on <= last < part.ends_on]
    first = min([last.replace(day=1), *(part.starts_on for part in cut)])
    amendment.change(path, old.contract.ends_on, last, _base_from(old, first), following)
    document, dropped = shortened(old.document(), last)
    amendment.changes += [Change(written(one.path), one.was, None, following) for one in dropped]
    amendment.old = ContractFile.model_validate(document)


def _lengthened(amendment: Amendment, level: Any) -> Iterator[Any]:
    now = {part.starts_on: part for part in amendment.new.slices(level)}
    return (part for part in amendment.old.slices(level) if part != now[part.starts_on])


# Parts in versions -----------------------------------------------------------------------------------------------

NO_CREDITS = "begin with a version of `point: {amount: 0}`, and add what is agreed now as a version with a later `from`"
LATER = "keep it as it is, and add a version with a later `from`"


def _compare_parts(amendment: Amendment) -> None:
    """Versions may be added after those that are there, and months to the charges that list them."""
    paths: tuple[Path, ...] = (
        ("contract", "calendar"), ("contract", "report_due"), ("contract", "charges"), ("credits",), ("scorecard",),
    )  # fmt: skip
    for path in paths:
        old, new = amendment.old.versions(str(path[-1])), amendment.new.versions(str(path[-1]))
        if not old and new and new[0][1].point.amount != 0:
            amendment.refuse(path, f"differs from the contract that is there; {NO_CREDITS}")
            continue
        if len(new) < len(old) or [day for day, _ in new[: len(old)]] != [day for day, _ in old]:
            remedy = LATER if old else KEEP
            amendment.refuse(path, f"differs from the contract that is there; {remedy}")
            continue
        several = len(new) > 1 or isinstance(_written(amendment.new, path), tuple)
        for position, (from_on, version) in enumerate(new):
            place = (*path, position) if several else path
            if position >= len(old):
                amendment.change(place, None, version, _judged_from(amendment, path, from_on), from_on)
            elif path[-1] == "charges":
                _compare_charges(amendment, place, old[position][1], version)
            else:
                amendment.must_stay(place, _full(old[position][1]), _full(version), LATER)


def _written(file: ContractFile, path: Path) -> Any:
    return getattr(file.contract if path[0] == "contract" else file, str(path[-1]))


def _full(version: Any) -> Any:
    return version.full() if hasattr(version, "full") else version


def _judged_from(amendment: Amendment, path: Path, day: date) -> date:
    """The first day whose judgement a version from this day on may change."""
    if path[-1] in ("calendar", "report_due"):
        amendment.days_from = min(day, amendment.days_from or day)
        slices = (part for level in amendment.new.service_levels for part in amendment.new.slices(level))
        return min((part.starts_on for part in slices if part.ends_on >= day), default=day)
    if path[-1] in ("charges", "credits"):
        return min(_base_from(file, day) for file in (amendment.old, amendment.new))
    return day


def _compare_charges(amendment: Amendment, path: Path, old: Any, new: Any) -> None:
    if new.months is None or old.monthly is not None:
        amendment.must_stay(path, old.full(), new.full(), LATER)
        return
    for month, amount in (old.months or {}).items():
        if new.months.get(month) != amount:
            remedy = (
                f"keep {month} as it is ({format_decimal(amount)}); only months that are not listed yet can be added"
            )
            amendment.refuse((*path, "months", month), f"differs from the contract that is there; {remedy}")
    for month, amount in new.months.items():
        if month not in (old.months or {}):
            day = date.fromisoformat(f"{month}-01")
            amendment.change((*path, "months", month), None, amount, _base_from(amendment.old, day), day)


def _base_from(file: ContractFile, day: date) -> date:
    """The first day whose money depends on the charges or the end of this day's month: where something is counted over a
    contract year, the first day of that year."""
    yearly = any(
        any(cap.over == "contract_year" for cap in credits.caps)
        or (credits.earn_back and credits.earn_back.yearly_average)
        for _, credits in file.versions("credits")
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
        if was.ends_on != kra.ends_on:
            amendment.change((*path, "ends_on"), was.ends_on, kra.ends_on, _month_after(was.ends_on, kra.ends_on))
        _compare_weights(amendment, (*path, "weight"), was.weights(starts_on), kra.weights(starts_on))
    for code in old:
        amendment.refuse(("kras",), f"`{code}` is missing; a KRA cannot be taken away, keep it in the file")


def _month_after(*days: date | None) -> date:
    """The first day of the first month that ends after the earlier of two days."""
    return (min(day for day in days if day is not None) + timedelta(days=1)).replace(day=1)


def _compare_weights(amendment: Amendment, path: Path, old: list[Any], new: list[Any]) -> None:
    if new[: len(old)] != old:
        amendment.refuse(path, "differs from the contract that is there; keep it and add a weight with a later `from`")
        return
    for position, (from_on, weight) in enumerate(new[len(old) :], len(old)):
        amendment.change((*path, position), None, {"from": str(from_on), "weight": format_decimal(weight)}, from_on)


# Service levels --------------------------------------------------------------------------------------------------


def _compare_levels(amendment: Amendment, today: date) -> None:
    old = {level.code: level for level in amendment.old.service_levels}
    for position, level in enumerate(amendment.new.service_levels):
        path, was = ("service_levels", position), old.pop(level.code, None)
        if was is None:
            amendment.change(path, None, level, level.terms[0].from_)
            continue
        for key in ("name", "metric"):
            if getattr(was, key) != getattr(level, key):
                amendment.change((*path, key), getattr(was, key), getattr(level, key))
        _compare_end(amendment, (*path, "ends_on"), was, level, today)
        for key in ("every", "measure"):
            amendment.must_stay((*path, key), getattr(was, key), getattr(level, key), "add a service level of its own")
        later = "add a version of the terms with a later `from`"
        amendment.must_stay((*path, "kras"), was.kras, level.kras, f"{later} and its own `kras`")
        _compare_periods(amendment, (*path, "periods"), was.periods, level.periods)
        _compare_versions(amendment, (*path, "terms"), was.terms, level.terms, later)
    for code in old:
        message = f"`{code}` is missing; a service level cannot be taken away, keep it in the file"
        amendment.refuse(("service_levels",), message)


def _compare_end(amendment: Amendment, path: Path, was: Any, level: Any, today: date) -> None:
    """A service level may end with the running period, or later: one that has begun is judged."""
    if was.ends_on == level.ends_on:
        return
    begun = [part for part in amendment.new.slices(level) if part.starts_on <= today]
    if level.ends_on is not None and begun and level.ends_on < begun[-1].ends_on and not _has_ended(was, begun[-1]):
        message = f"{level.ends_on} is before the end of the period {begun[-1].label}, which has begun; end it {begun[-1].ends_on} or later"
        amendment.refuse(path, message)
        return
    ends = [day for day in (was.ends_on, level.ends_on) if day is not None]
    amendment.change(path, was.ends_on, level.ends_on, min(ends) + timedelta(days=1))


def _has_ended(level: Any, period: Any) -> bool:
    return level.ends_on is not None and bool(level.ends_on < period.starts_on)


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


# Rules -----------------------------------------------------------------------------------------------------------


def _compare_rules(amendment: Amendment) -> None:
    """Rules may be added, from a day on, and ended; what a rule counts stays."""
    old, starts_on = {rule.name: rule for rule in amendment.old.rules}, amendment.old.contract.starts_on
    for position, rule in enumerate(amendment.new.rules):
        path: Path = ("rules", position)
        was = old.pop(rule.name, None)
        if was is None:
            if rule.from_ is None:
                amendment.refuse(
                    (*path, "from"), "is missing; a rule that is added says from when it counts, such as 2025-04-01"
                )
            amendment.change(path, None, rule, (rule.from_ or starts_on).replace(day=1))
            continue
        for key, name in type(rule).keys().items():
            before, now = getattr(was, name), getattr(rule, name)
            if key == "until" and before != now:
                amendment.change((*path, key), before, now, _month_after(before, now))
            elif key == "expires_after" and before != now:
                amendment.change((*path, key), before, now)
            else:
                amendment.must_stay((*path, key), before, now, "end it with `until`, and add a rule with `from`")
    for name in old:
        amendment.refuse(
            ("rules",), f"`{name}` is missing; a rule cannot be taken away, keep it in the file and end it with `until`"
        )
