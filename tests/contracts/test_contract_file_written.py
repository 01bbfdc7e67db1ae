"""Writing contract files: tidy YAML that any reader understands and that says what was read."""

import json
from datetime import date

import pytest
import yaml

from contracts.contract_file import BadFile, read, write
from tests.contracts.contract_documents import as_json, changed, plain, rich


def test_written_yaml_is_tidy():
    text = write(rich())
    assert text.startswith("plumbline: 1\ncontract:\n  reference: MSA-1\n  title: Service desk\n")
    assert "  - {code: CX, name: Users, objective: They like it, weight: 40}\n" in text
    assert '          - {name: Up, at: "99.5", outcome: met, points: 0, score: 100}\n' in text
    assert "  starts_on: 2025-01-15\n" in text
    assert "&id" not in text
    assert max(len(line) for line in text.splitlines()) <= 120


def test_written_keys_stand_in_the_order_of_the_format():
    document = rich()
    shuffled = {key: document[key] for key in sorted(document, reverse=True)}
    assert write(shuffled) == write(document)


def test_written_yaml_means_the_same_to_another_reader():
    other = yaml.safe_load(write(rich()))
    assert other["contract"]["charges"]["monthly"] == "100000.00"
    assert other["contract"]["starts_on"] == date(2025, 1, 15)
    assert other["service_levels"][0]["terms"][0]["bands"][0]["at"] == 99


@pytest.mark.parametrize("code", ["1", "1.5", "NO", "null", "true", "2025-01-01", "- x", "a: b", "#", "'", "{", "é 😀"])
def test_text_that_looks_like_something_else_is_quoted(code):
    document = plain()
    document["kras"][0]["code"] = code
    document["service_levels"][0]["kras"] = {code: 100}
    text = write(document)
    assert read(text).kras[0].code == code
    assert yaml.safe_load(text)["kras"][0]["code"] == code


def test_what_is_stored_can_be_written_although_its_values_no_longer_fit_together():
    document = changed(plain(), "service_levels.0.kras", {"GONE": 1})
    assert "GONE: 1" in write(document)


def test_a_document_of_another_shape_is_not_written():
    with pytest.raises(BadFile, match="unknown key `colour`"):
        write(changed(plain(), "colour", "red"))


# The file as such ------------------------------------------------------------------------------------------------


def test_json_may_be_indented_with_tabs():
    assert read(json.dumps(plain(), indent="\t")) == read(as_json(plain()))


# Schema ----------------------------------------------------------------------------------------------------------
