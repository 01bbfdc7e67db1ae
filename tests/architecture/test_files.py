"""Sizes, names, and the import line, checked by a program so that no document has to plead."""

import ast
import subprocess
import sys

from tests.architecture.sources import ALL, APPS, LINE, MIGRATIONS, PRODUCT, ROOT, SQL, TEMPLATES, imports

NOT_USED = {"utils", "helpers", "common", "core", "base", "misc", "services", "managers", "signals"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# What a migration may import of ours: fields of its own kind, and the walls' words.
MIGRATIONS_MAY = {"organisations.tenancy", "organisations.scope", "lib.exact"}


def test_the_import_line_and_the_drawers() -> None:
    """The contracts stand in pyproject.toml."""
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_app_has_its_place_in_the_line() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"embedded", "lib"}
    assert packages == set(APPS)
    written = (ROOT / "pyproject.toml").read_text()
    for step in LINE:
        assert f'"{" | ".join(step)}",' in written, step


def test_files_and_functions_are_short() -> None:
    long = [f"{source}: {n}" for source in [*ALL, *SQL] if (n := len(source.text.splitlines())) > LONGEST_FILE]
    for source in ALL:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{source} {node.name}: {length}"] if length > LONGEST_FUNCTION else []
    assert long == []


def test_files_say_what_they_are() -> None:
    names = {source.name for source in ALL if set(source.path.with_suffix("").parts) & NOT_USED}
    assert names == set()


def test_imports_stand_at_the_top() -> None:
    """Not inside functions, where they would hide a circle. What runs before Django is set up stands outside this rule."""
    hidden = [
        f"{source}:{inner.lineno}"
        for source in PRODUCT
        if source.app not in {"demo", "embedded"} and source.drawer != "wsgi"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_nothing_happens_by_signal_or_generic_key() -> None:
    forbidden = ("django.dispatch", "django.db.models.signals", "django.contrib.contenttypes.fields")
    assert [str(source) for source in PRODUCT if any(name.startswith(forbidden) for name in imports(source.tree))] == []


def test_migrations_import_nothing_that_will_change() -> None:
    found = {
        f"{source}: {name}"
        for source in MIGRATIONS
        for name in imports(source.tree)
        if name.split(".")[0] in APPS and name not in MIGRATIONS_MAY
    }
    assert found == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(source)
        for source in ALL
        if source.text.strip() and source.path.name not in {"apps.py", "wsgi.py", "manage.py"}
        if not ast.get_docstring(source.tree)
    ]
    assert silent == []


def test_pages_have_nothing_inline() -> None:
    """The Content-Security-Policy would stop it; here it is said earlier. E-mails may be styled inline."""
    words = ("<style", " style=", "<script>", "javascript:", " onclick=", " onchange=", " onsubmit=", " onload=")
    found = [
        f"{source}: {word.strip()}"
        for source in TEMPLATES
        if "/email/" not in source.name
        for word in words
        if word in source.text.lower()
    ]
    assert found == []
