"""The project's own source files, parsed."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINE = (
    ("demo",),
    ("embedded",),
    ("config",),
    ("api",),
    ("dashboards", "reporting", "agreements"),
    ("scorecards",),
    ("breaches",),
    ("disputes",),
    ("credits",),
    ("explanations",),
    ("evaluation",),
    ("measurements",),
    ("slas",),
    ("kras",),
    ("contracts",),
    ("files",),
    ("exports",),
    ("notifications", "audit"),
    ("organisations",),
    ("lib",),
)
APPS = tuple(app for step in LINE for app in step)


@dataclass(frozen=True)
class Source:
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def app(self) -> str:
        return self.name.split("/")[0]

    @property
    def drawer(self) -> str:
        """`actions` for actions.py and for actions/disputes.py."""
        return self.path.relative_to(ROOT).parts[1].removesuffix(".py")

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def __str__(self) -> str:
        return self.name


def _found(folders: tuple[str, ...], pattern: str) -> list[Source]:
    return [Source(path) for folder in folders for path in sorted((ROOT / folder).rglob(pattern)) if path.is_file()]


PYTHON = _found(APPS, "*.py")
MIGRATIONS = [source for source in PYTHON if "/migrations/" in source.name and not source.name.endswith("__init__.py")]
PRODUCT = [source for source in PYTHON if "/migrations/" not in source.name]
SQL = _found(APPS, "*.sql")
ALL = [*PRODUCT, *_found(("tests", "tools", "bench"), "*.py"), Source(ROOT / "manage.py")]
TEMPLATES = _found(("templates",), "*.html")


def imports(tree: ast.AST) -> set[str]:
    """Dotted names that a file imports: "django.db.models" and "django.db.models.TextChoices"."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
