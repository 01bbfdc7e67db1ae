"""A draft brought up to date: what it changes, on the contract as it has become meanwhile. Pure: three documents in, one out.

What only one side changed is taken from that side. Where both changed the same, the draft's stays, and the comparison with the contract of
today says so: nothing is decided here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = (
    "code",
    "name",
    "from",
    "starts_on",
    "at",
)  # by which the entries of a list are known, the first that an entry has


def merged(base: Any, ours: Any, theirs: Any) -> Any:
    """`ours` is the draft, `theirs` the contract of today, `base` what the draft was made from."""
    if ours == base:
        return theirs
    if theirs in (base, ours):
        return ours
    if all(isinstance(one, Mapping) for one in (base, ours, theirs)):
        return _mappings(base, ours, theirs)
    if isinstance(ours, list) and isinstance(theirs, list):
        return _lists(base if isinstance(base, list) else [base] if isinstance(base, Mapping) else [], ours, theirs)
    return ours


def _mappings(base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key in dict.fromkeys((*theirs, *ours)):
        value = merged(base.get(key), ours.get(key), theirs.get(key))
        if value is not None:
            found[key] = value
    return found


def _lists(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Entry by entry, by their names; in the order of today, what the draft adds after it, versions by their days."""
    if not all(isinstance(one, Mapping) for one in (*ours, *theirs)):
        return list(ours)
    was, mine, now = ({_name(one): one for one in entries} for entries in (base, ours, theirs))
    names = [name for name in dict.fromkeys((*now, *mine)) if name in mine or name not in was]
    found = [merged(was.get(name), mine.get(name), now.get(name)) for name in names]
    found = [one for one in found if one is not None]
    if all(one.get("from") for one in found[1:]):
        found = found[:1] + sorted(found[1:], key=lambda one: str(one["from"]))
    return found


def _name(entry: Mapping[str, Any]) -> str:
    return next((f"{key} {entry[key]}" for key in NAMES if entry.get(key) is not None), "")
