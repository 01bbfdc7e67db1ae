"""The only ways to change a status: of one row, and of many at once."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.db import models
from django.db.models import F

from lib.errors import Conflict

Transitions = Mapping[str, Collection[str]]
M = TypeVar("M", bound=models.Model)


def move(row: M, to: str, table: Transitions, **changes: Any) -> M:
    """Move `row.status` to `to` where `table` allows it, together with `changes`, and count its version up where it has one.

    The update names the old status and the version that was read, so of two people who act at once one wins and the other gets Conflict.
    """
    old = row.status  # type: ignore[attr-defined]
    if to not in table.get(old, ()):
        raise Conflict("status", f"This is {old} by now and cannot become {to}. Reload to see its state.")
    read = {"version": row.version} if _versioned(type(row)) else {}  # type: ignore[attr-defined]
    counted = {"version": row.version + 1} if read else {}  # type: ignore[attr-defined]
    changed = type(row)._base_manager.filter(pk=row.pk, status=old, **read).update(status=to, **counted, **changes)
    if not changed:
        raise Conflict("status", "Somebody else changed this at the same moment. Reload to see its state.")
    for name, value in {"status": to, **counted, **changes}.items():
        setattr(row, name, value)
    return row


def must_be_as_seen(row: models.Model, seen: int | None) -> None:
    """Conflict where the row is another version by now than the one that somebody saw who decides on it.

    `seen` is what their page or call carries; None where nobody looked: the system, an import.
    """
    if seen is not None and row.version != seen:  # type: ignore[attr-defined]
        raise Conflict("version", "This was changed after you opened it. Look at it as it is now, then decide.")


def touched(rows: models.QuerySet[Any], **changes: Any) -> int:
    """Write `changes` to rows that people look at, and count their versions up. One statement; returns how many."""
    return rows.update(version=F("version") + 1, **changes)


def _versioned(model: type[models.Model]) -> bool:
    return any(field.name == "version" for field in model._meta.concrete_fields)


def sources(to: str, table: Transitions) -> list[str]:
    """The states from which `table` leads to `to`."""
    return [status for status, following in table.items() if to in following]


def move_all(rows: models.QuerySet[Any], to: str, table: Transitions, **changes: Any) -> int:
    """Move those of `rows` to `to` that `table` lets go there, together with `changes`. One statement; returns how many.

    The old status is in its condition: what somebody moves elsewhere at this moment stays there, and is not counted.
    """
    counted = {"version": F("version") + 1} if _versioned(rows.model) else {}
    return rows.filter(status__in=sources(to, table)).update(status=to, **counted, **changes)
