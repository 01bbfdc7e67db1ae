"""Changes of rows in words: what was changed, from what to what. Everything is read off the models, so that no table is forgotten."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit.models import Entry
from audit.naming import EMPTY, NOBODY, Names, format_value, leads_to, noun_of
from audit.querysets import audited, named
from organisations.models import Membership

DONE = {"INSERT": "added", "UPDATE": "changed", "DELETE": "removed", "SHARED": "shared with the vendor"}
WHOLE = ("INSERT", "SHARED")  # the difference has all of the row, from nothing
# Columns that say where a row belongs, follow from another change, or mean nothing outside the database.
UNSAID = re.compile(
    r"id|organisation_id|vendor_id|user_id|version|created_at|position|document|base|full|impact|snapshot|secret_hash|stored_name|held_for|.*_by_name"
)
# Columns with lists of ids: whose, and what none at all means.
LISTS = {"contracts": ("contract", "all"), "writers": ("membership", EMPTY)}


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

    of: str  # the object, as addresses of the trail call it; empty where it has no history of its own

    @property
    def folded(self) -> bool:
        """A row that came or went whole: its values are there for whoever asks, not in everybody's way."""
        return self.entry.operation != "UPDATE"


def describe_entries(entries: Iterable[Entry], reader: Membership | None = None) -> list[DescribedEntry]:
    """The entries in words. The number of statements is that of the tables that they lead to. People whose names a vendor's `reader` does
    not see are called by the organisation's."""
    entries = list(entries)
    others = reader.organisation.name if reader and reader.is_vendor else ""
    models = audited()
    people = Membership.objects.in_bulk({entry.actor_id for entry in entries if entry.actor_id})
    names = Names(_mentioned(entries, models))
    told = []
    for entry in entries:
        actor = people.get(entry.actor_id or 0)
        model = models.get(entry.table_name)
        who = actor.name if actor else others if entry.actor_id else ""
        role = actor.get_role_display() if actor else ""
        of = f"{model._meta.model_name}-{entry.row_id}" if model else ""
        changes = tuple(_changes(entry, model, names))
        told.append(DescribedEntry(entry, who, role, _what(entry, model, names), changes, of))
    return told


def _mentioned(entries: list[Entry], models: dict[str, Any]) -> dict[Any, set[int]]:
    """Every row that the entries are about or lead to, by its table."""
    found: dict[Any, set[int]] = defaultdict(set)
    for entry in entries:
        model = models.get(entry.table_name)
        if model is None:
            continue
        found[model].add(entry.row_id)
        for column, both in entry.difference.items():
            target = leads_to(_fields(model).get(column))
            if target is not None and not UNSAID.fullmatch(column):
                found[target].update(pk for pk in both if pk)
            elif column in LISTS and (listed := named(LISTS[column][0])):
                found[listed].update(pk for ids in both for pk in ids or [])
    return found


def _what(entry: Entry, model: Any, names: Names) -> str:
    done = DONE.get(entry.operation, entry.operation.lower())
    if model is None:
        return f"{entry.table_name.rpartition('_')[2].capitalize()} {done}"
    name = names.of(model, entry.row_id)
    if name is None and entry.operation != "UPDATE":
        whole = {
            column: after if entry.operation in WHOLE else before
            for column, (before, after) in entry.difference.items()
        }
        name = names.from_values(model, whole.get)
    return " ".join(filter(None, (noun_of(model), name, done)))


def _fields(model: Any) -> dict[str, Any]:
    return {field.column: field for field in model._meta.local_concrete_fields} if model else {}


def _changes(entry: Entry, model: Any, names: Names) -> Iterable[Change]:
    fields = _fields(model)
    for column, both in sorted(entry.difference.items()):
        if UNSAID.fullmatch(column) or (entry.operation in WHOLE and both[1] in (None, "", [], {})):
            continue
        field = fields.get(column)
        label = str(field.verbose_name) if field else column.replace("_", " ")
        # People whom a vendor does not see have their names beside: who acted is kept by name, too.
        beside = entry.difference.get(f"{column.removesuffix('_id')}_name", ("", ""))
        before, after = (_value(one, field, column, names, beside[place]) for place, one in enumerate(both))
        yield Change(f"{label[:1].upper()}{label[1:]}", before, after)


def _value(value: Any, field: Any, column: str, names: Names, beside: str) -> str:
    if value is None:
        return LISTS[column][1] if column in LISTS else EMPTY
    if target := leads_to(field):
        return names.of(target, value, 1) or beside or NOBODY
    if column in LISTS and (listed := named(LISTS[column][0])):
        return ", ".join(names.of(listed, pk, 1) or NOBODY for pk in value) or "none"
    return format_value(value, field)
