"""Refusing a file."""

from collections.abc import Iterable

from lib.errors import RuleBroken


class FileRefused(RuleBroken):
    """A file that is not taken. `problems` are all that is wrong with it, in its order: `contract_file.Problem` with path and
    message, or `figures_file.FigureProblem` with line, column and message. Each says itself as text."""

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = list(problems)
        many = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__("file", f"The file was refused and nothing was changed. {self.problems[0]}{many}")
