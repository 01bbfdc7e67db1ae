"""A review pack frozen: everything that its files are made from, and what a later version says otherwise."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.models import Contract
from contracts.wording import format_many
from lib.months import format_months
from lib.tables import as_workbook_of
from lib.templatetags.dates import format_day
from lib.templatetags.numbers import number
from scorecards.models import PackEdition, PackSection, ReviewPack
from scorecards.review.facts import facts_of
from scorecards.review.sections import blocks_of
from scorecards.review.tables import tables_of
from scorecards.rules import Section

Content = dict[str, Any]


def freeze(
    pack: ReviewPack,
    edition: PackEdition,
    contracts: Sequence[Contract],
    sections: Sequence[PackSection],
) -> Content:
    """The pack as it stands now, all as texts: what is chosen, in its order, with what is said, and the data behind it."""
    facts = facts_of(contracts, pack.first, pack.last)
    organisation, months = edition.organisation.name, format_months(pack.first, pack.last)
    meeting = f" for the meeting of {format_day(pack.meeting_on)}" if pack.meeting_on else ""
    what = ", ".join(f"{contract.title}, {contract.reference}" for contract in contracts)
    return {
        "title": pack.vendor.name,
        "author": organisation,
        "kicker": f"Service review, {months}",
        "lead": f"{what}. Prepared by {edition.asked_by_name}{meeting}. Version {edition.number}.",
        "foot": f"{organisation}. {pack.vendor.name}, {months}",
        "sections": [
            {
                "name": section.name,
                "heading": str(Section(section.name).label),
                "commentary": section.commentary,
                "blocks": blocks_of(section.name, facts),
            }
            for section in sections
            if section.chosen
        ],
        "tables": tables_of(facts),
    }


def as_bytes(content: Content) -> bytes:
    """As it is kept."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def workbook_of(content: Content) -> bytes:
    """The tables of the pack as a workbook, one sheet each."""
    sheets = []
    for table in content["tables"]:
        kinds = [kind for _, kind in table["columns"]]
        rows = [[_cell(text, kind) for text, kind in zip(row, kinds, strict=True)] for row in table["rows"]]
        sheets.append((table["name"], [label for label, _ in table["columns"]], rows))
    return as_workbook_of(sheets)


def _cell(text: str | None, kind: str) -> str | Decimal | date | None:
    if text is None or kind == "text":
        return text
    return Decimal(text) if kind == "number" else date.fromisoformat(text)


def describe_changes(before: Content, after: Content) -> str:
    """What a version says otherwise than the one before, in a line: results, scores and credits of the months that are in both."""
    said = []
    moved = _moved(before, after, "Results", key=(0, 1, 3), value=(5, 7))
    if moved:
        said.append(f"{format_many(len(moved), 'result')} restated")
    for at, noun in ((2, "score"), (7, "credit")):
        for key, old, new in _moved(before, after, "Months", key=(0, 1), value=(at,)):
            month = date.fromisoformat(key[1])
            said.append(f"{noun} of {month:%b %Y} {_written(old[0])} to {_written(new[0])}")
    if not said and before["sections"] != after["sections"]:
        said.append("other sections or commentary, the same figures")
    return "; ".join(said) or "nothing differs"


def _written(text: str | None) -> str:
    return (
        "none" if text is None else number(Decimal(text), None if Decimal(text) == Decimal(text).to_integral() else 1)
    )


Row = tuple[str | None, ...]


def _moved(
    before: Content, after: Content, name: str, key: Sequence[int], value: Sequence[int]
) -> list[tuple[Any, Row, Row]]:
    """Of the rows that both have under one key those with another value: the key, the earlier and the later value."""
    old, new = (_by_key(content, name, key, value) for content in (before, after))
    return [(at, old[at], new[at]) for at in new if at in old and old[at] != new[at]]


def _by_key(content: Mapping[str, Any], name: str, key: Sequence[int], value: Sequence[int]) -> dict[Row, Row]:
    table = next(table for table in content["tables"] if table["name"] == name)
    return {tuple(row[at] for at in key): tuple(row[at] for at in value) for row in table["rows"]}
