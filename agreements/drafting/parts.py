"""The dated parts of a draft's contract file: the newest version of charges, due day, calendar, credits or scorecard, out and in. Pure.

A part is written once, for the whole term, or as a list of versions. What is in force stays; what a form gives follows it from its day on.
"""

import copy
from datetime import date
from typing import Any

from agreements.drafting.levels import Document
from agreements.proposals import as_stored
from contracts import contract_file
from contracts.rules import REPORT_DUE

OF_CONTRACT = ("charges", "calendar", "report_due")
# What a contract has that says nothing of a part.
UNSAID: dict[str, Document] = {
    "charges": {},
    "calendar": {},
    "report_due": {"days": REPORT_DUE},
    "credits": {"point": {"amount": "0"}},
    "scorecard": {},
}


def newest_of(document: Document, part: str) -> Document:
    """The newest version of a part, without its day; `report_due` as {days}."""
    version = _versions(document, part)[-1]
    return {key: value for key, value in version.items() if key != "from"}


def as_newest(document: Document, part: str, version: Document) -> Document:
    """The draft of a contract that is not agreed yet, with this in place of the newest version of a part: there is nothing to keep."""
    changed = copy.deepcopy(document)
    home = changed["contract"] if part in OF_CONTRACT else changed
    given = home.get(part)
    if isinstance(given, list):
        day = {"from": given[-1]["from"]} if "from" in given[-1] else {}
        home[part] = [*given[:-1], {**day, **version}]
    elif _says(document, part, [version]) == _says(document, part, [UNSAID[part]]) and given is None:
        home.pop(part, None)
    else:
        home[part] = version["days"] if part == "report_due" else version
    return changed


def day_of(document: Document, base: Document, part: str) -> date | None:
    """The first day of the version that a draft adds to a part; None where it adds none."""
    versions = _versions(document, part)
    if len(versions) <= len(_versions(base, part)):
        return None
    return date.fromisoformat(versions[-1]["from"])


def with_part(document: Document, base: Document, part: str, version: Document, day: date) -> Document:
    """The draft with this as the newest version of a part from a day on; without one where it is what is in force. What else the draft
    adds to the part stays."""
    changed = copy.deepcopy(document)
    home = changed["contract"] if part in OF_CONTRACT else changed
    before = _versions(base, part)
    earlier = _versions(document, part)[len(before) : -1]
    candidate = [*copy.deepcopy([*before, *earlier]), {"from": day.isoformat(), **version}]
    if not earlier and _says(document, part, candidate) == _says(document, part, before):
        there = (base["contract"] if part in OF_CONTRACT else base).get(part)
        if there is None:
            home.pop(part, None)
        else:
            home[part] = copy.deepcopy(there)
    else:
        home[part] = candidate
    return changed


def _says(document: Document, part: str, versions: list[Document]) -> Any:
    """What the newest of these versions says, whatever it leaves out; the versions themselves where they cannot be read. Read alone:
    no service level or KRA has a say in it."""
    alone = {"plumbline": document["plumbline"], "contract": dict(document["contract"])}
    (alone["contract"] if part in OF_CONTRACT else alone)[part] = versions
    try:
        newest = as_stored(contract_file.write(alone)).versions(part)[-1][1]
    except contract_file.BadFile:
        return versions
    return newest.full() if hasattr(newest, "full") else newest


def _versions(document: Document, part: str) -> list[Document]:
    """A part as its versions, whichever way it is written."""
    given = (document["contract"] if part in OF_CONTRACT else document).get(part)
    if given is None:
        return [UNSAID[part]]
    if isinstance(given, list):
        return given
    return [given if isinstance(given, dict) else {"days": given}]
