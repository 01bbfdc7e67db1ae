"""Asking the database by SQL alone, as whoever had found a way round the application."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction


def ask(sql: str, *values: Any) -> int:
    """Rows that were written."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(sql: str, *values: Any) -> str:
    with pytest.raises(DatabaseError) as refusal:
        ask(sql, *values)
    assert refusal.value.__cause__.pgcode == "42501", refusal.value  # type: ignore[union-attr]
    return str(refusal.value)
