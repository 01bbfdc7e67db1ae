"""What the scorecard says of what is near in the running month: the next factor, rules and caps, and what is left of a band."""

from datetime import UTC, datetime

import pytest

from bench.clock import statements
from bench.pages import STATEMENTS
from contracts.contract_file.levels import MeasurePart
from evaluation.models import Month, Result
from slas.models import ServiceLevel, Terms
from tests.factories import evaluation, measurements, slas

CHRONIC = {"name": "Chronic failure", "over": "service_level", "count": "defaults", "window": "6", "at_least": "3"}
CHRONIC |= {"more_than": None, "bands": None, "then": "escalate"}
WHOLE = CHRONIC | {"name": "Many points", "over": "contract", "count": "points", "at_least": "5", "then": "notify"}
GRAVE = CHRONIC | {"name": "Grave failure", "window": "1", "at_least": "1", "bands": ["Serious", "Critical"]}
RUNNING = "?period=2024-06"


def capped(*caps):
    credits = {"at_risk_percent": None, "caps": [{"over": over, **cap} for over, cap in caps]}
    return {"credits": [{"from": "2024-04-01", **credits}]}


def address(found, query=RUNNING):
    return f"contracts/{found.contract.pk}/scorecard/{query}"


def texts(page):
    return [(one.about, one.sentence) for one in page.context["upcoming"]]


def slots(found, points, nth=1):
    return {
        "counted": [
            {
                "service_level_id": found.level.pk,
                "code": found.level.code,
                "starts_on": found.periods[nth].starts_on.isoformat(),
                "counted": points,
                "share": 500,
            }
        ]
    }


@pytest.fixture
def near_all(cast, judged, scope_of):
    """Two defaults in a row of a level with repeat factors, four of five points, and 1,000 of 5,000 credit. June has no account yet."""
    found = judged(cast.corvid, rules=[CHRONIC, WHOLE], **capped(("contract_year", {"amount": "5000"})))
    with scope_of(cast.aldermoor):
        Terms.objects.filter(pk=found.terms.pk).update(full=found.terms.full | {"repeat": ["1", "1", "1", "1", "2"]})
        Result.objects.filter(pk=found.result.pk).update(consecutive_defaults=2, streak=2)
        Month.objects.filter(month=found.periods[1].month, contract=found.contract).update(trace=slots(found, 4))
    return found


def amend(cast, scope_of, found, **fields):
    first = {"from": found.contract.starts_on.isoformat()}
    fields = {name: [first | part] if isinstance(part, dict) else part for name, part in fields.items()}
    with scope_of(cast.aldermoor):
        type(found.contract).objects.filter(pk=found.contract.pk).update(**fields)


def test_the_nearest_consequence_comes_first(cast, near_all, scope_of, client_for):
    with scope_of(cast.aldermoor):
        calm = slas.service_level(near_all.contract, code="SL-02", name="Calls answered")
        evaluation.result(slas.terms(calm), near_all.periods[1], outcome="met", consecutive_defaults=0, streak=0)
    page = client_for(cast.marco).get(address(near_all))
    assert texts(page) == [
        ("The contract as a whole", "1 more penalty point this month would trigger “Many points” (notice)."),
        (
            "Incidents resolved on time",
            "1 more breach in the next period would trigger “Chronic failure” (escalation).",
        ),
        ("Incidents resolved on time", "3 more breaches in a row would multiply penalty points by 2."),
        ("Cap on credit", "£4,000.00 more, and the cap of £5,000.00 in a contract year is reached."),
    ]
    html = page.content.decode()
    assert "How close to the next consequence" in html
    assert "£4,000.00 more, and the cap of £5,000.00 in a contract year is reached." in html


