"""Signs of life of what goes round: beat, the queues, the night. By the database's time, so that no other clock can hide a silence."""

from datetime import datetime, timedelta

from django.db import connection

CLAIM = """
INSERT INTO organisations_heartbeat AS h (name, at) VALUES (%(name)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE h.at < %(before)s OR h.at > excluded.at + interval '1 hour'
RETURNING name
"""


def claim(name: str, *, now: datetime, before: datetime) -> bool:
    """Note a sign of life, unless there was one since `before`. Of two who come at the same moment one is let through.

    A sign from a future hour was noted while the database's clock was wrong; it counts as none.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"name": name, "now": now, "before": before})
        return cursor.fetchone() is not None


def note(name: str, *, now: datetime) -> None:
    """Note a sign of life."""
    claim(name, now=now, before=now + timedelta(seconds=1))


def ages() -> dict[str, float]:
    """How many seconds ago each sign of life was noted. One statement; what was never heard of is not there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, extract(epoch FROM clock_timestamp() - at)::float FROM organisations_heartbeat")
        return {name: max(0.0, age) for name, age in cursor.fetchall()}
