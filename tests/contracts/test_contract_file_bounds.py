"""A file is read in one go, however it is made: everything in it is counted before anything is done for each of it."""

import tracemalloc
from datetime import date, timedelta

import pytest

from contracts.contract_file import BadFile, ContractFile, read
from contracts.contract_file.problems import MOST_PROBLEMS
from contracts.contract_file.source import MAX_VALUES
from tests.contracts.contract_documents import as_json, changed, plain, rich

TERMS = "service_levels.0.terms.0"


def problems(text):
    with pytest.raises(BadFile) as refusal:
        read(text)
    return refusal.value.problems


def test_every_list_and_mapping_has_a_bound():
    """In the schema of the models, so that none is forgotten."""
    unbounded = []

    def look(schema, place):
        if isinstance(schema, list):
            for number, inner in enumerate(schema):
                look(inner, f"{place}[{number}]")
        if not isinstance(schema, dict):
            return
        if schema.get("type") == "array" and "maxItems" not in schema:
            unbounded.append(place)
        if schema.get("type") == "object" and "properties" not in schema and "maxProperties" not in schema:
            unbounded.append(place)
        for key, inner in schema.items():
            if key not in ("examples", "default"):
                look(inner, f"{place}.{key}")

    look(ContractFile.model_json_schema(), "")
    assert unbounded == []


LONG_LISTS = [
    ("kras", [{}] * 101, 100),
    ("kras.0.weight", [{"from": "2025-01-15", "weight": 1}] * 121, 120),
    ("service_levels", [{}] * 501, 500),
    ("service_levels.0.kras", {f"K{n}": 1 for n in range(101)}, 100),
    ("service_levels.2.periods", [{}] * 1001, 1000),
    ("service_levels.0.terms", [{}] * 121, 120),
    (f"{TERMS}.bands", [{}] * 51, 50),
    (f"{TERMS}.repeat", [1] * 121, 120),
    (f"{TERMS}.kras", {f"K{n}": 1 for n in range(101)}, 100),
    ("contract.calendar.holidays", ["2025-12-24"] * 2001, 2000),
    ("contract.calendar.weekdays", ["mon"] * 8, 7),
    ("contract.calendar", [{}] * 121, 120),
    ("contract.report_due", [{}] * 121, 120),
    ("contract.charges", [{}] * 121, 120),
    ("contract.charges", {"months": {f"{2000 + n // 12}-{n % 12 + 1:02}": 1 for n in range(1202)}}, 1201),
    ("credits", [{}] * 121, 120),
    ("credits.caps", [{}] * 13, 12),
    ("credits.bedding_in", [1] * 121, 120),
    ("credits.tariff", {"kind": "step", "steps": [{}] * 101}, 100),
    ("credits.tariff", {"kind": "marginal", "slices": [{}] * 101}, 100),
    ("rules", [{}] * 101, 100),
    ("rules.2.bands", ["Bad"] * 51, 50),
    ("scorecard", [{}] * 121, 120),
    ("scorecard.grades", [{}] * 51, 50),
]


@pytest.mark.parametrize(("place", "value", "most"), LONG_LISTS)
def test_a_list_that_is_too_long_is_one_problem_with_its_path_and_remedy(place, value, most):
    found = problems(as_json(changed(rich(), place, value)))
    [said] = [one.message for one in found if "entries; keep to" in one.message]
    assert f"keep to {most:,}: leave out what has ended" in said
    assert len(found) < 20  # nothing is said of the entries


@pytest.mark.parametrize(
    "text",
    [
        '{"plumbline": 1, "service_levels": [' + ",".join(["{}"] * (MAX_VALUES + 1)) + "]}",
        "plumbline: 1\nservice_levels:\n" + "- {}\n" * 150_000,
        "[" * 20 + "1" + ", 1" * (MAX_VALUES + 1) + "]" * 20,
    ],
)
def test_a_file_of_very_many_values_is_not_built(text):
    tracemalloc.start()
    [problem] = problems(text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert f"more than {MAX_VALUES:,} values; split the contract" in problem.message
    assert most < 150 * 1024 * 1024


@pytest.mark.parametrize(
    "document",
    [
        plain() | {f"k{n}": 1 for n in range(10_000)},
        changed(plain(), TERMS, plain()["service_levels"][0]["terms"][0] | {f"k{n}": 1 for n in range(10_000)}),
        changed(plain(), "contract.charges", {"months": {f"x{n}": 1 for n in range(1_200)}}),
        changed(plain(), "service_levels", [{}] * 500),
        changed(
            plain(), "service_levels", [plain()["service_levels"][0] | {"kras": {f"K{n}": 100}} for n in range(500)]
        ),
    ],
)
def test_after_two_hundred_problems_no_more_are_looked_for(document):
    found = problems(as_json(document))
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].message == "and more; correct these 200 first"


def test_the_first_problems_are_those_that_stand_first():
    document = {"colour": 1} | plain() | {f"k{n}": 1 for n in range(300)}
    assert [one.path for one in problems(as_json(document))[:3]] == ["colour", "k0", "k1"]


def test_keys_that_stand_twice_are_counted_as_well():
    text = "{" + ",".join(['"a": 1'] * 1_000) + "}"
    assert len(problems(text)) == MOST_PROBLEMS + 1


def test_a_number_of_blanks_is_refused_at_once():
    """Looking for what may have been meant in a text of any length took time with its square: an hour for this one."""
    [problem] = problems(as_json(changed(plain(), "kras.0.weight", " " * 900_000)))
    assert "is not a plain decimal number" in problem.message


# Slots -----------------------------------------------------------------------------------------------------------


def weekly(levels, until):
    level = plain()["service_levels"][0] | {"every": "week"}
    level["terms"] = [level["terms"][0] | {"from": "2000-01-01"}]
    document = plain()
    document["contract"] |= {"starts_on": "2000-01-01", "ends_on": until}
    document["service_levels"] = [level | {"code": f"SL-{n}"} for n in range(levels)]
    return document


def test_the_results_of_a_contract_are_counted_before_they_are_made():
    [problem] = problems(as_json(weekly(10, "2099-12-31")))
    assert problem.path == "service_levels"
    assert problem.message == (
        "10 service levels until 2099-12-31 have 52,190 results, up to 5,219 each (`every: week`); at most 25,000 are judged: "
        "choose longer periods, end the contract earlier, or divide it"
    )
    assert len(read(as_json(weekly(4, "2099-12-31"))).service_levels) == 4


def test_periods_of_its_own_count_as_well():
    first = date(2000, 1, 1)
    periods = [
        {"starts_on": str(first + timedelta(days=n)), "ends_on": str(first + timedelta(days=n))} for n in range(900)
    ]
    document = weekly(5, "2099-12-31")
    document["service_levels"][0] |= {"every": "custom", "periods": periods}
    assert len(read(as_json(document)).service_levels) == 5
    document["service_levels"] += [document["service_levels"][0] | {"code": f"own-{n}"} for n in range(5)]
    assert problems(as_json(document))[0].message.startswith("10 service levels until 2099-12-31 have 26,276 results")
