"""The tests can fail: each deliberate error in the SQL makes a case or a random contract come out differently."""

from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from evaluation import pipeline
from tests.evaluation.case_files import differences, load_cases
from tests.evaluation.engines import product
from tests.evaluation.oracle import judge
from tests.evaluation.sql_errors import ERRORS
from tests.evaluation.strategies import judgements

CASES = {case["id"]: case for case in load_cases() if "expect" in case}
RANDOM = "random contract"
EACH = [pytest.param(error, id=error.name.replace(" ", "-")) for error in ERRORS]


@pytest.fixture(scope="module")
def contracts():
    """Thirty contracts with figures and as-of day, the same in every run."""
    drawn = []

    @seed(2024)
    @settings(
        max_examples=30, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(judgements(most_months=12))
    def draw(one):
        drawn.append(one)

    draw()
    return drawn[-30:]


@contextmanager
def sql_with(error):
    """The judgement with an error in its SQL."""
    folder = pipeline.FOLDER
    with TemporaryDirectory() as scratch:
        for path in folder.glob("*.sql"):
            Path(scratch, path.name).write_text(path.read_text())
        text = Path(scratch, error.file).read_text()
        for old, new in error.replacements:
            text = text.replace(old, new)
        Path(scratch, error.file).write_text(text)
        try:
            pipeline.FOLDER = Path(scratch)
            pipeline.statement.cache_clear()
            yield
        finally:
            pipeline.FOLDER = folder
            pipeline.statement.cache_clear()


def catchers(error, contracts):
    """What notices the error: the one that is named for it first, then all others."""
    ordered = sorted(CASES.values(), key=lambda case: case["id"] != error.caught_by)
    if error.caught_by != RANDOM:
        for case in ordered:
            got = product(case["contract"], case["figures"], case.get("as_of"))
            if differences(case["expect"], got):
                yield case["id"]
    for contract, figures, as_of in contracts:
        if product(contract, figures, as_of) != judge(contract, figures, as_of):
            yield RANDOM


@pytest.mark.django_db
@pytest.mark.parametrize("error", EACH)
def test_an_error_is_caught(error, contracts, record_property):
    record_property("error", error.name)
    with sql_with(error):
        caught_by = next(catchers(error, contracts), None)
    record_property("caught by", caught_by or "NOTHING")
    assert caught_by == error.caught_by


@pytest.mark.parametrize("error", EACH)
def test_an_error_stands_in_its_place(error):
    text = (pipeline.FOLDER / error.file).read_text()
    assert [text.count(old) for old, _ in error.replacements] == [1] * len(error.replacements)
    assert all(old != new for old, new in error.replacements)


def test_errors_have_names_of_their_own():
    assert len(ERRORS) >= 14 and max(Counter(error.name for error in ERRORS).values()) == 1


@pytest.mark.django_db
def test_without_an_error_nothing_is_caught(contracts):
    for contract, figures, as_of in contracts:
        assert product(contract, figures, as_of) == judge(contract, figures, as_of)
