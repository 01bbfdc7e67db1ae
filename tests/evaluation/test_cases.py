"""Every acceptance case, through each engine that judges contracts; and those that must be refused."""

import pytest

from contracts.contract_file import BadFile
from measurements.figures_file import BadFigures
from tests.evaluation.case_files import differences, load_cases
from tests.evaluation.engines import product
from tests.evaluation.oracle import judge

CASES = load_cases()
JUDGED = [case for case in CASES if "expect" in case]
REFUSED = [case for case in CASES if "error" in case]


def ids(cases):
    return [case["id"] for case in cases]


@pytest.mark.parametrize("case", JUDGED, ids=ids(JUDGED))
def test_case_comes_out_of_the_oracle_as_worked_out_by_hand(case):
    got = judge(case["contract"], case["figures"], case.get("as_of"))
    assert differences(case["expect"], got) == [], case["why"]


@pytest.mark.django_db
@pytest.mark.parametrize("case", JUDGED, ids=ids(JUDGED))
def test_case_comes_out_of_the_product_as_worked_out_by_hand(case):
    got = product(case["contract"], case["figures"], case.get("as_of"))
    assert differences(case["expect"], got) == [], case["why"]
    assert got == judge(case["contract"], case["figures"], case.get("as_of"))


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED, ids=ids(REFUSED))
def test_case_is_refused_with_the_place_and_the_reason(case):
    with pytest.raises((BadFile, BadFigures)) as refused:
        product(case["contract"], case["figures"], case.get("as_of"))
    assert [text for text in case["error"] if text not in str(refused.value)] == [], str(refused.value)


def test_case_ids_are_unique():
    assert len(ids(CASES)) == len(set(ids(CASES)))


def test_each_case_expects_something():
    assert [case["id"] for case in CASES if not (case.get("expect") or case.get("error"))] == []
