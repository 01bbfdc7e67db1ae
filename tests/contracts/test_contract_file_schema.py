"""The published schema of contract files and the examples of the documentation keep up with what is read."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.contract_file import BadFile, json_schema, read
from tests.contracts.contract_documents import ABSENT, as_json, changed, plain, rich

DOCS = Path(__file__).parents[2] / "docs"


def test_the_published_schema_is_current():
    """Write it again with `python -m contracts.contract_file > docs/contract-file.schema.json`."""
    published = json.loads((DOCS / "contract-file.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema()


def test_the_schema_is_a_schema_and_accepts_what_is_read():
    Draft202012Validator.check_schema(json_schema())
    validator = Draft202012Validator(json_schema())
    for document in (plain(), rich(), read(as_json(rich())).document()):
        assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("colour", "red"), ("contract.currency", ABSENT), ("contract.starts_on", "soon"), ("kras.0.weight", "x"),
        ("service_levels.0.every", "day"), ("service_levels.0.terms.0.bands.0.at", "1e3"),
        ("service_levels.0.terms.0.bands.0.at", "٩٩"),
        ("service_levels.0.terms.0.bands", []), ("service_levels.0.terms", []), ("kras.0.weight", []),
        ("service_levels.0.terms.0.repeat", []), ("service_levels.0.terms.0.kras", {}), ("rules.2.bands", []),
        ("contract.charges", {"months": {"2025-13": 1}}), ("contract.charges", {"months": {"2025-01": None}}),
        ("contract.calendar.weekdays", []), ("contract.calendar.weekdays", ["mon", "mon"]),
        ("contract.calendar.hours", "09:60-17:00"), ("contract.starts_on", "2025-13-01"), ("contract.ends_on", "2225-01-01"),
        ("scorecard.minimum_coverage", "101"), ("scorecard.minimum_coverage", "100.5"), ("kras.1.weight", "0.0"),
        ("contract.report_due", "0"), ("contract.title", "  "), ("contract.title", True), ("contract.currency", None),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_reader_refuses(place, value):
    document = changed(rich(), place, value)
    assert not Draft202012Validator(json_schema()).is_valid(document)
    with pytest.raises(BadFile):
        read(as_json(document))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("contract.calendar.holidays", None), ("scorecard", None), ("credits", None),
        ("service_levels.0.terms.0.repeat", None), ("contract.reference", 2025), ("kras.0.name", "7.5"),
        ("service_levels.0.terms.0.weight", "0"), ("service_levels.0.terms.0.bands.1.points", "007.50"),
        ("scorecard.minimum_coverage", "100.00"), ("scorecard.minimum_coverage", "007.5"), ("kras.1.weight", "0.010"),
        ("contract.charges", {"months": {"2025-12": "1.50"}}), ("contract.calendar.hours", "00:00-24:00"),
        ("service_levels.0.terms.0.tolerated", {"count": 5, "window": 4}),
    ],
)  # fmt: skip
def test_the_schema_accepts_what_the_reader_accepts(place, value):
    document = changed(rich(), place, value)
    assert [error.message for error in Draft202012Validator(json_schema()).iter_errors(document)] == []
    assert read(as_json(document))


def _examples():
    text = (DOCS / "contract-file.md").read_text(encoding="utf-8")
    return [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]


def test_the_complete_examples_of_the_documentation_are_read():
    complete = [example for example in _examples() if example.startswith("plumbline:")]
    assert complete
    for example in complete:
        assert read(example).document()["plumbline"] == "1"
