"""Every test that `docs/faults.md` names is there."""

import re

import pytest

from tests.architecture.sources import ROOT

NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "faults.md").read_text())


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_what_holds_a_fault_is_there(path, test):
    assert re.search(rf"^ *(?:async )?def {test or ''}", (ROOT / path).read_text(), re.MULTILINE)