def test_a_month_that_is_over_says_nothing_of_what_was_near(cast, near_all, client_for, clock):
    marco = client_for(cast.marco)
    for month in ("2024-04", "2024-05"):
        page = marco.get(address(near_all, f"?period={month}"))
        assert texts(page) == []
        assert "How close to the next consequence" not in page.content.decode()
    clock(datetime(2026, 4, 2, 12, tzinfo=UTC))
    assert "How close to the next consequence" not in marco.get(address(near_all, "?period=2026-04")).content.decode()


def test_a_rule_of_certain_bands_stands_at_no_level_in_particular(cast, judged, client_for):
    found = judged(cast.corvid, rules=[GRAVE])
    assert texts(client_for(cast.marco).get(address(found))) == [
        (
            "Any service level",
            "1 breach of Serious or Critical in the next period would trigger “Grave failure” (escalation).",
        )
    ]


def test_the_window_moves_on_with_the_first_day_of_the_month(cast, near_all, scope_of, client_for, clock):
    """Three points of April and four of May: in June April's are out."""
    amend(cast, scope_of, near_all, rules=[WHOLE | {"window": "2"}], credits=[])
    with scope_of(cast.aldermoor):
        Month.objects.filter(month=near_all.periods[0].month).update(trace=slots(near_all, 3, nth=0))
    clock(datetime(2024, 6, 1, 9, tzinfo=UTC))
    said = texts(client_for(cast.marco).get(address(near_all)))
    assert said[0] == (
        "The contract as a whole",
        "1 more penalty point this month would trigger “Many points” (notice).",
    )


def test_a_rule_over_the_contract_that_holds_before_the_month_is_judged(cast, near_all, scope_of, client_for):
    """Its card comes with the month's account; then it is not said twice."""
    amend(cast, scope_of, near_all, rules=[WHOLE | {"at_least": "4"}], credits=[])
    marco = client_for(cast.marco)
    first = ("The contract as a whole", "“Many points” is triggered: notice.")
    assert texts(marco.get(address(near_all)))[0] == first
    with scope_of(cast.aldermoor):
        evaluation.triggered_rule(near_all.periods[2], rule="Many points")
    assert first not in texts(marco.get(address(near_all)))


def test_a_cap_that_is_reached_comes_first_and_leaves_no_way_to_another(cast, near_all, scope_of, client_for):
    amend(cast, scope_of, near_all, **capped(("month", {"amount": "5000"}), ("contract_year", {"amount": "1000"})))
    with scope_of(cast.aldermoor):
        Terms.objects.filter(pk=near_all.terms.pk).update(full=near_all.terms.full | {"repeat": ["1", "2"]})
    said = [sentence.split(":")[0] for _, sentence in texts(client_for(cast.marco).get(address(near_all)))]
    assert said[0] == "The cap of £1,000.00 in a contract year is reached"
    assert said[-1] == "Penalty points are already doubled."
    assert not [sentence for sentence in said if "£5,000.00" in sentence]


def test_a_cap_that_is_a_share_of_charges(cast, near_all, scope_of, client_for):
    """1 % of twelve times 100,000."""
    share = {"amount": None, "percent_of": "charges", "value": "1"}
    amend(cast, scope_of, near_all, **capped(("contract_year", share)))
    said = texts(client_for(cast.marco).get(address(near_all)))[-1]
    assert said == ("Cap on credit", "£11,000.00 more, and the cap of £12,000.00 in a contract year is reached.")


