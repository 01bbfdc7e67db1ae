"""What is in good order and yet hardly achieves anything: each finding where it is, and not where it is not."""

import pytest

from contracts.contract_file import read
from contracts.contract_file.lint import lint
from contracts.contract_file.weigh import weigh
from tests.contracts.contract_documents import ABSENT, as_json, changed, plain

CREDITS = {"point": {"percent_of": "at_risk", "value": 10}, "at_risk_percent": 12}
RULE = {"name": "Rule", "over": "service_level", "count": "defaults", "window": 3, "at_least": 3, "then": "notify"}


def found(document):
    return {one.path: one.message for one in weigh(read(as_json(document)))}


def level(code, among, **kras):
    given = plain()["service_levels"][0]
    return {**given, "code": code, "kras": kras, "measure": {**given["measure"], "among": among}}


def test_a_sound_contract_has_none_and_what_try_prints_is_the_linters_alone():
    assert weigh(read(as_json(plain()))) == []
    without = changed(plain(), "contract.report_due", ABSENT)
    assert "10th working day" in found(without)["contract.report_due"]
    assert lint(read(as_json(without))) == []


@pytest.mark.parametrize(
    ("credits", "share"),
    [
        (CREDITS, None),  # 8 points of 10 % are 80 % of what is at risk
        (CREDITS | {"point": {"percent_of": "at_risk", "value": 25}}, "200%"),
        (CREDITS | {"point": {"percent_of": "charges", "value": 3}}, "200%"),
        (CREDITS | {"point": {"percent_of": "charges", "value": 1}}, None),
        (CREDITS | {"point": {"amount": 900_000}}, None),
        (
            CREDITS
            | {"point": {"percent_of": "at_risk", "value": 50}}
            | {"tariff": {"kind": "marginal", "slices": [{"upto": 5, "factor": 0}, {"factor": 1}]}},
            "150%",
        ),
        (
            CREDITS
            | {"point": {"percent_of": "at_risk", "value": 50}}
            | {"tariff": {"kind": "step", "steps": [{"at": 8, "value": 2}, {"at": 4, "value": 1}]}},
            None,
        ),
    ],
)
def test_more_is_given_away_than_is_at_risk(credits, share):
    said = found(changed(plain(), "credits", credits)).get("credits.point.value")
    assert (said is None) if share is None else (share in said)


@pytest.mark.parametrize(
    ("rule", "key", "words"),
    [
        ({}, "at_least", None),
        ({"at_least": 4}, "at_least", "at most 3 can be counted"),
        ({"over": "contract", "at_least": 6}, "at_least", None),
        ({"over": "contract", "at_least": 7}, "at_least", "at most 6"),
        ({"at_least": ABSENT, "more_than": 3}, "more_than", "at most 3"),
        ({"at_least": 0}, "at_least", "always holds"),
        ({"count": "consecutive_defaults", "window": ABSENT, "at_least": 25}, "at_least", "at most 24"),
        ({"count": "points", "at_least": 13}, "at_least", "at most 12"),
        ({"count": "default_share", "over": "contract", "at_least": 101}, "at_least", "at most 100"),
        ({"count": "capped_months", "over": "contract", "at_least": 1}, "at_least", "at most 0"),
        ({"bands": ["Severe"]}, "bands", None),
        ({"at_least": 4, "until": "2026-06-30"}, "at_least", None),
    ],
)
def test_a_rule_that_never_or_always_holds(rule, key, words):
    given = {name: value for name, value in {**RULE, **rule}.items() if value is not ABSENT}
    said = found(changed(plain(), "rules", [given])).get(f"rules[0].{key}")
    assert (said is None) if words is None else (words in said)


def test_a_rule_about_a_band_that_no_terms_in_force_have_any_more():
    document = changed(plain(), "rules", [RULE | {"bands": ["Minor"]}])
    assert found(document) == {}
    first = document["service_levels"][0]["terms"][0]
    document["service_levels"][0]["terms"].append(
        {**first, "from": "2026-01-01", "bands": [first["bands"][0], first["bands"][2]]}
    )
    assert "no service level has a band called Minor" in found(document)["rules[0].bands"]


def test_a_kra_of_one_input_and_two_levels_on_one_input():
    same = [level("A", "Calls  offered", REL=50), level("B", "calls offered", REL=50), level("C", "Faults", CX=100)]
    assert list(found(changed(plain(), "service_levels", same))) == ["kras[0]"]
    apart = [
        level("A", "Calls", REL=50),
        level("B", "Calls", CX=50),
        level("C", "Faults", REL=50),
        level("D", "Bugs", CX=50),
    ]
    said = found(changed(plain(), "service_levels", apart))
    assert list(said) == ["service_levels[0].measure.among"]
    assert "`A` and `B` count the same “Calls”" in said["service_levels[0].measure.among"]
    other = [level("A", "Calls", REL=100), level("C", "Faults", CX=100)]
    assert found(changed(plain(), "service_levels", other)) == {}


def test_one_level_that_carries_too_much_of_the_score():
    def five(first):
        rest = [level(code, code, CX=25) for code in "CDEF"]
        return [level("A", "A", REL=first), level("B", "B", REL=100 - first), *rest]

    said = found(changed(plain(), "service_levels", five(70)))
    assert "`A` carries 42% of the score" in said["service_levels[0].kras"]
    assert list(found(changed(plain(), "service_levels", five(50)))) == [
        "service_levels[0].kras",
        "service_levels[1].kras",
    ]
    light = changed(plain(), "kras.0.weight", 40)
    changed(light, "kras.1.weight", 60)
    assert found(changed(light, "service_levels", five(50))) == {}
