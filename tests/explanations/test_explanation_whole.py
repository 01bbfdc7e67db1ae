"""One contract's explanations, word for word: figures to money, after a correction, as text, on the command line, as a page."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts import contract_file
from evaluation.actions import judge_due
from evaluation.models import Result
from explanations.explanation import explain, explain_all, explain_former, format_explanation
from measurements import figures_file
from measurements.actions import accept, import_figures, start_correction, submit
from measurements.models import Figure, GrantedRelief
from scorecards.trial import try_contract
from scorecards.trial_report import tables
from slas.actions import import_contract
from tests.explanations.examples import line

CONTRACT = """
plumbline: 1
contract:
  reference: MSA-2024-017
  title: Service desk
  vendor: {code: CORVID, name: Corvid Systems}
  starts_on: 2024-04-01
  ends_on: 2026-03-31
  currency: GBP
  timezone: Europe/London
  calendar: {holidays: GB-ENG}
  report_due: 10
  charges: {monthly: "200000.00"}
kras:
  - {code: REL, name: Reliable service, weight: 100}
service_levels:
  - code: SL-01
    name: Incidents resolved on time
    kras: {REL: 60}
    every: month
    measure: {kind: ratio, of: Resolved on time, among: Incidents resolved}
    terms:
      - from: 2024-04-01
        better: higher
        bands:
          - {name: Target, at: 95, outcome: met, points: 0, score: 100}
          - {name: Minor, at: 90, outcome: default, points: 1, score: 75}
          - {name: Serious, outcome: default, points: 2, score: 0}
        repeat: ["1", "2"]
  - code: SL-02
    name: Platform availability
    kras: {REL: 40}
    every: month
    measure: {kind: availability, maintenance_allowance: 120}
    terms:
      - from: 2024-04-01
        better: higher
        bands:
          - {name: Target, at: "99.5", outcome: met, points: 0, score: 100}
          - {name: Near, at: 99, outcome: miss, points: 1, score: 50}
          - {name: Far, outcome: default, points: 3, score: 0}
        tolerated: {count: 2, window: 12}
        rounding: {places: 2}
credits:
  point: {percent_of: charges, value: "0.5"}
  at_risk_percent: 10
  bedding_in: ["0.5"]
  caps: [{percent_of: charges, value: "1.5", over: month}, {amount: "4000", over: rolling_12}]
  earn_back: {after: 1}
rules:
  - {name: Chronic failure, over: service_level, count: consecutive_defaults, at_least: 2, then: escalate}
  - {name: Critical failure, over: contract, count: points, window: 3, at_least: 4, then: termination_right}
"""
FIGURES = """service_level,period,numerator,denominator,downtime,maintenance,relieved,incident,note
SL-01,2024-04,91,100,,,,,
SL-02,2024-04,,,430,120,,,
SL-01,2024-05,89,100,,,,INC-7,Flood
SL-02,2024-05,,,300,150,,,
SL-01,2024-06,97,100,,,5,,
"""


@pytest.fixture
def desk(cast, scope_of):
    """A contract of Corvid's with three months of figures, given by Vera and accepted by Marco, judged in August."""
    with scope_of(cast.aldermoor):
        contract = import_contract(by=None, source=CONTRACT.encode())
        june = contract.periods.get(starts_on=date(2024, 6, 1), cycle="month")
        level = contract.service_levels.get(code="SL-01")
        slot = {"vendor_id": contract.vendor_id, "service_level": level, "period": june}
        GrantedRelief.objects.create(**slot, relieved=5, at=datetime(2024, 7, 1, tzinfo=UTC))
    with scope_of(cast.vera):
        report = {"contract": contract, "source": FIGURES.encode(), "filename": "figures.csv", "submit": True}
        submissions = import_figures(by=cast.vera, now=datetime(2024, 7, 5, 8, tzinfo=UTC), **report)
    with scope_of(cast.marco):
        for submission in submissions:
            accept(by=cast.marco, submission=submission, now=datetime(2024, 7, 8, 8, 30, tzinfo=UTC))
    with scope_of(cast.aldermoor):
        judge_due(now=JUDGED)
    return contract


JUDGED = datetime(2024, 7, 20, 12, tzinfo=UTC)


@pytest.fixture
def corrected(desk, cast, scope_of):
    """April is corrected: it is met, and May is a first default now."""
    with scope_of(cast.vera):
        correction = start_correction(by=cast.vera, contract=desk, month=date(2024, 4, 1), reason="Two counted twice")
        Figure.objects.filter(submission=correction, numerator=91).update(numerator=96)
        submit(by=cast.vera, submission=correction)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=correction)
    with scope_of(cast.aldermoor):
        judge_due(now=JUDGED)
    return desk


