"""The functions that the walls' triggers call, as each app has them in `walls/<name>.sql`.

The files are what stands: `migrate` brings the database's functions into line with them, text and rights. Nobody calls them but triggers.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

BODY = re.compile(r"AS \$\$(.*)\$\$;", re.DOTALL)
SETTING = re.compile(r"^\s+SET (\w+) = ([\w, ]+?)[ \t]*(?:--[^\n]*)?(?=\n|\Z)", re.MULTILINE)


@dataclass(frozen=True)
class WallFunction:
    """A function: the statement that makes it, what the catalogue says of it, and the sum of its text."""

    name: str
    statement: str

    @property
    def manner(self) -> str:
        """How it runs, as `catalogue` says it."""
        head = self.statement.partition("AS $$")[0]
        owner = ["with the rights of its owner"] if "SECURITY DEFINER" in head else []
        return ", ".join(owner + [f"{name}={value}" for name, value in SETTING.findall(head)])

    @property
    def text(self) -> str:
        return hashlib.md5(self._body.encode(), usedforsecurity=False).hexdigest()

    @property
    def _body(self) -> str:
        found = BODY.search(self.statement)
        if not found:
            raise ValueError(f"{self.name} has no text between AS $$ and $$;")
        return found[1]


@cache
def wall_functions() -> dict[str, WallFunction]:
    """All of them, by name."""
    ours = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    files = sorted(file for folder in ours for file in folder.glob("walls/*.sql"))
    return {file.stem: WallFunction(file.stem, file.read_text()) for file in files}
