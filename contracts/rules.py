"""Refusing a file."""

from collections.abc import Iterable

from contracts.contract_file import Problem
from lib.errors import RuleBroken


class FileRefused(RuleBroken):
    """A file that is not taken, with everything that is wrong with it. `problems` are (path, message), in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        many = f" and {len(self.problems) - 1} more" if len(self.problems) > 1 else ""
        super().__init__("file", f"The file was refused and nothing was changed. {self.problems[0]}{many}")