def slot(contract, code, month):
    return Result.objects.get(contract=contract, service_level__code=code, starts_on=date(2024, month, 1))


def explanation_of(contract, code, month):
    return explain(slot(contract, code, month))


def test_a_default_from_figures_to_money(desk, cast, scope_of):
    with scope_of(cast.aldermoor):
        explanation = explanation_of(desk, "SL-01", 5)
    assert explanation.verdict == "89%, Serious, default, 4 points."
    assert explanation.report.given == "Given by file figures.csv by Vera Novak on 5 Jul 2024, 08:00 UTC"
    assert explanation.report.accepted == "Accepted by Marco Bellini on 8 Jul 2024, 08:30 UTC"
    assert explanation.figures[0].cells == (("Resolved on time", "89"), ("Incidents resolved", "100"))
    assert explanation.figures[0].notes == ("Incident INC-7", "Note: Flood")
    assert str(explanation.formula) == "89 ÷ 100 × 100 = 89%"
    assert (explanation.terms.number, explanation.terms.dates) == (1, "in force from 1 Apr 2024")
    assert [(band.words, band.reached) for band in explanation.terms.bands] == [
        ("≥ 95%", False),
        ("≥ 90%", False),
        ("below 90%", True),
    ]
    assert line(explanation.judgement, "Repeat") == (
        "The 2nd default in a row: factor 2 (factors are 1, 2; the last one repeats)."
    )
    assert explanation.points.written == "2 (points of Serious) × 1 (weight) × 2 (repeat factor) = 4 points"
    money = explanation.money.lines
    assert line(money, "Month total") == "4 (this one) + 1 (SL-02) = 5 points"
    assert line(money, "A point is worth") == "0.5% of the month's charges of £200,000.00: £1,000.00."
    assert line(money, "Before caps") == "5 × £1,000.00 = £5,000.00"
    assert [one.text for one in money if one.label == "Cap"] == [
        "1.5% of the charges in a month, £200,000.00: £3,000.00 cap − £0.00 already credited = £3,000.00 left; this limit applies.",
        "A fixed amount in twelve months: £4,000.00 cap − £500.00 already credited = £3,500.00 left.",
    ]
    assert line(money, "Capped") == "The cap is reached; £2,000.00 is not charged. The penalty points stay."
    assert line(money, "Month's credit") == "£3,000.00."
    assert line(money, "Share of it") == "£3,000.00 × 4 ÷ 5 = £2,400.00, in proportion to penalty points."
    assert line(money, "Earned back") == "£2,400.00 returned in June 2024."
    assert [(one.label, one.text) for one in explanation.rules] == [
        ("Critical failure", "Right to terminate: 6 points in 3 months, at least 4."),
        ("Chronic failure", "Escalation: 2 defaults in a row, at least 2."),
    ]


def test_availability_with_maintenance_tolerance_and_rounding(desk, cast, scope_of):
    with scope_of(cast.aldermoor):
        april, may = explanation_of(desk, "SL-02", 4), explanation_of(desk, "SL-02", 5)
        june = explanation_of(desk, "SL-02", 6)
    assert april.figures[0].notes == ("120 minutes of maintenance are left out.",)
    assert str(april.formula) == "(43,200 − 120 − 430) ÷ (43,200 − 120) × 100 = 99.001857…%"
    assert line(april.value, "Rounding") == "99.001857…% rounded half up to 2 decimals: 99%."
    assert line(april.judgement, "Band") == "99% is ≥ 99% and not ≥ 99.5%: Near, miss."
    assert (
        line(april.judgement, "Outcome")
        == "The 1st miss within 12 periods; up to 1 is tolerated: this one is tolerated."
    )
    assert april.points is None
    assert line(april.steps, "Points") == "None: only met and default carry points."
    assert line(april.money.lines, "Before caps") == "1 × £1,000.00 × 0.5 (bedding-in, month 1) = £500.00"
    assert line(april.money.lines, "Share of it") == "£0.00: this period has no points."
    assert may.figures[0].notes[1] == "30 minutes of maintenance beyond the 120 allowed are downtime."
    assert may.formula.written == "(44,640 − 120 − 300 − 30) ÷ (44,640 − 120) × 100"
    assert (
        line(may.judgement, "Outcome") == "The 2nd miss within 12 periods; up to 1 is tolerated: this one is a default."
    )
    assert june.report is None
    assert june.verdict == "Not measured."
    assert line(june.judgement, "No figures").startswith("Nothing was reported by the due day, 12 Jul 2024.")


