"""The time that decides: the database's. The clocks of web processes, workers and beat may differ, and each decides for all.

What is only shown, or lasts as long as one request, may go by the process's own clock.
"""

import time
from datetime import datetime, timedelta

from django.db import connection


def database_now() -> datetime:
    """The database's time, aware. One statement; it needs no scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


class DatabaseClock:
    """Says the database's time at each call: it is read once, then this process's monotonic clock goes on from there."""

    def __init__(self) -> None:
        self._read_at = time.monotonic()
        self._read = database_now()

    def __call__(self) -> datetime:
        return self._read + timedelta(seconds=time.monotonic() - self._read_at)
