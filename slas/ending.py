"""A contract that is to end earlier: the file without what begins after its new last day. Pure: a document in, a document out.

A file cannot name what begins after the contract's last day. So what was agreed to begin later falls away with the days on which it was to
be, and nothing else does: what has begun stays as it is, and a period that the new last day cuts is as long as it still is.
"""

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

Document = dict[str, Any]


class Dropped(NamedTuple):
    """What falls away, by its path in the file that is there."""

    path: tuple[str | int, ...]
    was: Any


def shortened(document: Mapping[str, Any], last: date) -> tuple[Document, list[Dropped]]:
    """The contract's document as it is when it ends on `last`, which is not later than it ends now, and what falls away."""
    found: Document = copy.deepcopy(dict(document))
    dropped: list[Dropped] = []
    found["contract"]["ends_on"] = last.isoformat()
    for owner, path, name in (
        *((found["contract"], ("contract", name), name) for name in ("charges", "calendar", "report_due")),
        *((found, (name,), name) for name in ("credits", "scorecard")),
    ):
        if isinstance(owner.get(name), list):
            owner[name] = _begun(owner[name], path, last, dropped)
    levels = []
    for place, level in enumerate(found.get("service_levels", [])):
        here: list[Dropped] = []
        terms = _begun(level["terms"], ("service_levels", place, "terms"), last, here)
        if terms:
            levels.append(_level_until(level | {"terms": terms}, ("service_levels", place), last, here))
            dropped += here
        else:
            dropped.append(Dropped(("service_levels", place), level))
    if "service_levels" in found:
        found["service_levels"] = levels
    if found.get("rules"):
        found["rules"] = list(_rules(found["rules"], levels, dropped))
    return found, dropped


def _rules(rules: list[Document], levels: list[Document], dropped: list[Dropped]) -> Iterator[Document]:
    """Without bands that only what has fallen away had: nothing is judged by them. A rule that counts no others counts nothing."""
    named = {band["name"] for level in levels for terms in level["terms"] for band in terms["bands"]}
    for place, rule in enumerate(rules):
        bands = [name for name in rule.get("bands") or () if name in named]
        if bands == list(rule.get("bands") or ()):
            yield rule
        elif bands:
            yield rule | {"bands": bands}
        else:
            dropped.append(Dropped(("rules", place), rule))


def _begun(versions: list[Any], path: tuple[str | int, ...], last: date, dropped: list[Dropped]) -> list[Any]:
    """The versions that begin by the last day; the first may go without a day."""
    kept = []
    for place, version in enumerate(versions):
        if version.get("from") is None or _day(version["from"]) <= last:
            kept.append(version)
        else:
            dropped.append(Dropped((*path, place), version))
    return kept


def _level_until(level: Document, path: tuple[str | int, ...], last: date, dropped: list[Dropped]) -> Document:
    """With the periods of its own that begin by then, the last of them cut; without an end of its own that comes no sooner than the
    contract's, since on that day it ends anyway."""
    if level.get("periods"):
        level["periods"] = list(_periods(level["periods"], (*path, "periods"), last, dropped))
    if level.get("ends_on") is not None and _day(level["ends_on"]) > last:
        del level["ends_on"]
    return level


def _periods(
    periods: list[Document], path: tuple[str | int, ...], last: date, dropped: list[Dropped]
) -> Iterator[Document]:
    for place, part in enumerate(periods):
        if _day(part["starts_on"]) > last:
            dropped.append(Dropped((*path, place), part))
        elif _day(part["ends_on"]) > last:
            yield part | {"ends_on": last.isoformat()}
        else:
            yield part


def _day(given: Any) -> date:
    return given if isinstance(given, date) else date.fromisoformat(str(given))