def test_what_was_relieved_is_said(desk, cast, scope_of):
    with scope_of(cast.aldermoor):
        explanation = explanation_of(desk, "SL-01", 6)
    assert explanation.figures[0].notes == (
        "5 relieved cases leave the base.",
        "Of 97 no more count than the 95 that are left.",
    )
    assert str(explanation.formula) == "95 ÷ (100 − 5) × 100 = 100%"


def test_a_slot_that_is_not_due_has_no_points_to_speak_of(desk, cast, scope_of):
    with scope_of(cast.aldermoor):
        explanation = explanation_of(desk, "SL-01", 7)
        assert format_explanation(explanation).splitlines()[-2:] == [
            "Money of July 2024",
            "  This month is not calculated yet.",
        ]
    assert explanation.verdict == "Pending."
    assert line(explanation.steps, "Not due yet") == "Figures are due by the end of 14 Aug 2024."
    assert line(explanation.steps, "Points") is None


def test_a_correction_keeps_what_held_before_and_says_why(corrected, cast, scope_of):
    with scope_of(cast.aldermoor):
        april, may = explanation_of(corrected, "SL-01", 4), explanation_of(corrected, "SL-01", 5)
        as_text = format_explanation(april)
    assert (april.revision, april.report.revision, april.report.reason) == (2, 2, "Two counted twice")
    assert [(one.text, one.because) for one in april.earlier] == [
        ("91%, Minor, 1 point", "Figures corrected: Two counted twice")
    ]
    assert (
        "  1st: 91%, Minor, 1 point; replaced on 20 Jul 2024, 12:00 UTC: Figures corrected: Two counted twice."
        in as_text
    )
    assert "  2nd: as above, judged on 20 Jul 2024, 12:00 UTC." in as_text
    assert "  Corrected because: Two counted twice" in as_text
    assert may.earlier[0].because == "Follows from April 2024, figures corrected: Two counted twice"


@pytest.mark.parametrize("count", [1, 4, 8])
def test_the_number_of_statements_is_constant(desk, cast, scope_of, count, django_assert_num_queries):
    with scope_of(cast.aldermoor):
        Result.objects.filter(contract=desk).update(
            revision=2
        )  # what held before is looked up of those alone that were restated
        results = list(Result.objects.filter(contract=desk).order_by("incident", "pk")[:count])
        with django_assert_num_queries(6):
            assert len(explain_all(results)) == count


# The command and the page ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_try_says_why_where_it_is_asked():
    file = contract_file.read(CONTRACT.encode())
    rows = figures_file.read(FIGURES.encode(), "figures.csv", figures_file.expectations(file))
    output = try_contract(file, rows, explained=True)
    (row,) = [row for row in output["results"] if (row["service_level"], row["period"]) == ("SL-01", "2024-05-01")]
    assert "  2 (points of Serious) × 1 (weight) × 2 (repeat factor) = 4 points." in row["why"].splitlines()
    assert "\nSL-01 2024-05-01\n  89%, Serious, default, 4 points.\n  Figures\n" in tables(output)
    assert "  → Serious  below 90%  default  points 2, score 0" in row["why"].splitlines()
    assert "why" not in try_contract(file, rows)["results"][0]
    assert "Results\n  none" in tables(try_contract(file, []))


