"""What is wrong with a file, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]
"""What a check finds: where, and what to say."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SHOWN = 60
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` leads to it (`service_levels[2].terms[0].bands[3].at`, or a line and column
    where the file cannot be read at all); `message` says what is wrong and what to do about it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class BadFile(ValueError):
    """A contract file that is refused, with what is wrong with it, in the order of the file; after MOST_PROBLEMS nothing is looked for."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(islice(problems, MOST_PROBLEMS + 1))
        if len(self.problems) > MOST_PROBLEMS:
            self.problems[-1] = Problem("", f"and more; correct these {MOST_PROBLEMS} first")
        super().__init__("\n".join(str(problem) for problem in self.problems))


def printable(text: str) -> str:
    """What stands in the file, as a message or a path may show it: on one line, without what commands a terminal, cut."""
    text = CONTROL.sub("?", text) or '""'
    return f"{text[:SHOWN]}…" if len(text) > SHOWN else text


def written(path: Path) -> str:
    """A path as people write it: keys joined by points, positions in brackets, counted from 0."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{printable(step)}" if text else printable(step)
    return text


def problem(path: Path, message: str) -> Problem:
    """A problem at a path given as its steps."""
    return Problem(written(path), message)
