"""Files of others are the ones that were locked."""

import json
import re
import shutil

import pytest

from tests.look.lint import ROOT
from tools import vendor


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the vendored files that may be damaged."""
    folder = shutil.copytree(vendor.OUT, tmp_path / "vendor")
    lock = shutil.copy(vendor.LOCK, tmp_path / "lock.json")
    monkeypatch.setattr(vendor, "OUT", folder)
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "lock.json")
    return folder, lock


def test_all_files_match_the_lock():
    assert vendor.differences() == []
    assert vendor.main(["--check"]) == 0


def test_a_changed_byte_is_noticed(copy):
    folder, _ = copy
    name = "htmx-4.0.1.min.js"
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert vendor.differences() == [f"{name}: changed"]
    assert vendor.main(["--check"]) == 1


def test_a_missing_and_an_extra_file_are_noticed(copy):
    folder, _ = copy
    (folder / "inter-latin.woff2").unlink()
    (folder / "more.js").write_text("x")
    assert set(vendor.differences()) == {"inter-latin.woff2: missing", "more.js: not in the lock"}


def test_another_version_than_listed_is_noticed(copy, monkeypatch, tmp_path):
    listed = tmp_path / "vendor.toml"
    listed.write_text(vendor.LIST.read_text().replace('"5.3.0"', '"5.4.0"'))
    monkeypatch.setattr(vendor, "LIST", listed)
    assert "inter-latin.woff2: listed version differs from the locked one" in vendor.differences()


def test_each_package_brings_its_licence():
    lock = json.loads(vendor.LOCK.read_text())
    licensed = {entry["package"] for name, entry in lock.items() if name.endswith("LICENSE.txt")}
    assert licensed == {entry["package"] for entry in lock.values()}


def test_no_registry_is_named():
    for path in (vendor.LIST, vendor.LOCK, ROOT / "tools/vendor.py"):
        assert not re.search(r"https?://|registry\.", path.read_text()), path.name


def test_what_pages_load_is_there():
    names = set()
    for template in (ROOT / "templates").rglob("*.html"):
        names |= set(re.findall(r'\{% static "([^"]+)" %\}', template.read_text()))
    assert names
    assert [name for name in names if not (ROOT / "static" / name).is_file()] == []


def test_fonts_of_the_style_sheet_are_there():
    for address in re.findall(r'url\("([^"#]+)"\)', (ROOT / "static/css/app.css").read_text()):
        assert (ROOT / "static/css" / address).resolve().is_file(), address
