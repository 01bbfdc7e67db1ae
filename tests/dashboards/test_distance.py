"""What the scorecard says of what is near: the next factor, rules and caps, and what is left of the chosen service level's band."""

import pytest

from contracts.contract_file.levels import MeasurePart
from evaluation.models import Month, Result
from slas.models import ServiceLevel, Terms
from tests.factories import evaluation, slas

CHRONIC = {"name": "Chronic failure", "over": "service_level", "count": "defaults", "window": "6", "at_least": "3"}
CHRONIC |= {"more_than": None, "bands": None, "then": "escalate"}
WHOLE = CHRONIC | {"name": "Many points", "over": "contract", "count": "points", "at_least": "5", "then": "notify"}


def address(found, query=""):
    return f"contracts/{found.contract.pk}/scorecard/{query}"


def texts(page):
    return [(one.about, one.sentence) for one in page.context["near"]]


def slots(found, points):
    return {
        "counted": [
            {
                "service_level_id": found.level.pk,
                "code": found.level.code,
                "starts_on": found.periods[1].starts_on.isoformat(),
                "counted": points,
                "share": 500,
            }
        ]
    }


@pytest.fixture
def near_all(cast, judged, scope_of):
    """Two defaults in a row of a level with repeat factors, four of five points, and 1,000 of 5,000 credit."""
    found = judged(cast.corvid, rules=[CHRONIC, WHOLE])
    with scope_of(cast.aldermoor):
        Terms.objects.filter(pk=found.terms.pk).update(full=found.terms.full | {"repeat": ["1", "1", "1", "1", "2"]})
        Result.objects.filter(pk=found.result.pk).update(run=2, streak=2)
        trace = slots(found, 4) | {"caps": [{"over": "contract_year", "limit": 5000}]}
        Month.objects.filter(month=found.periods[1].month, contract=found.contract).update(trace=trace)
    return found


def test_the_nearest_consequence_comes_first(cast, near_all, scope_of, client_for):
    with scope_of(cast.aldermoor):
        calm = slas.service_level(near_all.contract, code="SL-02", name="Calls answered")
        evaluation.result(slas.terms(calm), near_all.periods[1], outcome="met", run=0, streak=0)
    page = client_for(cast.marco).get(address(near_all))
    assert texts(page) == [
        ("The contract as a whole", "1 more point this month, and “Many points” holds: notice."),
        ("Incidents resolved on time", "1 more default in the next period, and “Chronic failure” holds: escalation."),
        ("Incidents resolved on time", "3 more defaults in a row, and points count 2 times."),
        ("Cap on credit", "£4,000.00 more, and the cap of £5,000.00 in a contract year is reached."),
    ]
    html = page.content.decode()
    assert "Distance to consequence" in html
    assert "£4,000.00 more, and the cap of £5,000.00 in a contract year is reached." in html


def test_a_cap_that_is_reached_comes_first_and_leaves_no_way_to_another(cast, near_all, scope_of, client_for):
    with scope_of(cast.aldermoor):
        caps = [{"over": "month", "limit": 5000}, {"over": "contract_year", "limit": 1000}]
        Month.objects.filter(month=near_all.periods[1].month).update(trace=slots(near_all, 4) | {"caps": caps})
        Terms.objects.filter(pk=near_all.terms.pk).update(full=near_all.terms.full | {"repeat": ["1", "2"]})
    said = [sentence.split(":")[0] for _, sentence in texts(client_for(cast.marco).get(address(near_all)))]
    assert said[0] == "The cap of £1,000.00 in a contract year is reached"
    assert said[-1] == "Points already count 2 times."
    assert not [sentence for sentence in said if "£5,000.00" in sentence]


def test_nothing_near(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    page = client_for(cast.marco).get(address(found))
    assert texts(page) == []
    assert "Nothing near." in page.content.decode()


def test_what_the_rule_s_card_says_is_not_said_twice(cast, near_all, scope_of, client_for):
    with scope_of(cast.aldermoor):
        type(near_all.contract).objects.filter(pk=near_all.contract.pk).update(rules=[CHRONIC | {"at_least": "2"}])
    assert not [one for one in texts(client_for(cast.marco).get(address(near_all))) if "Chronic" in one[1]]


def test_six_lines_at_most(cast, judged, scope_of, client_for):
    rules = [CHRONIC | {"name": f"Rule {nth}", "at_least": str(nth)} for nth in range(3, 11)]
    found = judged(cast.corvid, rules=[rule | {"window": "20"} for rule in rules])
    said = texts(client_for(cast.marco).get(address(found)))
    assert [sentence.split(" more")[0] for _, sentence in said] == ["1", "2", "3", "4", "5", "6"]


def test_only_what_was_up_to_the_month_shown_counts(cast, near_all, client_for):
    said = texts(client_for(cast.marco).get(address(near_all, "?period=2024-04")))
    assert [sentence.split(",")[0] for _, sentence in said] == [
        "2 more defaults in the next 2 periods",
        "4 more defaults in a row",
    ]


def test_what_is_left_of_the_band(cast, judged, client_for):
    """92 of 100 on time: with three more late ones it is 92 of 103, below 90 %."""
    html = client_for(cast.marco).get(address(judged(cast.corvid))).content.decode()
    sentence = "3 more cases that are not “Resolved on time”, and Minor is lost: Serious follows."
    assert f"On these figures: {sentence}" in html


def test_a_rolling_value_looks_back(cast, judged, scope_of, client_for):
    """184 of 200 over two months: 184 of 205 is below 90 %."""
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        Terms.objects.filter(pk=found.terms.pk).update(full=found.terms.full | {"rolling": "2"})
    page = client_for(cast.marco).get(address(found))
    assert page.context["allowance"].startswith("On these figures: 5 more cases")


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "pending", "numerator": None, "denominator": None, "value": None},
        {"outcome": "not_measured", "numerator": None, "denominator": None, "value": None},
        {"numerator": 80, "value": 80, "band": 3, "band_name": "Serious"},
    ],
)
def test_nothing_is_left_without_figures_or_in_the_last_band(cast, judged, scope_of, client_for, fields):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        Result.objects.filter(pk=found.result.pk).update(**fields)
    page = client_for(cast.marco).get(address(found))
    assert page.context["allowance"] == ""
    assert "On these figures" not in page.content.decode()


def test_minutes_of_an_availability(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    measure = MeasurePart.model_validate({"kind": "availability", "hours": "always"}).full()
    with scope_of(cast.aldermoor):
        ServiceLevel.objects.filter(pk=found.level.pk).update(measure=measure)
        Result.objects.filter(pk=found.result.pk).update(numerator=960, denominator=1000, value=96)
    said = client_for(cast.marco).get(address(found)).context["allowance"]
    assert said == "On these figures: 11 more minutes of downtime, and Target is lost: Minor follows."
