"""Documentation that can be checked: its links lead somewhere, its commands and folders exist, and README leads to every page."""

import importlib
import re
from pathlib import Path

from django.core.management import get_commands

from tests.architecture.sources import APPS, ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#]*)(#[^)]*)?\)")


def headings(page: Path) -> set[str]:
    """The anchors that a page has, as they are made of its headings."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_links_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for path, anchor in LINK.findall(page.read_text()):
            target = (page.parent / path).resolve() if path else page
            if path.startswith(("http://", "https://", "mailto:")):
                continue
            if not target.exists() or (anchor and anchor not in headings(target)):
                broken.append(f"{page.relative_to(ROOT)}: {path}{anchor}")
    assert broken == []


def test_readme_leads_to_every_page() -> None:
    linked = {path for path, _ in LINK.findall((ROOT / "README.md").read_text())}
    missing = [f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md") if f"docs/{page.name}" not in linked]
    assert missing == []


def test_commands_exist() -> None:
    known = {*get_commands(), "demo"}
    named = {(page.name, word) for page in PAGES for word in re.findall(r"manage\.py (\w+)", page.read_text())}
    assert [f"{page}: manage.py {word}" for page, word in sorted(named) if word not in known] == []


def test_the_folders_of_tests_are_described() -> None:
    text = (ROOT / "docs/testing.md").read_text()
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"lib"}
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("*.py"))} - apps
    assert {name for name in folders if f"`tests/{name}/`" not in text} == set()
    described = set(re.findall(r"`tests/([\w.]+)/?`", text))
    assert {name for name in described if not (ROOT / "tests" / name).exists()} == set()


def test_where_to_look_names_what_is_there() -> None:
    """In each row every file exists, and every name of the last column is defined in one of them."""
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where to look")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$", table, re.M)
    assert len(rows) > 10
    wrong = []
    for places, names in rows[1:]:
        files = [found for place in re.findall(r"`([^`]+)`", places) for found in _files(place)]
        wrong += [place for place in re.findall(r"`([^`]+)`", places) if not _files(place)]
        text = "\n".join(file.read_text() for file in files)
        defined = r"^(def |class |\s*)({})( AS |\(|:| = )"
        wrong += [name for name in re.findall(r"`(\w+)`", names) if not re.search(defined.format(name), text, re.M)]
    assert wrong == []


def _files(place: str) -> list[Path]:
    """`models.py` stands for that of every app, a folder for its modules."""
    path = ROOT / place
    if "/" not in place:
        return sorted(ROOT.glob(f"*/{place}"))
    return sorted(path.glob("*.py")) if path.is_dir() else [path] if path.exists() else []


def test_code_that_is_named_exists() -> None:
    """`organisations/row_security.py` and `lib.transitions.move`: a file is there, a name can be imported."""
    apps = {*APPS, "tests", "tools", "bench", "templates", "static"}
    wrong = []
    for page in PAGES:
        for name in re.findall(r"`([\w./]+)", page.read_text()):
            if re.split(r"[./]", name)[0] in apps and not name.startswith("api/v1"):
                there = (ROOT / name).exists() if "/" in name else _importable(name)
                wrong += [] if there else [f"{page.relative_to(ROOT)}: {name}"]
    assert wrong == []


def _importable(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        if not (ROOT / "/".join(parts[:end])).is_dir() and not (ROOT / ("/".join(parts[:end]) + ".py")).exists():
            continue
        found = importlib.import_module(".".join(parts[:end]))
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found is not None
    return False
