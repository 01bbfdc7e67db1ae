"""Contracts as files would have them: the rows that importing a file would write, not written, beside those that are stored.

`sql/proposed_contracts.sql` reads the rows in place of the tables. They may be dated back, to ask what the past would have been.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from contracts import calendar
from contracts.actions import cycle_of, fields_of
from contracts.contract_file import ContractFile
from contracts.contract_file.levels import ServiceLevelPart
from contracts.models import Contract
from contracts.rules import in_force
from kras.models import Kra, KraWeight
from slas.models import Alignment, ServiceLevel, Terms

Row = dict[str, Any]
Dated = dict[int, list[Row]]  # by the id of what has versions, the earliest first

# The parts of a contract that are lists of versions, each with `from`.
PARTS = ("charges", "calendar", "report_due", "credits", "scorecard")
MOST = 10_000  # service levels or KRAs of a contract
PLAIN = ("vendor_id", "starts_on", "ends_on", "minor_unit", "timezone", "rules", *PARTS)


@dataclass(frozen=True)
class Rows:
    """A contract as the judgement reads it. Of `levels` and `kras` the ids are those that are stored, or below 0."""

    contract: Row
    levels: list[Row]
    terms: Dated  # from_on, until (exclusive; None: open), full
    kras: list[Row]
    weights: Dated  # from_on, weight
    alignments: Dated  # from_on, kra_id, weight
    periods: list[Row] = field(default_factory=list)

    def ids(self) -> list[int]:
        return [level["id"] for level in self.levels]


@dataclass(frozen=True)
class Difference:
    """What a proposal changes. `parts` are of PARTS and "rules"; the others ids. `redefined` levels measure something else than
    before, so that nothing can be said of them."""

    parts: frozenset[str]
    terms: frozenset[int]
    ended: frozenset[int]
    added: frozenset[int]
    redefined: frozenset[int]
    weights: bool
    from_on: date | None  # the first day whose judgement it may change; None: of none

    def __bool__(self) -> bool:
        return bool(self.parts or self.terms or self.ended or self.added or self.redefined or self.weights)


# Rows ------------------------------------------------------------------------------------------------------------


def stored_rows(contracts: Sequence[Contract]) -> dict[int, Rows]:
    """What is stored of contracts, by their id. Five statements."""
    ids = [contract.pk for contract in contracts]
    levels, terms = _by("contract_id", _levels(ids)), _terms(ids)
    kras, weights, alignments = _by("contract_id", _kras(ids)), _weights(ids), _alignments(ids)
    return {
        contract.pk: Rows(
            {"id": contract.pk} | {name: getattr(contract, name) for name in PLAIN},
            levels[contract.pk],
            {level["id"]: terms[level["id"]] for level in levels[contract.pk]},
            kras[contract.pk],
            {kra["id"]: weights[kra["id"]] for kra in kras[contract.pk]},
            {level["id"]: alignments[level["id"]] for level in levels[contract.pk]},
        )
        for contract in contracts
    }


def _by(key: str, rows: Iterable[Any]) -> Dated:
    found: Dated = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def _levels(ids: list[int]) -> Iterable[Any]:
    found = ServiceLevel.objects.filter(contract__in=ids).order_by("position")
    return found.values("id", "vendor_id", "contract_id", "code", "name", "cycle", "measure", "ends_on", "position")


def _terms(ids: list[int]) -> Dated:
    found: Dated = defaultdict(list)
    versions = Terms.objects.filter(service_level__contract__in=ids).order_by("version")
    for level_id, valid, full in versions.values_list("service_level_id", "valid", "full"):
        found[level_id].append({"from_on": valid.lower, "until": valid.upper, "full": full})
    return found


def _kras(ids: list[int]) -> Iterable[Any]:
    found = Kra.objects.filter(contract__in=ids).order_by("position")
    return found.values("id", "contract_id", "code", "name", "ends_on", "position")


def _weights(ids: list[int]) -> Dated:
    found: Dated = defaultdict(list)
    for kra_id, from_on, weight in (
        KraWeight.objects.filter(kra__contract__in=ids).order_by("from_on").values_list("kra_id", "from_on", "weight")
    ):
        found[kra_id].append({"from_on": from_on, "weight": _plain(weight)})
    return found


def _alignments(ids: list[int]) -> Dated:
    found: Dated = defaultdict(list)
    rows = Alignment.objects.filter(service_level__contract__in=ids).order_by("from_on", "kra__position")
    for level_id, kra_id, from_on, weight in rows.values_list("service_level_id", "kra_id", "from_on", "weight"):
        found[level_id].append({"from_on": from_on, "kra_id": kra_id, "weight": _plain(weight)})
    return found


def _plain(weight: Decimal) -> str:
    return f"{weight.normalize():f}"


def proposed_rows(contract: Contract, file: ContractFile, stored: Rows) -> Rows:
    """What importing the file would make of a contract; service levels and KRAs are told by their codes."""
    levels = _with_ids(contract, file.service_levels, stored.levels)
    kras = _with_ids(contract, file.kras, stored.kras)
    kra_ids, starts_on = {part.code: number for number, part in kras}, file.contract.starts_on
    place = {"vendor_id": contract.vendor_id, "contract_id": contract.pk}
    fields = fields_of(file)
    return Rows(
        {"id": contract.pk, "vendor_id": contract.vendor_id}
        | {name: fields[name] for name in PLAIN if name != "vendor_id"},
        [
            {"id": number, **place, "code": part.code, "name": part.name, "cycle": cycle_of(part), "measure": part.measure.full(),
             "ends_on": part.ends_on, "position": position}
            for position, (number, part) in enumerate(levels)
        ],
        {number: _versions(part) for number, part in levels},
        [
            {"id": number, "contract_id": contract.pk, "code": part.code, "name": part.name, "ends_on": part.ends_on,
             "position": position}
            for position, (number, part) in enumerate(kras)
        ],
        {
            number: [{"from_on": day, "weight": _plain(weight)} for day, weight in part.weights(starts_on)]
            for number, part in kras
        },
        {
            number: [
                {"from_on": day, "kra_id": kra_ids[code], "weight": _plain(weight)}
                for day, weights in part.weights(starts_on)
                for code, weight in sorted(weights.items(), key=lambda entry: list(kra_ids).index(entry[0]))
            ]
            for number, part in levels
        },
    )  # fmt: skip


def _with_ids(contract: Contract, parts: Sequence[Any], stored: Sequence[Row]) -> list[tuple[int, Any]]:
    """What is new has a number that no other of any contract has."""
    known = {row["code"]: row["id"] for row in stored}
    return [(known.get(part.code, -contract.pk * MOST - position), part) for position, part in enumerate(parts)]


def _versions(part: ServiceLevelPart) -> list[Row]:
    end = part.ends_on and part.ends_on + timedelta(days=1)
    ends = [*(version.from_ for version in part.terms[1:]), end]
    return [
        {"from_on": version.from_, "until": until, "full": version.full()}
        for version, until in zip(part.terms, ends, strict=True)
    ]


# What differs ----------------------------------------------------------------------------------------------------


def difference(stored: Rows, proposed: Rows) -> Difference:
    """What a proposal changes, and since when."""
    old, new = {row["id"]: row for row in stored.levels}, {row["id"]: row for row in proposed.levels}
    parts = {part for part in (*PARTS, "rules") if stored.contract[part] != proposed.contract[part]}
    terms = {number for number in old if _said(stored.terms[number]) != _said(proposed.terms.get(number, []))}
    ended = {number for number in new if number in old and old[number]["ends_on"] != new[number]["ends_on"]}
    redefined = {
        number for number in new if number in old and any(old[number][key] != new[number][key] for key in ("cycle", "measure"))
    }  # fmt: skip
    weights = any(
        getattr(stored, name) != {number: rows for number, rows in getattr(proposed, name).items() if number > 0}
        for name in ("weights", "alignments")
    ) or [row["ends_on"] for row in stored.kras] != [row["ends_on"] for row in proposed.kras]
    days = [
        *(_first(stored.contract[part], proposed.contract[part], "from") for part in parts & set(PARTS)),
        *(_rule_day(stored, proposed) if "rules" in parts else ()),
        *(
            _first(getattr(stored, name).get(number, []), rows, "from_on")
            for name in ("terms", "weights", "alignments")
            for number, rows in getattr(proposed, name).items()
            if rows != getattr(stored, name).get(number)
        ),
        *(day + timedelta(days=1) for day in _ends(old, new)),
        *(day + timedelta(days=1) for day in _ends(*({row["id"]: row for row in one.kras} for one in (stored, proposed)))),
    ]  # fmt: skip
    return Difference(
        frozenset(parts),
        frozenset(terms - redefined),
        frozenset(ended - redefined),
        frozenset(new.keys() - old.keys()),
        frozenset(redefined),
        weights,
        min((_day(day) for day in days if day is not None), default=None),
    )


def _day(day: date | str) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


def _said(versions: Sequence[Row]) -> list[Row]:
    """Versions without the day on which another begins, which that one says itself."""
    return [{name: value for name, value in row.items() if name != "until"} for row in versions]


def _first(old: Sequence[Row], new: Sequence[Row], key: str) -> Any:
    """From when two lists of versions differ: the first `from` of either that the other has not in the same wording."""
    one, other = _said(old), _said(new)
    return min((row[key] for row in (*one, *other) if row not in one or row not in other), default=None)


def _ends(old: Mapping[int, Row], new: Mapping[int, Row]) -> list[date]:
    pairs = [(old[number]["ends_on"], row["ends_on"]) for number, row in new.items() if number in old]
    return [min(day for day in pair if day is not None) for pair in pairs if pair[0] != pair[1]]


def _rule_day(stored: Rows, proposed: Rows) -> list[date]:
    """Of each rule that differs the day from which it counts, or after which it no longer holds."""
    old, new = stored.contract["rules"], proposed.contract["rules"]
    found, named = [], {rule["name"]: rule for rule in old}
    for rule in (*(one for one in new if one not in old), *(one for one in old if one not in new)):
        was = named.get(rule["name"], {})
        only_ends = all(was.get(key) == value for key, value in rule.items() if key not in ("until", "expires_after"))
        ends = [date.fromisoformat(one["until"]) for one in (was, rule) if only_ends and one.get("until")]
        begins = date.fromisoformat(rule["from"]) if rule.get("from") else proposed.contract["starts_on"]
        found.append(min(ends) + timedelta(days=1) if ends else begins)
    return found


# Dating back -----------------------------------------------------------------------------------------------------


def dated_back(stored: Rows, proposed: Rows, start: date) -> Rows:
    """The proposal as if the newest version of each part that it changes had held since `start`, and what it ends had ended before.

    What is added to be measured stays on its day: there are no figures of it. Charges that are listed by month stay, too.
    """
    change = difference(stored, proposed)
    contract = dict(proposed.contract)
    for part in change.parts & set(PARTS):
        if "months" not in contract[part][-1]:
            contract[part] = _back(contract[part], start.isoformat(), "from")
    if "rules" in change.parts:
        contract["rules"] = _rules_back(stored.contract["rules"], contract["rules"])
    before = start - timedelta(days=1)
    gone = {row["id"] for row in stored.levels if row["ends_on"] is None}
    return replace(
        proposed,
        contract=contract,
        levels=[
            row | {"ends_on": before} if row["id"] in change.ended & gone and row["ends_on"] else row
            for row in proposed.levels
        ],
        terms={
            number: _terms_back(rows, start) if number in change.terms - change.ended else rows
            for number, rows in proposed.terms.items()
        },
        kras=_kras_back(stored.kras, proposed.kras, before),
        weights=_rows_back(stored.weights, proposed.weights, start),
        alignments=_rows_back(stored.alignments, proposed.alignments, start),
    )


def _back(versions: list[Row], start: Any, key: str) -> list[Row]:
    return [*(version for version in versions[:-1] if version[key] < start), versions[-1] | {key: start}]


def _terms_back(versions: list[Row], start: date) -> list[Row]:
    newest = versions[-1]
    full = newest["full"] | {"from": start.isoformat(), "credits_from": start.isoformat()}
    kept = [version for version in versions[:-1] if version["from_on"] < start]
    if kept:
        kept[-1] = kept[-1] | {"until": start}
    return [*kept, newest | {"from_on": start, "full": full}]


def _rules_back(old: list[Row], new: list[Row]) -> list[Row]:
    """Rules that are new or differ see everything; those that are ended are not there."""
    named = {rule["name"]: rule for rule in old}
    return [
        rule if rule == named.get(rule["name"]) else rule | {"from": None, "until": None}
        for rule in new
        if rule == named.get(rule["name"]) or not rule["until"]
    ]


def _kras_back(old: list[Row], new: list[Row], before: date) -> list[Row]:
    ends = {row["id"]: row["ends_on"] for row in old}
    return [
        row | {"ends_on": before} if row["ends_on"] and row["id"] in ends and ends[row["id"]] is None else row
        for row in new
    ]


def _rows_back(old: Dated, new: Dated, start: date) -> Dated:
    """Those with the latest day, of whatever differs, from `start` on."""
    found: Dated = {}
    for number, rows in new.items():
        if not rows or rows == old.get(number):
            found[number] = rows
            continue
        latest = max(row["from_on"] for row in rows)
        found[number] = [
            *(row for row in rows if row["from_on"] < min(start, latest)),
            *(row | {"from_on": start} for row in rows if row["from_on"] == latest),
        ]
    return found


# Periods ---------------------------------------------------------------------------------------------------------


def with_periods(rows: Rows, file: ContractFile, stored: Rows) -> Rows:
    """With the periods that a proposal adds, and those that its calendar or due day changes."""
    old, new = stored.contract, rows.contract
    days = [_first(old[part], new[part], "from") for part in ("calendar", "report_due") if old[part] != new[part]]
    if old["ends_on"] != new["ends_on"]:
        days.append(min(old["ends_on"], new["ends_on"]).replace(day=1).isoformat())
    since = date.fromisoformat(min(days)) if days else None
    known = {row["cycle"] for row in stored.levels if not row["cycle"].startswith("custom:")}
    levels = {cycle_of(part): part for part in file.service_levels}
    return replace(
        rows,
        periods=[
            _period(new, cycle, part, replaces=since is not None and part.ends_on >= since)
            for cycle, level in levels.items()
            if since is not None or cycle not in known
            for part in file.slices(level)
            if since is None or part.ends_on >= since or cycle not in known
        ],
    )


def _period(contract: Row, cycle: str, part: calendar.Slice, *, replaces: bool) -> Row:
    working = calendar.WorkingCalendar.of(dict(in_force(contract["calendar"], part.ends_on) or {}))
    due = (in_force(contract["report_due"], part.ends_on) or {})["days"]
    return {
        "contract_id": contract["id"],
        "cycle": cycle,
        "starts_on": part.starts_on,
        "ends_on": part.ends_on,
        "month": part.ends_on.replace(day=1),
        "due_on": calendar.due_on(part.ends_on, due, working),
        "minutes": calendar.minutes(part, contract["timezone"]),
        "working_minutes": calendar.minutes(part, contract["timezone"], working) if working.hours else 0,
        "replaces": replaces,
    }


# For the statement -----------------------------------------------------------------------------------------------


def as_parameter(proposals: Iterable[Rows]) -> str:
    """The rows of several contracts as `sql/proposed_contracts.sql` reads them."""
    tables: dict[str, list[Row]] = defaultdict(list)
    for rows in proposals:
        tables["contracts"].append(rows.contract)
        tables["levels"] += rows.levels
        tables["kras"] += rows.kras
        tables["periods"] += rows.periods
        for name, key in (("terms", "service_level_id"), ("weights", "kra_id"), ("alignments", "service_level_id")):
            found: Dated = getattr(rows, name)
            tables[name] += [{key: number, **row} for number, versions in found.items() for row in versions]
    return json.dumps(tables, default=str, sort_keys=True)
