"""The only ways to change a status: of one row, and of many at once."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.db import models

from lib.errors import Conflict

Transitions = Mapping[str, Collection[str]]
M = TypeVar("M", bound=models.Model)


def move(row: M, to: str, table: Transitions, **changes: Any) -> M:
    """Move `row.status` to `to` where `table` allows it, together with `changes`.

    The update names the old status, so of two people who act at once one wins and the other gets Conflict.
    """
    old = row.status  # type: ignore[attr-defined]
    if to not in table.get(old, ()):
        raise Conflict("status", f"This is {old} by now and cannot become {to}. Reload to see its state.")
    changed = type(row)._base_manager.filter(pk=row.pk, status=old).update(status=to, **changes)
    if not changed:
        raise Conflict("status", "Somebody else changed this at the same moment. Reload to see its state.")
    row.status = to  # type: ignore[attr-defined]
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def sources(to: str, table: Transitions) -> list[str]:
    """The states from which `table` leads to `to`."""
    return [status for status, following in table.items() if to in following]


def move_all(rows: models.QuerySet[Any], to: str, table: Transitions, **changes: Any) -> int:
    """Move those of `rows` to `to` that `table` lets go there, together with `changes`. One statement; returns how many.

    The old status is in its condition: what somebody moves elsewhere at this moment stays there, and is not counted.
    """
    return rows.filter(status__in=sources(to, table)).update(status=to, **changes)
