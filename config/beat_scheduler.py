"""Beat: one call each so many seconds, and nothing to remember. What is due when is found by the task
(`tick` in `config/tasks.py`), by the database's time.

Celery's own scheduler keeps the moment of its last call by this machine's clock, in a file: after that clock was ahead, it was silent until
somebody deleted the file.
"""

import time
from pathlib import Path
from typing import Any

from celery import beat


class Scheduler(beat.Scheduler):
    """Sends every entry of the schedule at once, then each after its seconds, by the monotonic clock.

    The file that Celery would keep the schedule in is touched at each round: whoever looks after the process sees that it lives.
    """

    def __init__(self, *args: Any, schedule_filename: str | None = None, **kwargs: Any) -> None:
        self._sign_of_life = Path(schedule_filename) if schedule_filename else None
        self._due: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        self.update_from_dict(self.app.conf.beat_schedule)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due. Returns the seconds until the next round."""
        now = time.monotonic()
        for name, entry in self.schedule.items():
            if now >= self._due.get(name, now):
                self.apply_entry(entry, producer=self.producer)
                self._due[name] = now + entry.schedule.seconds
        if self._sign_of_life:
            self._sign_of_life.touch()
        return max(0.0, min([*self._due.values(), now + self.max_interval]) - time.monotonic())
