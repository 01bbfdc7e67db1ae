"""What differs between two contract files, field by field and in words: the table that whoever changes terms reads before it counts.

Pure, and without an opinion on whether a change may be made (that is `slas.amendments`). Parts in versions are compared on each day on
which either file begins one: what was in force on that day, what will be.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from contracts import wording as contracts
from contracts.contract_file import ContractFile
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.numbers import number
from slas import wording as levels

NOTHING = "–"
Fields = dict[str, str]
"""Heads and what stands under each of them."""


class FieldChange(NamedTuple):
    """One field: `where` in the contract in words ("SL-01 First contact resolution, band Minor"), what stood there, what will."""

    where: str
    field: str
    was: str
    becomes: str


def field_changes(old: ContractFile, new: ContractFile) -> list[FieldChange]:
    """All fields in which the files differ, in the order of a contract file."""
    return [*_contract(old, new), *_kras(old, new), *_levels(old, new), *_consequences(old, new)]


def _differing(where: str, old: Fields, new: Fields) -> Iterator[FieldChange]:
    for head in dict.fromkeys((*old, *new)):
        was, becomes = old.get(head) or NOTHING, new.get(head) or NOTHING
        if was != becomes:
            yield FieldChange(where, head, was, becomes)


def _place(where: str, *parts: str) -> str:
    return ", ".join(part for part in (where, *parts) if part)


# Contract ----------------------------------------------------------------------------------------------------------


def _contract(old: ContractFile, new: ContractFile) -> Iterator[FieldChange]:
    yield from _differing("Contract", _plain(old), _plain(new))
    yield from _in_versions("Calendar", old, new, "calendar", _calendar)
    yield from _in_versions(
        "Figures", old, new, "report_due", lambda days, _: {"Due": contracts.describe_reporting(days)}
    )
    yield from _in_versions("Charges", old, new, "charges", _charges)


def _plain(file: ContractFile) -> Fields:
    part = file.contract
    return {
        "Title": part.title,
        "Vendor": part.vendor.code,
        "First day": format_day(part.starts_on),
        "Last day": format_day(part.ends_on),
        "Currency": part.currency,
        "Time zone": part.timezone,
        **dict(contracts.describe_workflow(part)),
    }


def _calendar(part: Any, _: str) -> Fields:
    clauses = part.full()
    listed = clauses["holidays"] if isinstance(clauses["holidays"], list) else []
    return {
        "Working time": contracts.describe_calendar(clauses),
        "Holidays": ", ".join(format_day(date.fromisoformat(day)) for day in listed),
    }


def _charges(part: Any, currency: str) -> Fields:
    clauses = part.full()
    if not clauses.get("months"):
        return {"Each month": contracts.describe_charges(clauses, currency)}
    return {
        month_name(date.fromisoformat(f"{month}-01")): contracts.describe_charges({"monthly": amount}, currency)
        for month, amount in clauses["months"].items()
    }


def _in_versions(
    where: str, old: ContractFile, new: ContractFile, part: str, say: Callable[[Any, str], Fields]
) -> Iterator[FieldChange]:
    currency = new.contract.currency
    for day, was, becomes in _versions(old.versions(part), new.versions(part)):
        yield from _differing(_place(where, day), *(say(one, currency) if one else {} for one in (was, becomes)))


def _versions(
    old: Sequence[tuple[date, Any]], new: Sequence[tuple[date, Any]]
) -> Iterator[tuple[str, Any | None, Any | None]]:
    """On each day on which a version begins: the day in words (none where there is one day alone), what was in force, what will be."""
    days = sorted({day for day, _ in (*old, *new)})
    for day in days:
        said = f"from {format_day(day)}" if len(days) > 1 else ""
        yield said, _in_force(old, day), _in_force(new, day)


def _in_force(versions: Sequence[tuple[date, Any]], day: date) -> Any | None:
    return next((version for from_on, version in reversed(versions) if from_on <= day), None)


def _pairs(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[str, str, Any, Any]]:
    """What has the same code in both files, with the name that it will have; None where it is in one file alone."""
    were, are = ({one.code: one for one in parts} for parts in (old, new))
    for code in dict.fromkeys((*are, *were)):
        yield code, (are.get(code) or were[code]).name, were.get(code), are.get(code)


# KRAs --------------------------------------------------------------------------------------------------------------


def _kras(old: ContractFile, new: ContractFile) -> Iterator[FieldChange]:
    for code, name, was, becomes in _pairs(old.kras, new.kras):
        where = f"{code} {name}"
        yield from _differing(where, _kra(was), _kra(becomes))
        weights = (kra.weights(file.contract.starts_on) if kra else [] for kra, file in ((was, old), (becomes, new)))
        for day, before, after in _versions(*weights):
            yield from _differing(_place(where, day), *({"Weight": number(one)} for one in (before, after)))


def _kra(part: Any | None) -> Fields:
    if part is None:
        return {}
    return {
        "Key result area": part.name,
        "Objective": part.objective,
        "Last day": format_day(part.ends_on) if part.ends_on else "",
    }


# Service levels ----------------------------------------------------------------------------------------------------


def _levels(old: ContractFile, new: ContractFile) -> Iterator[FieldChange]:
    for code, name, was, becomes in _pairs(old.service_levels, new.service_levels):
        where = f"{code} {name}"
        yield from _differing(where, _level(was), _level(becomes))
        served = (
            level.weights(file.contract.starts_on) if level else [] for level, file in ((was, old), (becomes, new))
        )
        for day, before, after in _versions(*served):
            yield from _differing(_place(where, day), _served(before), _served(after))
        yield from _terms(where, was, becomes)


def _level(part: Any | None) -> Fields:
    if part is None:
        return {}
    measure = part.measure.full()
    allowance = measure["maintenance_allowance"]
    return {
        "Service level": part.name,
        "Metric": part.metric or "",
        "Judged": levels.describe_cycle(part.every),
        "Last day": format_day(part.ends_on) if part.ends_on else "",
        "Formula": levels.describe_formula(measure),
        "Unit": measure["unit"],
        "Several parts": levels.describe_roll_up(measure),
        "Maintenance beyond": f"{number(allowance)} minutes are downtime" if allowance else "",
        **{f"Period from {format_day(one.starts_on)}": f"until {format_day(one.ends_on)}" for one in part.periods},
    }


def _served(weights: dict[str, Any] | None) -> Fields:
    return {levels.TERMS["kras"]: levels.describe_key("kras", weights)} if weights else {}


def _terms(where: str, was: Any, becomes: Any) -> Iterator[FieldChange]:
    """Of each version what it changes. Weights in KRAs are told before, with those of the service level."""
    before, after = ([(one.from_, one) for one in level.terms] if level else [] for level in (was, becomes))
    known, measure = {day for day, _ in before}, (becomes or was).measure.full()
    for day, (said, one, other) in zip(
        sorted({*known, *(day for day, _ in after)}), _versions(before, after), strict=True
    ):
        place = _place(where, said)
        if one is None or other is None:
            targets = (
                {"Target": levels.describe_target(part.full(), measure)} if part else {} for part in (one, other)
            )
            yield from _differing(place, *targets)
            continue
        found = levels.differences(_apart(one), _apart(other), measure)
        yield from (FieldChange(_place(place, part), field, *rest) for part, field, *rest in found)
        if not found and day not in known:
            yield FieldChange(place, "Terms", NOTHING, "a version that says the same")


def _apart(part: Any) -> dict[str, Any]:
    return {**part.full(), "kras": None}


# Credits, rules, scorecard -----------------------------------------------------------------------------------------


def _consequences(old: ContractFile, new: ContractFile) -> Iterator[FieldChange]:
    yield from _in_versions("Credits", old, new, "credits", _credits)
    were, are = ({rule.name: contracts.describe_rule(rule.full()) for rule in file.rules} for file in (old, new))
    yield from _differing("Rules", were, are)
    yield from _in_versions("Scorecard", old, new, "scorecard", _scorecard)


def _credits(part: Any, currency: str) -> Fields:
    clauses = part.full()
    at_risk = clauses["at_risk_percent"]
    risk = {"Amount at risk": f"{number(at_risk)}% of the month’s charges"} if at_risk else {}
    return risk | _heads(contracts.describe_credits(clauses, currency))


def _scorecard(part: Any, _: str) -> Fields:
    return _heads(contracts.describe_scorecard(part.full()))


def _heads(said: list[tuple[str, str]]) -> Fields:
    """Sentences by their heads; several under one head are one text."""
    found: Fields = {}
    for head, sentence in said:
        found[head] = f"{found[head]}; {sentence}" if head in found else sentence
    return found
