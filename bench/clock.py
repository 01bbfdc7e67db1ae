"""Timing, counting and saying it."""

import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(times: list[float]) -> float:
    return statistics.median(times)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that run inside, on the default connection."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def memory() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def say(what: str, took: float, floor: float | None = None, of: str = "") -> None:
    """One line: what, how long, and how many times the named floor."""
    ratio = "" if floor is None else f"  = {took / floor:5.2f} × {of} ({_short(floor)})"
    print(f"  {what:<58} {_short(took):>10}{ratio}", flush=True)


def _short(took: float) -> str:
    return f"{took * 1000:.1f} ms" if took < 1 else f"{took:.1f} s"
