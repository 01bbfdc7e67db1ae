"""Where a new contract begins: a template that the product ships, another contract, metrics of the catalogue, or nothing. Pure.

Each gives the parts of a contract file below the contract itself, with the days that they hold from; the parties come from the form.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from agreements.drafting.levels import Document
from contracts.contract_file import ContractFile
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.source import parse
from contracts.wording import format_many
from slas.metric_catalogue import BAND_NAMES, Metric, trades

FOLDER = Path(__file__).parent.parent / "starting_points"
# In the order in which they are offered.
NAMES = ("uk_services", "us_at_risk", "cloud_uptime", "facilities_ratchet", "managed_service")


@dataclass(frozen=True)
class StartingPoint:
    """A template: what it is called, what it is after, and its parts, of which the terms have no days yet."""

    key: str
    name: str
    about: str
    parts: Document

    @property
    def size(self) -> str:
        """What is in it: "3 areas, 4 service levels, credits with a cap, 3 rules"."""
        credits = self.parts.get("credits") or {}
        return ", ".join(
            (
                format_many(len(self.parts["kras"]), "area"),
                format_many(len(self.parts["service_levels"]), "service level"),
                "credits with a cap" if credits.get("caps") else "credits" if credits else "no credits",
                format_many(len(self.parts.get("rules") or ()), "rule"),
            )
        )


@cache
def starting_points() -> dict[str, StartingPoint]:
    """Key → template."""
    found = {}
    for key in NAMES:
        given = parse((FOLDER / f"{key}.yaml").read_bytes())
        found[key] = StartingPoint(key, given.pop("name"), given.pop("about"), given)
    return found


def from_template(point: StartingPoint, day: date) -> Document:
    parts = copy.deepcopy(point.parts)
    for level in parts["service_levels"]:
        level["terms"] = [{"from": day.isoformat(), **terms} for terms in level["terms"]]
    return parts


def from_contract(file: ContractFile, on: date, day: date) -> Document:
    """What is in force of another contract on a day, as if it had always been so: without its past, what has ended, and service levels
    with periods of their own, whose days are that contract's."""
    document, term = file.document(), file.contract.starts_on
    kras = [(kra, written) for kra, written in zip(file.kras, document.get("kras", []), strict=True) if _lives(kra, on)]
    parts: Document = {
        "kras": [
            {**_plain(written), "weight": format_decimal(_last(kra.weights(term), on)[1])} for kra, written in kras
        ],
        "service_levels": [
            _level(file, place, on, day, {kra.code for kra, _ in kras})
            for place, level in enumerate(file.service_levels)
            if _lives(level, on) and level.every != "custom"
        ],
        "rules": [
            {key: value for key, value in written.items() if key not in ("from", "until")}
            for rule, written in zip(file.rules, document.get("rules", []), strict=True)
            if rule.until is None or rule.until >= on
        ],
    }
    for part in ("credits", "scorecard"):
        version = file.in_force(part, on)
        if version is not None and document.get(part):
            parts[part] = {key: value for key, value in version.document().items() if key != "from"}
    return parts


def _level(file: ContractFile, place: int, on: date, day: date, kras: set[str]) -> Document:
    part, written = file.service_levels[place], _plain(file.document()["service_levels"][place])
    running = [number for number, terms in enumerate(part.terms) if terms.from_ <= on] or [0]
    terms = {**written["terms"][running[-1]], "from": day.isoformat()}
    for key in ("kras", "credits_from"):
        terms.pop(key, None)
    weights = _last(part.weights(file.contract.starts_on), on)[1]
    serves = {code: format_decimal(weight) for code, weight in weights.items() if code in kras}
    return {**written, "kras": serves, "terms": [terms]}


def _plain(written: Document) -> Document:
    return {key: value for key, value in written.items() if key != "ends_on"}


def _lives(part: Any, on: date) -> bool:
    return part.ends_on is None or part.ends_on >= on


def _last(versions: Sequence[tuple[date, Any]], on: date) -> tuple[date, Any]:
    """The version that has begun by a day, or the first."""
    begun = [version for version in versions if version[0] <= on]
    return begun[-1] if begun else versions[0]


def from_metrics(chosen: Sequence[Metric], day: date) -> Document:
    """A service level of each metric with its usual bands, and a key result area of each trade, with equal weights."""
    codes = list(dict.fromkeys(metric.trade for metric in chosen))
    return {
        "kras": [{"code": code, "name": trades().get(code, "Our own measures"), "weight": "1"} for code in codes],
        "service_levels": [
            {
                "code": metric.code,
                "name": metric.name,
                "kras": {metric.trade: "1"},
                "every": metric.every,
                "measure": metric.measure,
                "terms": [{"from": day.isoformat(), "better": metric.better, "bands": metric.bands() or _two(metric)}],
                "metric": metric.code,
            }
            for metric in chosen
        ],
    }


def _two(metric: Metric) -> list[Document]:
    """Bands of a metric without a usual target: a number to begin with, for whoever writes the contract to change."""
    at = "95" if metric.better == "higher" else "5" if metric.better == "lower" else ["95", "105"]
    target, beyond, _ = BAND_NAMES[metric.better]
    return [
        {"name": target, "at": at, "outcome": "met", "points": "0", "score": "100"},
        {"name": beyond, "outcome": "default", "points": "1", "score": "0"},
    ]


def first_version(contract: Document, parts: Document) -> Document:
    """The whole file: the contract as the form gives it, before what a template says of one, and the parts."""
    rest = {key: value for key, value in parts.items() if key != "contract" and value}
    return {"plumbline": "1", "contract": {**parts.get("contract", {}), **contract}, **rest}