def test_the_page_shows_the_sheet_to_client_and_vendor(desk, cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        pk = slot(desk, "SL-01", 5).pk
    for member in (cast.marco, cast.olu, cast.vera):
        page = client_for(member).get(f"results/{pk}/why/")
        assert page.status_code == 200
        html = page.content.decode()
        for text in ("89 ÷ 100 × 100 = 89%", "Vera Novak", "Marco Bellini", "£2,400.00"):
            assert text in html, text
        # What an escalation leads to is the client's to know.
        assert ("Chronic failure" in html and "Reached" in html) == (member is not cast.vera)


def test_sentences_have_the_words_of_the_contract_and_signs_those_of_the_pages(desk, cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        pk = slot(desk, "SL-01", 5).pk
    html = client_for(cast.marco).get(f"results/{pk}/why/").content.decode()
    assert "89%, Serious, default, 4 points." in html
    assert html.count("Breach</span>") == 4  # of the result, its revision and two of the bands


def test_the_page_is_not_there_for_others(desk, cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        pk = slot(desk, "SL-01", 5).pk
    for member in (cast.hana, cast.otto, cast.vera_at_brightwater):
        assert client_for(member, raise_request_exception=False).get(f"results/{pk}/why/").status_code == 404
    assert client_for(cast.marco).post(f"results/{pk}/why/").status_code == 405


def test_the_page_needs_as_few_statements_for_any_result(desk, cast, client_for, scope_of):
    """Where there is no submission, no incident, or nothing else with points in the month, nothing is asked about it."""
    with scope_of(cast.aldermoor):
        pks = [slot(desk, "SL-01", 5).pk, slot(desk, "SL-01", 6).pk, slot(desk, "SL-02", 7).pk]
    counts = []
    for pk in pks:
        client = client_for(cast.marco)
        client.get(f"results/{pk}/why/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"results/{pk}/why/")
        counts.append(len(queries))
    assert counts == [counts[0], counts[0] - 2, counts[0] - 3]


# What held before ------------------------------------------------------------------------------------------------


def test_a_former_judgement_has_a_sheet_of_its_own(corrected, cast, scope_of, django_assert_num_queries):
    with scope_of(cast.aldermoor):
        april, may = (slot(corrected, "SL-01", month) for month in (4, 5))
        with django_assert_num_queries(6):
            explanations = [explain_former(one, 1) for one in (april, may)]
        holding = explain(may)
    was = explanations[1]
    assert (was.verdict, holding.verdict) == ("89%, Serious, default, 4 points.", "89%, Serious, default, 2 points.")
    assert line(was.judgement, "Repeat").startswith("The 2nd default in a row: factor 2")
    assert str(explanations[0].formula) == "91 ÷ 100 × 100 = 91%"
    assert explanations[0].report.revision == 1
    assert (was.former.nth, was.former.replaced) == ("1st", "20 Jul 2024, 12:00 UTC")
    assert was.former.cause_id == april.pk and explanations[0].former.cause_id is None
    assert was.money is None and was.without_money.startswith("Not kept as it was")
    assert (was.holding, holding.former) == (holding.holding, None)


def test_the_pages_of_what_held_and_what_holds_lead_to_each_other(corrected, cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        april, may = (slot(corrected, "SL-01", month).pk for month in (4, 5))
    because = "Follows from April 2024, figures corrected: Two counted twice"
    for member in (cast.marco, cast.vera):
        client = client_for(member)
        cause = f'/results/{april}/why/">{because}</a>'
        page = client.get(f"results/{may}/why/").content.decode()
        assert cause in page and f'/results/{may}/why/1/">1st judgement</a>' in page
        assert "2nd judgement, current result" in " ".join(page.split()) and "Replaced.<" not in page
        page = client.get(f"results/{may}/why/1/").content.decode()
        assert cause in page and f'/results/{may}/why/">current result</a>' in page
        assert "Replaced.<" in page and "1st judgement, this one" in page and "Triggered" not in page


def test_a_former_judgement_is_not_there_for_others_and_not_where_there_was_none(corrected, cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        may, june = (slot(corrected, "SL-01", month).pk for month in (5, 6))
    paths = (f"results/{may}/why/2/", f"results/{june}/why/1/", f"results/{may}/why/0/")
    marco = client_for(cast.marco, raise_request_exception=False)
    assert [marco.get(path).status_code for path in paths] == [404, 404, 404]
    for member in (cast.hana, cast.otto, cast.vera_at_brightwater):
        there = client_for(member, raise_request_exception=False)
        assert there.get(f"results/{may}/why/1/").status_code == 404


def test_of_one_incident_the_level_that_counts_is_named(cast, scope_of, client_for):
    """On both explanations, and without a name where the incident is not the result's own."""
    priced = CONTRACT.replace("credits:\n", "credits:\n  one_per_incident: true\n")
    rows = "SL-01,2024-05,89,100,,,,INC-7,\nSL-02,2024-05,,,3000,0,,INC-7,\n"
    with scope_of(cast.aldermoor):
        of = import_contract(by=None, source=priced.encode())
        source = (FIGURES.splitlines()[0] + "\n" + rows).encode()
        (made,) = import_figures(by=None, contract=of, source=source, filename="may.csv", submit=True)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=made, now=datetime(2024, 6, 8, tzinfo=UTC))
    with scope_of(cast.aldermoor):
        judge_due(now=JUDGED)
        explanations = [explanation_of(of, code, 5) for code in ("SL-01", "SL-02")]
        pk = slot(of, "SL-02", 5).pk
    said = "INC-7: the 3 points of SL-02 count instead"
    for explanation in explanations:
        assert [(one.code, one.instead) for one in explanation.money.counted] == [("SL-01", said), ("SL-02", "")]
    assert said in client_for(cast.marco).get(f"results/{pk}/why/").content.decode()
