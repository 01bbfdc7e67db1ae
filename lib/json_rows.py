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
    fields = {field.column: field for field in model._meta.concrete_fields}
    made = []
    for row in json.loads(text, cls=ExactDecoder):
        names, values = [], []
        for column, field in fields.items():
            if column in row:
                names.append(field.attname)
                value = row[column]
                values.append(value if value is None else field.to_python(value))
        one = model.from_db(connection.alias, names, values)
        vars(one).update({name: value for name, value in row.items() if name not in fields})
        made.append(one)
    return made
