"""The clock of the demo's years: while they are played, the product takes each moment for the present one.

So what follows from an act, outside any story, has its date too: when a breach was opened, who was notified, what was written when.
The trail alone keeps to the database's own time: it says when a row was written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone

from lib import clock


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Both of the product's clocks say `moment` in this process: the one that decides, and the one of what is only shown."""
    kept = timezone.now, clock.database_now
    timezone.now = clock.database_now = lambda: moment
    try:
        yield
    finally:
        timezone.now, clock.database_now = kept
