"""What rows are called by people: never by their numbers. A model says in CALLED which of its columns name a row."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from audit.querysets import called, may_be_read, naming_values
from lib.templatetags.dates import format_day, format_moment, month_name
from lib.templatetags.numbers import number
from organisations.tenancy import TenantModel

LONGEST = 120
EMPTY = "empty"
NOBODY = "not shown here"  # a row that is gone, or that the reader does not see
MONTHS = frozenset({"month", "posted_in"})  # first days that stand for months
NOUNS = {"kra": "KRA", "kraweight": "KRA weight", "apikey": "API key"}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
# How much of a name is said where it is part of another one: two of its columns, then one.
PARTS = (None, 2, 1)


def noun_of(model: Any) -> str:
    """As a sentence begins with it."""
    noun = NOUNS.get(model._meta.model_name, str(model._meta.verbose_name))
    return f"{noun[:1].upper()}{noun[1:]}"


class Names:
    """Names of rows, read with one statement a round whatever the tables: a figure's service level, then that one's contract."""

    def __init__(self, wanted: Mapping[Any, Iterable[int]]) -> None:
        self._rows: dict[Any, dict[int, Any]] = defaultdict(dict)
        self._learn(wanted)

    def _learn(self, wanted: Mapping[Any, Iterable[int]]) -> None:
        """Read these rows, and those that they are called by."""
        while missing := {
            model: ids
            for model, given in wanted.items()
            if may_be_read(model) and (ids := set(given) - self._rows[model].keys())
        }:
            found = naming_values(missing)
            then: dict[Any, set[int]] = defaultdict(set)
            for model, ids in missing.items():
                self._rows[model] |= {pk: found[model].get(pk) for pk in ids}
                for field in called(model):
                    if field.is_relation:
                        then[field.related_model].update(
                            filter(None, (row[field.column] for row in found[model].values()))
                        )
            wanted = then

    def of(self, model: Any, pk: int, depth: int = 0) -> str | None:
        """The name of a row; None where it is gone or not to be seen."""
        row = self._rows[model].get(pk)
        return None if row is None else self.from_values(model, row.get, depth)

    def from_values(self, model: Any, value_of: Callable[[str], Any], depth: int = 0) -> str:
        """The name of a row with these values in its columns."""
        parts = []
        for field in called(model)[: PARTS[min(depth, 2)]]:
            value = value_of(field.column)
            if value in (None, ""):
                continue
            if field.is_relation:
                parts.append(self.of(field.related_model, value, depth + 1) or "")
            elif isinstance(value, int) and not isinstance(value, bool):
                parts.append(f"{field.verbose_name} {value}")
            else:
                parts.append(format_value(value, field))
        return ", ".join(part for part in parts if part)


def leads_to(field: Any) -> Any:
    """The organisation's table that a column's values are rows of; None for other columns."""
    target = field.related_model if field is not None and field.is_relation else None
    return target if isinstance(target, type) and issubclass(target, TenantModel) else None


def format_value(value: Any, field: Any = None) -> str:
    """A value as people read it, from a row or from the trail."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(field.flatchoices) if field is not None and field.flatchoices else {}
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    kind = field.get_internal_type() if field is not None else ""
    if kind == "DecimalField":
        return number(value)
    if kind in ("DateField", "DateTimeField"):
        return _time(value, month=field.name in MONTHS)
    if kind == "DateRangeField":
        return _range(str(value))
    text = _plain(value)
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text


def _time(value: Any, month: bool) -> str:
    moment = value
    if isinstance(value, str):
        moment = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(moment, datetime):
        return format_moment(moment)
    return month_name(moment) if month else format_day(moment)


def _range(text: str) -> str:
    """From a day to before another, as PostgreSQL writes it: [2024-01-01,2025-01-01)."""
    first, _, end = text.strip("[]()").partition(",")
    until = f", until before {format_day(date.fromisoformat(end))}" if end else ""
    return f"from {format_day(date.fromisoformat(first))}{until}"


def _plain(value: Any) -> str:
    """Lists and settings in lines of words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {_plain(one)}" for name, one in value.items() if one != "")
    if isinstance(value, list | tuple):
        return "; ".join(_plain(one) for one in value) or EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return number(value)
    text = EMPTY if value is None else str(value)
    if DAY.fullmatch(text):
        return format_day(date.fromisoformat(text))
    if MONTH.fullmatch(text):
        return month_name(date.fromisoformat(f"{text}-01"))
    is_hash = len(text) == 64 and set(text) <= set("0123456789abcdef")
    return f"{text[:12]}…" if is_hash else text
