"""Contracts by command: in, out, and what is said where they are refused."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from contracts import contract_file
from contracts.models import Contract
from tests.cast import Cast
from tests.slas.contract_texts import document, terms, text

Scopes = Callable[..., Any]


def run(*words: str | Path, **options: Any) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, **options)
    return out.getvalue()


def test_a_contract_goes_in_and_comes_out(cast: Cast, scope_of: Scopes, tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    path.write_text(text(document()))
    assert "would be imported" in run("import_contract", "aldermoor", path, dry_run=True)
    with scope_of(cast.petra):
        assert not Contract.objects.exists()
    assert "(MSA-1 Service desk)" in run("import_contract", "aldermoor", path)
    assert "nothing new" in run("import_contract", "aldermoor", path)
    assert contract_file.read(run("export_contract", "aldermoor", "MSA-1")) == contract_file.read(path.read_bytes())
    assert json.loads(run("export_contract", "aldermoor", "\u200bMSA-1 ", "--format", "json"))["plumbline"] == "1"


def test_all_files_are_taken_or_none(cast: Cast, scope_of: Scopes, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(text(document()))
    broken = document()
    broken["service_levels"][0]["terms"][0]["better"] = "more"
    broken["contract"]["reference"] = "MSA-2"
    bad.write_text(text(broken))
    with pytest.raises(CommandError, match=r"bad.json:\n  service_levels\[0\].terms\[0\].better"):
        run("import_contract", "aldermoor", good, bad)
    with scope_of(cast.petra):
        assert not Contract.objects.exists()


def test_a_change_of_what_is_agreed_is_said_with_its_remedy(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    path.write_text(text(document()))
    run("import_contract", "aldermoor", path)
    other = document()
    other["service_levels"][0]["terms"] = [terms(repeat=[1, 2])]
    path.write_text(text(other))
    with pytest.raises(CommandError, match="later `from`"):
        run("import_contract", "aldermoor", path)


@pytest.mark.parametrize(
    "words",
    [
        ["import_contract", "nowhere", "x.yaml"],
        ["import_contract", "aldermoor", "is-not-there.yaml"],
        ["export_contract", "nowhere", "MSA-1"],
        ["export_contract", "aldermoor", "MSA-404"],
    ],
)
def test_what_is_not_there_is_said(words: list[str], cast: Cast) -> None:
    with pytest.raises(CommandError, match=r"There is no|No such file|has no contract"):
        run(*words)
