"""Warnings: what may be written but is hardly meant."""

import pytest

from contracts.contract_file import read
from contracts.contract_file.lint import lint
from tests.contracts.contract_documents import ABSENT, as_json, changed, plain, rich

TERMS = "service_levels.0.terms.0"
TERMS_SHOWN = "service_levels[0].terms[0]"


def warnings(document):
    return {problem.path: problem.message for problem in lint(read(as_json(document)))}


def test_a_sound_contract_has_no_warnings():
    assert warnings(plain()) == {}


@pytest.mark.parametrize(
    ("place", "value", "path", "words"),
    [
        ("kras.0.weight", 50, "kras", "add up to 90 from 2025-01-15 on"),
        ("kras.0.weight", [{"from": "2025-01-15", "weight": 60}, {"from": "2026-01-01", "weight": 61}], "kras",
         "add up to 101 from 2026-01-01 on"),
        ("service_levels.1.kras", {"REL": 50}, "kras[1]", "no service level serves `CX`"),
        ("service_levels.1.kras", {"REL": 50, "CX": 100}, "kras[0]", "add up to 150"),
        ("service_levels.0.kras", {"REL": "99.5"}, "kras[0]", "add up to 99.5 from 2025-01-15 on; make them 100"),
        ("service_levels.1.kras", {}, "service_levels[1].kras", "`SL-02` counts in no score"),
        (f"{TERMS}.kras", {"REL": 80}, "kras[0]", "add up to 80"),
        ("contract.charges", {"months": {"2025-01": 1, "2027-01": 1}}, "contract.charges.months.2027-01", "outside"),
        (f"{TERMS}.bands.0.outcome", "miss", f"{TERMS_SHOWN}.bands[0].outcome", "begin with a band that is met"),
        (f"{TERMS}.bands.0.points", 1, f"{TERMS_SHOWN}.bands[0].points", "is met and yet carries points"),
        (f"{TERMS}.bands.1.outcome", "miss", f"{TERMS_SHOWN}.bands[1].points", "no points without `tolerated`"),
        (f"{TERMS}.bands.0.score", 99, f"{TERMS_SHOWN}.bands", "no band has a score of 100"),
        (f"{TERMS}.bands.1.name", "Target", f"{TERMS_SHOWN}.bands", "2 bands are called `Target`"),
        (f"{TERMS}.bands.1.name", "TARGET", f"{TERMS_SHOWN}.bands", "2 bands are called `Target`"),
        ("rules", [{"name": name, "over": "contract", "count": "capped_months", "at_least": 1, "then": "notify"} for name in "Xx"],
         "rules[1].name", "`x` differs from `X` in capitals alone"),
        ("service_levels.1.code", "sl-01", "service_levels[1].code", "name it otherwise"),
        (f"{TERMS}.bands.0.at", "100.5", f"{TERMS_SHOWN}.bands[0].at", "cannot be reached, the best value is 100"),
        (f"{TERMS}.repeat", ["1", "0.5"], f"{TERMS_SHOWN}.repeat[1]", "count less than a single one"),
        (f"{TERMS}.tolerated", {"count": 5, "window": 4}, f"{TERMS_SHOWN}.tolerated.count", "never a default; raise `window`"),
        (f"{TERMS}.credits_from", "2027-01-01", f"{TERMS_SHOWN}.credits_from", "after the contract's end"),
        ("service_levels.1.terms.0.minimum_volume", 5, "service_levels[1].terms[0].minimum_volume", "has no effect"),
        ("service_levels.1.terms.0.allowance", True, "service_levels[1].terms[0].allowance", "has no effect"),
        ("rules", [{"name": "x", "over": "service_level", "count": "capped_months", "at_least": 1, "then": "notify"}],
         "rules[0].over", "write `over: contract`"),
        ("rules", [{"name": "x", "over": "service_level", "count": "consecutive_defaults", "window": 3, "at_least": 1,
                    "then": "notify"}], "rules[0].window", "without a window"),
    ],
)  # fmt: skip
def test_a_warning_names_the_path_and_the_remedy(place, value, path, words):
    assert words in warnings(changed(plain(), place, value))[path]


@pytest.mark.parametrize("country", ["GB", "UK", "CH", "DE", "AU", "CA", "US", "ES"])
def test_a_country_whose_holidays_depend_on_the_subdivision(country):
    found = warnings(changed(plain(), "contract.calendar.holidays", country))
    assert f"the holidays of {country} depend on the subdivision" in found["contract.calendar.holidays"]
    if country == "GB":
        assert (
            "2025-04-21, Easter Monday, differs in GB-ENG); write GB-ENG, GB-NIR, GB-SCT or GB-WLS"
            in found["contract.calendar.holidays"]
        )


@pytest.mark.parametrize("holidays", ["GB-ENG", "DE-BY", "NO", "NL", "PL", "IE", ["2025-12-25"], []])
def test_holidays_that_depend_on_nothing_more(holidays):
    assert warnings(changed(plain(), "contract.calendar.holidays", holidays)) == {}


def test_each_version_of_the_calendar_is_looked_at():
    versions = [
        {"holidays": "GB-ENG", "hours": "09:00-17:00"},
        {"from": "2026-01-01", "holidays": "GB", "hours": "09:00-17:00"},
    ]
    assert list(warnings(changed(plain(), "contract.calendar", versions))) == ["contract.calendar[1].holidays"]


def test_percent_of_charges_without_charges():
    document = changed(plain(), "credits", {"point": {"percent_of": "charges", "value": 1}})
    assert warnings(document) == {}
    assert "is always 0" in warnings(changed(document, "contract.charges", ABSENT))["credits.point.percent_of"]


def test_an_unreachable_target_where_lower_is_better():
    document = changed(rich(), "service_levels.3.terms.0.bands.0.at", -1)
    assert "the best value is 0" in warnings(document)["service_levels[3].terms[0].bands[0].at"]


def test_allowance_that_is_not_counted():
    document = changed(plain(), "service_levels.0.measure", {"kind": "ratio", "scale": 1000})
    changed(document, f"{TERMS}.allowance", True)
    assert "scale 100 only" in warnings(document)[f"{TERMS_SHOWN}.allowance"]
