"""Every acceptance case, through each engine that judges contracts."""

import pytest

from tests.evaluation.case_files import differences, load_cases
from tests.evaluation.oracle import judge

CASES = load_cases()
JUDGED = [case for case in CASES if "expect" in case]


@pytest.fixture(params=[pytest.param(judge, id="oracle")])
def engine(request):
    """A function (contract, figures, as_of) → judgement; a further engine is a further parameter."""
    return request.param


@pytest.mark.parametrize("case", JUDGED, ids=[case["id"] for case in JUDGED])
def test_case_comes_out_as_worked_out_by_hand(case, engine):
    got = engine(case["contract"], case["figures"], case.get("as_of"))
    assert differences(case["expect"], got) == [], case["why"]


def test_case_ids_are_unique():
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids))


def test_each_case_expects_something():
    assert [case["id"] for case in CASES if not (case.get("expect") or case.get("error"))] == []
