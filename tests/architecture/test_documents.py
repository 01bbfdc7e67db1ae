"""Documentation that can be checked: its links lead somewhere, its commands and folders exist, and README leads to every page."""

import re
from pathlib import Path

from django.core.management import get_commands

from tests.architecture.sources import ROOT

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