def test_nothing_near(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    page = client_for(cast.marco).get(address(found))
    assert texts(page) == []
    assert "Nothing is close" in page.content.decode()


def test_what_the_rule_s_card_says_is_not_said_twice(cast, near_all, scope_of, client_for):
    amend(cast, scope_of, near_all, rules=[CHRONIC | {"at_least": "2"}])
    assert not [one for one in texts(client_for(cast.marco).get(address(near_all))) if "Chronic" in one[1]]


def test_six_lines_at_most(cast, judged, scope_of, client_for):
    rules = [CHRONIC | {"name": f"Rule {nth}", "at_least": str(nth)} for nth in range(3, 11)]
    found = judged(cast.corvid, rules=[rule | {"window": "20"} for rule in rules])
    said = texts(client_for(cast.marco).get(address(found)))
    assert [sentence.split(" more")[0] for _, sentence in said] == ["1", "2", "3", "4", "5", "6"]


# What is left of the band ----------------------------------------------------------------------------------------


@pytest.fixture
def reporting(cast, judged, scope_of):
    """June's figures so far, with fields of the figure, the terms and the measure: 92 of 100 unless said otherwise."""

    def make(by=None, numerator=92, terms=(), measure=None, **fields):
        found = judged(cast.corvid)
        with scope_of(cast.aldermoor):
            Terms.objects.filter(pk=found.terms.pk).update(full=found.terms.full | dict(terms))
            if measure:
                ServiceLevel.objects.filter(pk=found.level.pk).update(measure=measure)
            submission = measurements.submission(found.contract, found.periods[2].month, by=by)
            measurements.figure(submission, found.level, found.periods[2], numerator, **fields)
        return found

    return make


def said_of(client, found, query=RUNNING):
    return client.get(address(found, query)).context["headroom"]


def test_what_is_left_of_the_band(cast, reporting, client_for):
    """92 of 100 on time: with three more late ones it is 92 of 103, below 90 %."""
    found = reporting()
    sentence = "On the figures of the draft: 3 more cases that miss it, and the result falls from Minor to Serious."
    for who in (cast.marco, cast.vera):
        assert sentence in client_for(who).get(address(found)).content.decode()
    assert said_of(client_for(cast.marco), found, "?period=2024-05") == "", "what is over has nothing left"
    assert client_for(cast.hana).get(address(found)).status_code == 404


def test_figures_that_wait_and_those_that_were_accepted(cast, reporting, scope_of, client_for):
    found = reporting(by=cast.vera)
    marco = client_for(cast.marco)
    assert said_of(marco, found).startswith("On the figures that wait for a decision: 3 more cases")
    with scope_of(cast.aldermoor):
        accepted = measurements.accepted(found.contract, found.periods[2].month, by=cast.marco, revision=2)
        measurements.figure(accepted, found.level, found.periods[2], 97)
    assert said_of(marco, found).startswith("On the figures so far: 3 more cases")


def test_what_is_left_takes_no_statement_beyond_the_budget(cast, reporting, client_for):
    found = reporting(by=cast.vera)
    for who in (cast.marco, cast.vera):
        client = client_for(who)
        assert said_of(client, found)  # and the session knows its plans
        with statements() as taken:
            assert said_of(client, found)
        # Without what the transaction around the test adds: savepoints, and one that gives the role back.
        asked = [one for one in taken if not one.startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) - 1 <= STATEMENTS, asked


def test_after_the_period_nothing_is_left(cast, reporting, client_for, clock):
    found = reporting()
    clock(datetime(2024, 7, 1, 9, tzinfo=UTC))
    assert said_of(client_for(cast.marco), found) == ""


def test_a_rolling_value_looks_back(cast, reporting, client_for):
    """184 of 200 over two months: 184 of 205 is below 90 %."""
    found = reporting(terms={"rolling": "2"})
    assert ": 5 more cases" in said_of(client_for(cast.marco), found)


def test_nothing_is_left_without_figures_or_in_the_last_band(cast, judged, reporting, client_for):
    marco = client_for(cast.marco)
    assert said_of(marco, judged(cast.corvid)) == ""
    assert said_of(marco, reporting(numerator=80)) == ""


def test_minutes_of_an_availability(cast, reporting, client_for):
    """5 % of June's 43,200 minutes are 2,160."""
    measure = MeasurePart.model_validate({"kind": "availability", "hours": "always"}).full()
    found = reporting(numerator=None, denominator=None, downtime=100, measure=measure)
    said = said_of(client_for(cast.marco), found)
    assert said.endswith(": 2,061 more minutes of downtime, and the result falls from Target to Minor.")
