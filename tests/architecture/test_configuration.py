"""docs/configuration.md has every variable that is read, once, with the default that the code has."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import ALL, ROOT, Source

# Set by what starts us, or by one of our processes for another: nobody chooses them.
NOT_CHOSEN = {
    "BENCH_FOLDER",
    "CI",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "DJANGO_SETTINGS_MODULE",
    "PATH",
    "PLUMBLINE_TEST_RUN",
    "PYTEST_XDIST_WORKER",
}
READERS = {"environ", "flag", "words"}
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \|([^|]+)\|([^|]+)\|([^|]+)\|$", re.M)
TABLE = ROW.findall((ROOT / "docs/configuration.md").read_text())


def reads(source: Source) -> Iterator[tuple[str, str | None]]:
    """Each variable that a file reads, and its default where that is a plain text."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Subscript(
                value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name)), ctx=ast.Load()
            ):
                yield name, None
            case ast.Call(func=ast.Attribute(value=reader, attr="get"), args=[ast.Constant(value=str(name)), *rest]):
                if _word(reader) in READERS:
                    yield name, _text(rest)
            case ast.Call(func=ast.Name(id=reader), args=[ast.Constant(value=str(name)), *rest]) if reader in READERS:
                if re.fullmatch(r"[A-Z_]+", name):
                    yield name, _text(rest)


def _word(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _text(nodes: list[ast.expr]) -> str | None:
    match nodes:
        case [ast.Constant(value=str(default))]:
            return default
    return None


def in_files() -> set[str]:
    """What compose, its example of settings, and the task runner name."""
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
    compose = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    runner = re.findall(r"\$\{([A-Z_]+):-", (ROOT / "dev").read_text())
    return {*example, *compose, *runner}


def test_every_variable_is_in_the_table_once() -> None:
    listed = [row[0] for row in TABLE]
    read = {name for source in ALL if not source.name.startswith("tests/architecture/") for name, _ in reads(source)}
    assert sorted(listed) == sorted((read | in_files()) - NOT_CHOSEN)


def test_the_table_says_the_defaults_of_the_code() -> None:
    stated = {name: default.strip() for name, _, default, _ in TABLE}
    wrong = [
        f"{name}: {default!r} in {source}"
        for source in ALL
        if not source.name.startswith("tests/")
        for name, default in reads(source)
        if name in stated and default is not None
        if stated[name] != (f"`{default}`" if default else "none")
    ]
    assert wrong == []


def test_every_row_says_when_it_is_needed() -> None:
    known = ("**production**", "by choice", "demo", "tests")
    assert [row[0] for row in TABLE if not row[1].strip() or not row[3].strip().startswith(known)] == []
