"""What a well-formed contract file must still obey: codes, order, days and references that have to fit together.

Each check yields (path, message). A check looks at one thing, so that a value which cannot be read silences only the
checks that need it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from contracts import calendar
from contracts.contract_file import money_checks, terms_checks
from contracts.contract_file.base_part import BROKEN, as_far_as_readable, each
from contracts.contract_file.problems import Found, Path, written
from contracts.contract_file.scalars import last_days_of_currencies
from contracts.contract_file.versions import days_of_versions, each_version, nearest

DATED: tuple[Path, ...] = (
    ("contract", "calendar"), ("contract", "report_due"), ("contract", "charges"), ("credits",), ("scorecard",),
)  # fmt: skip
"""The parts that may be written as versions."""


def problems_of(file: Any) -> Found:
    """Everything that does not fit together in a file, whose unreadable values are BROKEN."""
    for check in (_term, _currency, _calendars, _charges, _versions, _kras, _own_names, *money_checks.CHECKS):
        yield from as_far_as_readable(check(file))
    too_many = list(as_far_as_readable(_slots(file)))
    yield from too_many
    for path, level in each(file.service_levels, "service_levels") if not too_many else ():
        for check_level in (_known_kras, _periods_given, _periods_fit, _level_ends, _measure_keys, _measure_hours):
            yield from as_far_as_readable(check_level(path, level, file))
        yield from terms_checks.problems_of(path, level, file)


# Contract --------------------------------------------------------------------------------------------------------


def _term(file: Any) -> Found:
    first, last = file.contract.starts_on, file.contract.ends_on
    if last < first:
        yield ("contract", "ends_on"), f"{last} is before the first day ({first}); the last day is inclusive"
    elif (last - first).days > 100 * 366:
        yield ("contract", "ends_on"), f"{last} is more than a hundred years after the first day ({first})"


def _currency(file: Any) -> Found:
    """Money on the first day: a contract that outlives its currency, or was kept in one now gone, stays readable."""
    currency, first = file.contract.currency, file.contract.starts_on
    last = last_days_of_currencies().get(currency)
    path: Path = ("contract", "currency")
    if last is None:
        yield (
            path,
            f"`{currency}` is not a currency in use by ISO 4217; write that of the amounts, such as GBP",
        )
    elif last < first:
        yield (
            path,
            f"`{currency}` is out of use since {last}, before the first day; write the currency that followed it",
        )


def _calendars(file: Any) -> Found:
    for path, part in each_version(file.contract.calendar, "contract", "calendar"):
        yield from as_far_as_readable(_weekdays((*path, "weekdays"), part.weekdays))


def _weekdays(path: Path, weekdays: Any) -> Found:
    if not len(weekdays):
        yield path, "there must be at least one working day; list some of mon, tue, wed, thu, fri, sat, sun"
    for day, times in Counter(weekdays).items():
        if times > 1:
            yield path, f"`{day}` stands here {times} times; keep one"


def _charges(file: Any) -> Found:
    if "charges" not in file.contract.model_fields_set:
        return
    for path, part in each_version(file.contract.charges, "contract", "charges"):
        if part.monthly is BROKEN or part.months is BROKEN:
            continue
        if (part.monthly is None) == (part.months is None):
            yield path, "must have either `monthly` or `months`; give one of them"


def _versions(file: Any) -> Found:
    first, last = file.contract.starts_on, file.contract.ends_on
    if last < first:
        return
    for path in DATED:
        owner = file.contract if path[0] == "contract" else file
        part = getattr(owner, str(path[-1]))
        if part is not BROKEN:
            yield from as_far_as_readable(days_of_versions(path, part, first, last))


# Codes and names -------------------------------------------------------------------------------------------------


def _own_names(file: Any) -> Found:
    """What others refer to, people as well as the file, is called by one name alone."""
    for key, called, why in (
        ("kras", "code", ""),
        ("service_levels", "code", ""),
        ("rules", "name", ", because alerts and lists name a rule by it"),
    ):
        seen: dict[str, str | int] = {}
        for path, part in each(getattr(file, key), key):
            name = getattr(part, called)
            if name is BROKEN:
                continue
            if name in seen:
                yield (
                    (*path, called),
                    f"`{name}` is already the {called} of {key}[{seen[name]}]; give each its own{why}",
                )
            seen.setdefault(name, path[-1])


def _kras(file: Any) -> Found:
    for path, kra in each(file.kras, "kras"):
        yield from as_far_as_readable(_dated_weights((*path, "weight"), kra.weight))
        yield from as_far_as_readable(_kra_ends((*path, "ends_on"), kra, file))


def _dated_weights(path: Path, weight: Any) -> Found:
    if not isinstance(weight, tuple):
        return
    if not weight:
        yield path, "the list is empty; write a weight, or [{from: …, weight: …}]"
    elif not weight[0].weight > 0:
        yield (*path, 0, "weight"), "the first weight must be above 0"
    for position in range(1, len(weight)):
        before, here = weight[position - 1].from_, weight[position].from_
        if here <= before:
            yield (
                (*path, position, "from"),
                f"{here} is not after the day before it in the list ({before}); list the earliest first",
            )


def _kra_ends(path: Path, kra: Any, file: Any) -> Found:
    if kra.ends_on is None:
        return
    first = max(file.contract.starts_on, kra.weights(file.contract.starts_on)[0][0])
    if kra.ends_on < first:
        yield path, f"{kra.ends_on} is before the KRA's first day ({first}); correct it, or remove the KRA"


def _known_kras(path: Path, level: Any, file: Any) -> Found:
    known = {kra.code: None for kra in file.kras}  # in their order
    yield from unknown_kras((*path, "kras"), level.kras, known)
    for terms_path, terms in each(level.terms, *path, "terms"):
        if terms.kras is not None and terms.kras is not BROKEN:
            if not terms.kras:  # no weights from a day on could not be told from weights that did not change
                yield (*terms_path, "kras"), "is empty; name at least one KRA, or leave it out"
            yield from unknown_kras((*terms_path, "kras"), terms.kras, known)


def unknown_kras(path: Path, weights: Any, known: Collection[str]) -> Found:
    """The codes among the weights that no KRA of the contract has."""
    for code in weights:
        if code not in known:
            listed = ", ".join(islice(known, 20)) or "none"
            yield (*path, code), f"`{code}` is not a KRA of this contract; add it under `kras`, or use one of: {listed}"


# Periods and measure ---------------------------------------------------------------------------------------------


MOST_SLOTS = 25_000  # of a contract: what one worker judges in one go (`evaluation.actions`)


def _slots(file: Any) -> Found:
    """How many results the contract will have: each service level has one in each of its periods. Counted before anything is done for
    each of them."""
    first, last = file.contract.starts_on, file.contract.ends_on
    lengths = {every: len(calendar.periods(every, first, last)) for every in calendar.CYCLES if every != "custom"}
    slots, most = 0, ("", 0)
    for _, level in each(file.service_levels, "service_levels"):
        if level.every is not BROKEN and level.periods is not BROKEN:
            own = lengths.get(level.every, len(level.periods))
            slots, most = slots + own, max(most, (level.every, own), key=lambda one: one[1])
    if slots > MOST_SLOTS:
        message = (
            f"{len(file.service_levels):,} service levels until {last} have {slots:,} results, up to {most[1]:,} each "
            f"(`every: {most[0]}`); at most {MOST_SLOTS:,} are judged: choose longer periods, end the contract earlier, or divide it"
        )
        yield ("service_levels",), message


def _periods_given(path: Path, level: Any, file: Any) -> Found:
    if level.every == "custom" and not len(level.periods):
        yield (
            (*path, "periods"),
            "a service level with `every: custom` needs its periods; list {starts_on: …, ends_on: …}",
        )
    if level.every != "custom" and len(level.periods):
        yield (*path, "periods"), f"only `every: custom` has a list of periods, not `{level.every}`; remove it"


def _periods_fit(path: Path, level: Any, file: Any) -> Found:
    first, last = file.contract.starts_on, file.contract.ends_on
    if last < first:
        return
    sound = []
    for period_path, period in each(level.periods, *path, "periods"):
        if period.starts_on is BROKEN or period.ends_on is BROKEN:
            continue
        if period.ends_on < period.starts_on:
            yield (*period_path, "ends_on"), f"{period.ends_on} is before the period's first day ({period.starts_on})"
            continue
        if period.starts_on < first:
            yield (*period_path, "starts_on"), f"{period.starts_on} is before the contract's first day ({first})"
        if period.ends_on > last:
            yield (*period_path, "ends_on"), f"{period.ends_on} is after the contract's last day ({last})"
        sound.append((period.starts_on, period.ends_on, period_path))
    taken = None
    for here, until, period_path in sorted(sound):
        if taken is not None and here <= taken:
            yield (*period_path, "starts_on"), f"{here} lies in another of the periods, which ends on {taken}; cut one"
        taken = until if taken is None else max(taken, until)


def _level_ends(path: Path, level: Any, file: Any) -> Found:
    """It ends with one of its periods, and no version of its terms begins after that."""
    if level.ends_on is None:
        return
    days = sorted(part.ends_on for part in file.slices(level))
    if level.ends_on not in days:
        message = (
            f"{level.ends_on} is not the last day of one of this service level's periods{nearest(days, level.ends_on)}"
        )
        yield (*path, "ends_on"), message
    for terms_path, terms in each(level.terms, *path, "terms"):
        if terms.from_ is not BROKEN and terms.from_ > level.ends_on:
            message = f"{terms.from_} is after the service level's last day ({level.ends_on}); remove the version, or end it later"
            yield (*terms_path, "from"), message


KIND_OF_KEY = {
    "of": "ratio",
    "among": "ratio",
    "scale": "ratio",
    "hours": "availability",
    "maintenance": "availability",
    "maintenance_allowance": "availability",
}


def _measure_keys(path: Path, level: Any, file: Any) -> Found:
    measure = level.measure
    for key in measure.model_fields_set:
        kind = KIND_OF_KEY.get(key)
        if kind and measure.kind != kind:
            yield (*path, "measure", key), f"`{key}` belongs to a measure of kind {kind}, not {measure.kind}; remove it"


def _measure_hours(path: Path, level: Any, file: Any) -> Found:
    """In each period with terms the calendar in force has hours."""
    if level.measure.hours != "calendar":
        return
    first = level.terms[0].from_ if len(level.terms) else file.contract.starts_on
    ends = [part.ends_on for part in file.slices(level) if part.starts_on >= first]
    for calendar_path in _without_hours(file, ends):
        place = written((*calendar_path, "hours"))
        message = f"the contract's calendar has no hours; add {place}, such as 09:00-17:00"
        yield (*path, "measure", "hours"), message


def _without_hours(file: Any, days: list[Any]) -> Iterator[Path]:
    """The versions of the calendar without hours that are in force on one of the days."""
    versions = list(each_version(file.contract.calendar, "contract", "calendar"))
    dates = [from_on for from_on, _ in file.versions("calendar")]
    for number, (path, part) in enumerate(versions):
        until = dates[number + 1] if number + 1 < len(dates) else None
        if part.hours is None and any(dates[number] <= day and (until is None or day < until) for day in days):
            yield path
