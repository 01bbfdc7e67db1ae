"""Rows that a statement gives as JSON, as instances of their models: several short lists come from the database in one answer."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

from lib.exact_json import ExactDecoder

M = TypeVar("M", bound=models.Model)
Reader = tuple[str, Callable[[Any], Any] | None]

# What these fields make of a value is the value, as JSON has it.
AS_IT_IS = {
    one.to_python
    for one in (models.Field, models.CharField, models.TextField, models.IntegerField, models.BooleanField)
}


def instances(model: type[M], text: str) -> list[M]:
    """The rows of `json_agg(row)::text`. Columns that are not there are deferred; others than the model's become attributes as they are.

    For plain columns: ranges do not come back from JSON.
    """
    rows = json.loads(text, cls=ExactDecoder)
    if not rows:
        return []
    names, readers, others = _columns(model, tuple(rows[0]))  # every row has the same
    database, made = connection.alias, []
    for row in rows:
        values = [
            value if read is None or value is None else read(value)
            for value, read in ((row[column], read) for column, read in readers)
        ]
        one = model.from_db(database, names, values)
        vars(one).update({name: row[name] for name in others})
        made.append(one)
    return made


@lru_cache(256)
def _columns(model: type[models.Model], there: tuple[str, ...]) -> tuple[list[str], list[Reader], list[str]]:
    """Of rows with these columns: the model's attributes, how each is read, and the columns that are not the model's."""
    fields = [field for field in model._meta.concrete_fields if field.column in there]
    readers = [(str(field.column), _reader(field)) for field in fields]
    return [field.attname for field in fields], readers, [name for name in there if name not in dict(readers)]


def _reader(field: Any) -> Callable[[Any], Any] | None:
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return None if type(target).to_python in AS_IT_IS else field.to_python
