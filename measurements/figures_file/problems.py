"""What is wrong with a figures file, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FigureProblem:
    """One thing that is wrong. `line` counts from 1, the header; None where the file as a whole is meant. `column` is
    the name in the header, or empty."""

    line: int | None
    column: str
    message: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.column) if part)
        return f"{place}: {self.message}" if place else self.message


class BadFigures(ValueError):
    """A figures file that is refused, with everything that is wrong with it. Nothing of it may be used."""

    def __init__(self, problems: Iterable[FigureProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refused(message: str, line: int | None = None, column: str = "") -> BadFigures:
    """A refusal for a single reason."""
    return BadFigures([FigureProblem(line, column, message)])


MOST_PROBLEMS = 200


def listed(problems: list[FigureProblem]) -> list[FigureProblem]:
    """The first 200, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    more = FigureProblem(None, "", f"and {len(problems) - MOST_PROBLEMS} more; correct these first")
    return [*problems[:MOST_PROBLEMS], more]
