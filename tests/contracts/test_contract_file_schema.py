"""The published schema of contract files and the examples of the documentation keep up with what is read."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.contract_file import json_schema, read
from tests.contracts.contract_documents import ABSENT, as_json, changed, plain, rich

DOCS = Path(__file__).parents[2] / "docs"


def test_the_published_schema_is_current():
    """Write it anew with `python -m contracts.contract_file > docs/contract-file.schema.json`."""
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
    ],
)  # fmt: skip
def test_the_schema_refuses_other_shapes(place, value):
    assert not Draft202012Validator(json_schema()).is_valid(changed(plain(), place, value))


def _examples():
    text = (DOCS / "contract-file.md").read_text(encoding="utf-8")
    return [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]


def test_the_complete_examples_of_the_documentation_are_read():
    complete = [example for example in _examples() if example.startswith("plumbline:")]
    assert complete
    for example in complete:
        assert read(example).document()["plumbline"] == "1"
