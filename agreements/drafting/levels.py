"""A draft's contract file as data: the terms that it changes taken out, changed, and put back, and nothing else touched. Pure.

A file holds versions. Those in force stay as they are; what a form shows is the newest, and what it gives becomes a version of its own,
from its day on. A form that gives back what is in force takes the version away again.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from contracts.contract_file import ContractFile, Problem
from contracts.contract_file.levels import ServiceLevelPart, TermsPart

Document = dict[str, Any]


@dataclass(frozen=True)
class DraftedLevel:
    """A service level of a draft. `in_force` is the newest version of its terms that the draft found; None where the level is new."""

    position: int
    part: Document
    in_force: Document | None
    is_changed: bool

    @property
    def terms(self) -> Document:
        """The version that is edited: the newest."""
        found: Document = self.part["terms"][-1]
        return found


def level_of(document: Document, base: Document, code: str) -> DraftedLevel | None:
    """A service level by its code; None where the draft has none of it."""
    for position, part in enumerate(document.get("service_levels", [])):
        if part["code"] == code:
            before = next((one for one in base.get("service_levels", []) if one["code"] == code), None)
            known = before["terms"] if before else []
            changed = before is None or full_of(part["terms"]) != full_of(known)
            return DraftedLevel(position, part, known[-1] if known else None, changed)
    return None


def full_of(versions: Sequence[Document]) -> list[Any]:
    """What versions of terms say, whatever they leave out."""
    return [TermsPart.model_validate(one).full() for one in versions]


def with_terms(document: Document, base: Document, code: str, terms: Document) -> Document:
    """The draft with these terms as the newest version of a service level, or without one of its own where they say what is in force."""
    changed = copy.deepcopy(document)
    level = level_of(changed, base, code)
    if level is None:
        raise LookupError(code)
    before: list[Document] = next((one["terms"] for one in base.get("service_levels", []) if one["code"] == code), [])
    drafted = level.part["terms"][len(before) :]
    same = bool(before) and not drafted[:-1] and _says(terms) == _says(before[-1])
    level.part["terms"] = [*copy.deepcopy(before), *drafted[:-1], *([] if same else [terms])]
    return changed


def _says(terms: Document) -> Any:
    """Everything but the days from which it holds and earns."""
    try:
        said = TermsPart.model_validate(terms).full()
    except ValidationError:
        return terms
    day = said.pop("from")
    return {key: value for key, value in said.items() if (key, value) != ("credits_from", day)}


def first_day_for(file: ContractFile, level: ServiceLevelPart, today: date) -> date:
    """The first day of the next period that begins after today: from when a change may hold without dating back."""
    days = [part.starts_on for part in file.slices(level) if part.starts_on > today]
    return days[0] if days else today


# Problems at their fields ------------------------------------------------------------------------------------------

BAND = re.compile(r"bands\[([0-9]+)\](?:\.(\w+))?")


def placed(problems: Sequence[object], path: str) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Problems of a file that lie below `path` with the rest of theirs, and all others."""
    below: list[tuple[str, str]] = []
    others: list[Problem] = []
    for one in problems:
        if isinstance(one, Problem) and one.path.startswith(path):
            below.append((one.path[len(path) :].lstrip("."), one.message))
        else:
            others.append(one if isinstance(one, Problem) else Problem("", str(one)))
    return below, others


def defaults_left_out(given: Mapping[str, Any], former: Mapping[str, Any], defaults: Mapping[str, Any]) -> Document:
    """What a form gives, without what stands for nothing: a default that was not written before is not written now."""
    return {
        key: value
        for key, value in given.items()
        if value is not None and (value != defaults.get(key) or former.get(key) is not None)
    }
