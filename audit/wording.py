"""Changes of rows in words: what was changed, from what to what. Everything is read off the models, so that no table is forgotten."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audit.models import Entry
from audit.querysets import audited
from lib.templatetags.dates import format_day, format_moment
from organisations.models import Membership

DONE = {"INSERT": "added", "UPDATE": "changed", "DELETE": "removed"}
# Columns that say where a row belongs or follow from another change.
UNSAID = re.compile(r"id|organisation_id|vendor_id|version|created_at|position|document|full|.*_by_name")
LONGEST = 120
EMPTY = "empty"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class DescribedEntry:
    """One entry for people. `who` is empty for the system; `changes` are those of columns that mean something."""

    entry: Entry
    who: str
    role: str
    what: str
    changes: tuple[Change, ...]

    @property
    def folded(self) -> bool:
        """A row that came or went whole: its values are there for whoever asks, not in everybody's way."""
        return self.entry.operation != "UPDATE"


def describe_entries(entries: Iterable[Entry]) -> list[DescribedEntry]:
    """The entries in words. One statement for the people, and one for each table that the entries are about."""
    entries = list(entries)
    models = audited()
    people = Membership.objects.in_bulk({entry.actor_id for entry in entries if entry.actor_id})
    rows: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        rows[entry.table_name].add(entry.row_id)
    there = {table: models[table].objects.in_bulk(ids) for table, ids in rows.items() if table in models}
    told = []
    for entry in entries:
        actor = people.get(entry.actor_id or 0)
        model = models.get(entry.table_name)
        noun = str(model._meta.verbose_name) if model else entry.table_name
        row = there.get(entry.table_name, {}).get(entry.row_id)
        name = str(row) if row is not None else f"no. {entry.row_id}"
        what = f"{noun[:1].upper()}{noun[1:]} {name} {DONE.get(entry.operation, entry.operation.lower())}"
        role = actor.get_role_display() if actor else ""
        told.append(DescribedEntry(entry, actor.name if actor else "", role, what, tuple(_changes(entry, model))))
    return told


def _changes(entry: Entry, model: Any) -> Iterable[Change]:
    fields = {field.column: field for field in model._meta.local_concrete_fields} if model else {}
    for column, (before, after) in sorted(entry.difference.items()):
        if UNSAID.fullmatch(column) or (entry.operation == "INSERT" and after in (None, "", [], {})):
            continue
        field = fields.get(column)
        label = str(field.verbose_name) if field else column.replace("_", " ")
        yield Change(f"{label[:1].upper()}{label[1:]}", _value(before, field), _value(after, field))


def _value(value: Any, field: Any) -> str:
    """A stored value as people read it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(field.flatchoices) if field is not None and field.flatchoices else {}
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    if field is not None and field.is_relation:
        return f"no. {value}"
    if isinstance(value, str) and DAY.fullmatch(value):
        return format_day(date.fromisoformat(value))
    if isinstance(value, str) and DAY.match(value) and "T" in value[:11]:
        return _moment(value)
    text = value if isinstance(value, str) else str(value)
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text


def _moment(text: str) -> str:
    try:
        return format_moment(datetime.fromisoformat(text))
    except ValueError:
        return text[:LONGEST]
