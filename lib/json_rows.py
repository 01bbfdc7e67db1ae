"""Rows that a statement gives as JSON, as instances of their models: several short lists come from the database in one answer."""

import json
from typing import TypeVar

from django.db import connection, models

from lib.exact_json import ExactDecoder

M = TypeVar("M", bound=models.Model)


def instances(model: type[M], text: str) -> list[M]:
    """The rows of `json_agg(row)::text`. Columns that are not there are deferred; others than the model's become attributes as they are.

    For plain columns: ranges do not come back from JSON.
    """
    rows = json.loads(text, cls=ExactDecoder)
    if not rows:
        return []
    # Every row has the same columns.
    there = [field for field in model._meta.concrete_fields if field.column in rows[0]]
    names, readers = [field.attname for field in there], [(field.column, field.to_python) for field in there]
    others = rows[0].keys() - {field.column for field in there}
    made = []
    for row in rows:
        values = [None if row[column] is None else read(row[column]) for column, read in readers]
        one = model.from_db(connection.alias, names, values)
        vars(one).update({name: row[name] for name in others})
        made.append(one)
    return made
