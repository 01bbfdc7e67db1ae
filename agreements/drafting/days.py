"""A new day for what a draft changes: everything that it adds from one day on begins on another one. Pure."""

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from agreements.drafting.levels import Document
from agreements.drafting.merging import merged
from slas.ending import shortened

PARTS = ("charges", "calendar", "report_due")


def with_new_day(document: Document, base: Document, before: date, day: date) -> Document:
    """The draft with each version that begins `before`, and that is not in the contract already, beginning on the `day` instead. Days on
    which something ends stay: they are agreed for themselves. The contract's own last day moves, where it is the day `before` that one."""
    changed = _with_later_end(document, base, before, day)
    for ours, theirs in _versioned(changed, base):
        there = {one.get("from") for one in theirs}
        for version in ours:
            if version.get("from") == before.isoformat() and before.isoformat() not in there:
                version["from"] = day.isoformat()
                if version.get("credits_from") == before.isoformat():
                    version["credits_from"] = day.isoformat()
    return changed


def _with_later_end(document: Document, base: Document, before: date, day: date) -> Document:
    """A contract that was to end early ends on the eve of the `day`; what was agreed to begin by then is in it again."""
    ends, agreed = (date.fromisoformat(one["contract"]["ends_on"]) for one in (document, base))
    eve = min(day - timedelta(days=1), agreed)
    if not ends < agreed or ends + timedelta(days=1) != before:
        return copy.deepcopy(document)
    found: Document = merged(shortened(base, ends)[0], document, shortened(base, eve)[0])
    return found


def _versioned(document: Document, base: Document) -> Iterator[tuple[list[Any], list[Any]]]:
    """Each list of versions of the draft with that of the contract; the rules of both as one list, since each has its own day."""
    for part in PARTS:
        yield _list(document["contract"].get(part)), _list(base["contract"].get(part))
    for part in ("credits", "scorecard"):
        yield _list(document.get(part)), _list(base.get(part))
    names = {rule["name"] for rule in base.get("rules", [])}
    yield [rule for rule in document.get("rules", []) if rule["name"] not in names], []
    for key, inner in (("kras", "weight"), ("service_levels", "terms")):
        known = {one["code"]: one for one in base.get(key, [])}
        for part in document.get(key, []):
            yield _list(part.get(inner)), _list(known.get(part["code"], {}).get(inner))


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []
