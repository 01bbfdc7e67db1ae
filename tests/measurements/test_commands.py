"""Figures by command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from measurements.models import Submission
from tests.cast import Cast
from tests.measurements.reporting import contract, csv
from tests.slas.test_commands import run

Scopes = Callable[..., Any]


@pytest.fixture
def path(cast: Cast, scope_of: Scopes, tmp_path: Path) -> Path:
    with scope_of(cast.aldermoor):
        contract()
    path = tmp_path / "figures.csv"
    path.write_bytes(csv("SL-01,2024-04-01,98,100", "SL-01,2024-05-01,98,100"))
    return path


@pytest.mark.parametrize(
    ("options", "status"), [({}, "draft"), ({"submit": True}, "submitted"), ({"accept": True}, "accepted")]
)
def test_figures_go_in(options: dict[str, bool], status: str, path: Path, cast: Cast, scope_of: Scopes) -> None:
    assert f"MSA-1, May 2024, revision 1: {status}" in run("import_figures", "aldermoor", "MSA-1", path, **options)
    with scope_of(cast.marco):
        assert list(Submission.objects.values_list("status", "source")) == [(status, "figures.csv")] * 2


def test_what_is_refused_changes_nothing(path: Path, cast: Cast, scope_of: Scopes) -> None:
    run("import_figures", "aldermoor", "MSA-1", path, accept=True)
    path.write_bytes(csv("SL-01,2024-04-01,90,100"))
    with pytest.raises(CommandError, match="Say why"):
        run("import_figures", "aldermoor", "MSA-1", path, accept=True)
    path.write_bytes(csv("SL-01,2024-04-01,101,100", "SL-01,2024-04-31,1,100"))
    with pytest.raises(CommandError, match=r"(?s)line 2, numerator: .*line 3, period: "):
        run("import_figures", "aldermoor", "MSA-1", path)
    with scope_of(cast.marco):
        assert Submission.objects.count() == 2


@pytest.mark.parametrize(
    "words",
    [["nowhere", "MSA-1", "x.csv"], ["aldermoor", "MSA-404", "x.csv"], ["aldermoor", "MSA-1", "is-not-there.csv"]],
)
def test_what_is_not_there_is_said(words: list[str], path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no|No such file|has no contract"):
        run("import_figures", *words)
