"""The product and the oracle judge any contract alike, to the last digit.

HYPOTHESIS_PROFILE=thorough tries a thousand contracts.
"""

import os

import pytest
from hypothesis import HealthCheck, given, note, settings

from tests.evaluation.engines import as_csv, as_text, product
from tests.evaluation.oracle import judge
from tests.evaluation.strategies import judgements

EVERY = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
PROFILES = {"quick": settings(EVERY, max_examples=60), "thorough": settings(EVERY, max_examples=1000)}


@pytest.mark.django_db
@PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "quick")]
@given(judgements())
def test_any_contract_is_judged_alike(drawn):
    contract, figures, as_of = drawn
    note(f"{as_text(contract)}\n{as_csv(figures).decode()}\nas of {as_of}")
    got, wanted = product(contract, figures, as_of), judge(contract, figures, as_of)
    for kind, rows in wanted.items():
        assert got[kind] == rows
