"""What an explanation says of money: incidents, what earns, tariffs, worth, caps, and of the rules that hold."""

from decimal import Decimal

import pytest

from contracts.models import Contract
from evaluation.models import Result
from explanations.explanation import explain
from explanations.money import explain_money
from explanations.rows import gather
from explanations.writing import format_cash, format_points, format_sentence
from tests.explanations.examples import BANDS, LATE, explained, explanations_of, header_of, line, pair
from tests.factories import contracts, slas
from tests.factories import evaluation as results


@pytest.fixture
def aldermoor(cast, scope_of):
    with scope_of(cast.aldermoor):
        yield


CREDITS = {"point": {"percent_of": "at_risk", "value": 10}, "at_risk_percent": 10}


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("credits", "label", "text"),
    [
        (
            {},
            "A point is worth",
            "10% of the month's at-risk amount of £100.00 (10% of the charges of £1,000.00): £10.00.",
        ),
        ({"point": {"amount": "0.333"}}, "A point is worth", "£0.333."),
        (
            {"tariff": {"kind": "step", "steps": [{"at": 20, "value": 5}, {"at": 8, "value": 2}]}},
            "Tariff",
            "8 points or more: 2.",
        ),
        ({"tariff": {"kind": "step", "steps": [{"at": 20, "value": 5}]}}, "Tariff", "Fewer than 20 points: 0."),
        ({"tariff": {"kind": "step", "steps": [{"at": 1, "value": 5}]}}, "Tariff", "1 point or more: 5."),
        (
            {
                "tariff": {
                    "kind": "marginal",
                    "slices": [{"upto": 4, "factor": 0}, {"upto": 50, "factor": 2}, {"factor": 3}],
                }
            },
            "Tariff",
            "4 × 0 + 6 × 2 = 12.",
        ),
        ({"minimum": 100}, "Minimum", "A credit of £100.00 or less is not issued."),
        ({"caps": [{"amount": 100, "over": "contract_year"}]}, "Capped", "The cap is reached exactly."),
        (
            {"caps": [{"percent_of": "at_risk", "value": 50, "over": "contract_year"}]},
            "Cap",
            "50% of the at-risk amount in a contract year, £1,200.00 (10% of the charges of £12,000.00): "
            "£600.00 cap − £0.00 already credited = £600.00 left.",
        ),
        (
            {"caps": [{"amount": 99, "over": "contract_year"}]},
            "Cap",
            "A fixed amount in a contract year: £99.00 cap − £0.00 already credited = £99.00 left; this limit applies.",
        ),
    ],
)
def test_money_in_words(credits, label, text):
    explanation = explanations_of({}, [pair(80, 100)], credits=CREDITS | credits)[0]
    assert line(explanation.money.lines, label) == text


@pytest.mark.usefixtures("aldermoor")
def test_terms_that_earn_no_credit_yet():
    explanation = explanations_of({"terms": {"credits_from": "2024-06-01"}}, [pair(80, 100)], credits=CREDITS)[0]
    text = "Of 10 points 0 earn money; by their terms this one's do from 1 Jun 2024."
    assert line(explanation.money.lines, "Earning") == text


@pytest.mark.usefixtures("aldermoor")
def test_the_money_of_a_month_names_every_slot_and_nobody_s_share():
    figures = [pair(80, 100), pair(80, 100) | {"service_level": "B"}]
    explained(_of_two(), [{"service_level": "A", "period": "2024-04-01"} | one for one in figures], LATE)
    [rows] = gather(Result.objects.filter(month="2024-04-01", service_level__code="A"))
    money = explain_money(rows, whole=True)
    assert line(money.lines, "Month total") == "10 (A) + 10 (B) = 20 points"
    assert line(money.lines, "Month's credit") == "£200.00."
    assert line(money.lines, "Share of it") is None and not any(slot.mine for slot in money.counted)


def _of_two():
    measure = {"kind": "ratio", "of": "Good", "among": "All"}
    terms = [{"from": "2024-04-01", "better": "higher", "bands": BANDS}]
    levels = [
        {"code": code, "name": code, "kras": {"REL": 100}, "every": "month", "measure": measure, "terms": terms}
        for code in ("A", "B")
    ]
    kras = [{"code": "REL", "name": "R", "weight": 100}]
    return {
        "plumbline": 1,
        "contract": header_of("R"),
        "kras": kras,
        "service_levels": levels,
        "credits": CREDITS,
    }


@pytest.mark.usefixtures("aldermoor")
def test_one_point_that_earns_no_credit_yet():
    bands = [BANDS[0], BANDS[2] | {"points": 1}]
    level = {"terms": {"credits_from": "2024-06-01", "bands": bands}}
    explanation = explanations_of(level, [pair(80, 100)], credits=CREDITS)[0]
    text = "Of 1 point 0 earn money; by their terms this one's do from 1 Jun 2024."
    assert line(explanation.money.lines, "Earning") == text


@pytest.mark.usefixtures("aldermoor")
def test_terms_of_others_that_earn_no_credit_yet():
    """Said of the others and of this one, and not at all in a month in which all earn."""
    late = {"terms": {"credits_from": "2024-06-01"}}
    codes = ["SL-1", "SL-2"]
    figures = [
        pair(80, 100, service_level=code, period=month) for code in codes for month in ("2024-05-01", "2024-06-01")
    ]
    explanations = explanations_of(late, figures, codes=codes, credits=CREDITS)
    said = {
        (explanation.code, explanation.month): line(explanation.money.lines, "Earning")
        for explanation in explanations
        if explanation.money
    }
    assert said["SL-1", "May 2024"] == (
        "Of 20 points 0 earn money; by their terms those of SL-2 do not yet, and this one's do from 1 Jun 2024."
    )
    assert said["SL-2", "June 2024"] is None


@pytest.mark.usefixtures("aldermoor")
def test_amounts_are_written_as_they_are_computed_with():
    """Nothing is rounded on the way but the credit, so that a calculator comes to each number from those before it."""
    terms = {"point": {"percent_of": "at_risk", "value": "3.7"}, "at_risk_percent": "12.5"}
    header = header_of("R") | {"charges": {"monthly": "33333.33"}}
    caps = [{"percent_of": "at_risk", "value": 35, "over": "rolling_12"}]
    (explanation, *_) = explanations_of({}, [pair(80, 100)], contract=header, credits=terms | {"caps": caps})
    lines = explanation.money.lines
    at_risk = "£4,166.66625 (12.5% of the charges of £33,333.33)"
    assert line(lines, "A point is worth") == f"3.7% of the month's at-risk amount of {at_risk}: £154.16665125."
    assert line(lines, "Before caps") == "10 × £154.16665125 = £1,541.67, rounded half up"
    assert line(lines, "Cap") == (
        f"35% of the at-risk amount in twelve months, {at_risk}: "
        "£1,458.3331875 cap − £0.00 already credited = £1,458.3331875 left; this limit applies."
    )
    assert line(lines, "Month's credit") == "£1,458.33, rounded half up."


@pytest.mark.usefixtures("aldermoor")
def test_the_charges_of_a_span_are_those_of_its_months_in_the_contract():
    """Twelve months back only as far as the contract goes; a contract year with what is to come."""
    months = {"2024-04": "100", "2024-05": "20", "2024-06": "3"}
    header = header_of("R") | {"charges": {"months": months}}
    shares = [{"percent_of": "charges", "value": 50, "over": over} for over in ("month", "rolling_12", "contract_year")]
    figure = pair(80, 100, period="2024-05-01")
    explanation = explanations_of({}, [figure], contract=header, credits={"point": {"amount": 10}, "caps": shares})[1]
    assert [one.text.partition(":")[0] for one in explanation.money.lines if one.label == "Cap"] == [
        "50% of the charges in a month, £20.00",
        "50% of the charges in twelve months, £120.00",
        "50% of the charges in a contract year, £123.00",
    ]


@pytest.mark.usefixtures("aldermoor")
def test_shares_of_a_credit_are_rounded_to_add_up():
    codes = ["SL-1", "SL-2", "SL-3"]
    figures = [pair(80, 100, service_level=code) for code in codes]
    explanations = explanations_of(
        {}, figures, codes=codes, credits={"point": {"amount": 10}, "caps": [{"amount": 100, "over": "month"}]}
    )
    said = [
        line(explanation.money.lines, "Share of it")
        for explanation in explanations
        if explanation.month == "April 2024"
    ]
    ends = "in proportion to penalty points, rounded so that all shares add up to the credit."
    assert said == [f"£100.00 × 10 ÷ 30 = £{share}, {ends}" for share in ("33.33", "33.34", "33.33")]


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("currency", "minor", "value", "text"),
    [
        ("GBP", 2, "1000", "£1,000.00"),
        ("GBP", 2, "0.333", "£0.333"),
        ("JPY", 0, "24999.975", "JP¥24,999.975"),
        ("KWD", 3, "1.5", "KWD\u00a01.500"),
        ("GBP", 2, "0.1234567890129", "£0.123456789012…"),
        ("GBP", 2, "12345678901234567890123456.0123456789012", "£12,345,678,901,234,567,890,123,456.012345678901…"),
    ],
)
def test_amounts_have_all_their_decimals(currency, minor, value, text):
    assert format_cash(Contract(currency=currency, minor_unit=minor), Decimal(value)) == text


THIRDS = [BANDS[0], BANDS[2] | {"points": 4, "per_step": {"from": 95, "step": 3, "round": "none"}}]
MARGINAL = {"kind": "marginal", "slices": [{"upto": 5, "factor": 1}, {"factor": "1.5"}]}


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("credits", "label", "text"),
    [
        ({}, "Month total", "9.333333… (this one) + 9.333333… (SL-2) = 18.666666… points"),
        ({}, "Earning", None),
        ({"tariff": MARGINAL}, "Tariff", "5 × 1 + 13.666666… × 1.5 = 25.5."),
        ({"tariff": MARGINAL}, "Before caps", "25.5 × £10.00 = £255.00"),
    ],
)
def test_thirds_of_points_leave_no_trace_in_what_they_come_to(credits, label, text):
    """7 percent points too few are 2⅓ steps of 3; the points are kept to 12 places, their sums to fewer."""
    codes = ["SL-1", "SL-2"]
    figures = [pair(88, 100, service_level=code) for code in codes]
    (explanation, *_) = explanations_of({"terms": {"bands": THIRDS}}, figures, codes=codes, credits=CREDITS | credits)
    assert line(explanation.money.lines, label) == text


def test_a_sentence_does_not_end_in_four_dots():
    assert [format_sentence("9.333333…"), format_sentence("9")] == ["9.333333…", "9."]


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        ("27.625000000001", "27.625"),
        ("6.999999999999", "7"),
        ("0.999999999", "0.999999…"),
        ("9.333333333333", "9.333333…"),
    ],
)
def test_points_are_those_that_they_lie_next_to(kept, text):
    assert format_points(Decimal(kept)) == text


@pytest.mark.usefixtures("aldermoor")
def test_of_one_incident_the_largest_counts_and_the_others_are_summed_up():
    codes = [f"SL-{n:02}" for n in range(12)]
    figures = [pair(80, 100, service_level=code, incident="INC" if n < 2 else "") for n, code in enumerate(codes)]
    explanations = explanations_of({}, figures, codes=codes, credits=CREDITS | {"one_per_incident": True})
    first, second = (
        next(one for one in explanations if one.code == code and one.month == "April 2024") for code in codes[:2]
    )
    assert line(first.money.lines, "Incident") is None
    assert line(second.money.lines, "Incident") == (
        "INC caused several of the month's points; only the largest count, the 10 of SL-00. 10 points of this one leave the month."
    )
    named = " + ".join(f"10 ({code})" for code in ["SL-00", *codes[2:9]])
    assert line(second.money.lines, "Month total") == f"{named} + 30 (of 3 others) = 110 points"


@pytest.mark.usefixtures("aldermoor")
@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            {"over": "contract", "count": "default_share", "more_than": 50},
            "Notice: 100% of results in default in 1 month, more than 50.",
        ),
        (
            {"over": "contract", "count": "consecutive_defaults", "at_least": 1},
            "Notice: 1 month with a default in a row, at least 1.",
        ),
        (
            {"over": "contract", "count": "capped_months", "at_least": 1},
            "Notice: 1 month at the cap in 1 month, at least 1.",
        ),
        (
            {"over": "service_level", "count": "defaults", "window": 3, "at_least": 1},
            "Notice: 1 default in 3 periods, at least 1.",
        ),
    ],
)
def test_rules_in_words(rule, text):
    credits = CREDITS | {"caps": [{"amount": 100, "over": "month"}]}
    explanation = explanations_of({}, [pair(80, 100)], credits=credits, rules=[{"name": "R", "then": "notify"} | rule])[
        0
    ]
    assert [one.text for one in explanation.rules] == [text]


@pytest.mark.usefixtures("aldermoor")
def test_a_rule_that_the_contract_no_longer_has_is_shown_as_it_was_stored(cast):
    contract = contracts.contract(cast.corvid)
    period = contracts.periods(contract, count=1)[0]
    made = results.result(slas.terms(slas.service_level(contract)), period, trace={})
    results.triggered_rule(period)
    explanation = explain(made)
    assert [(one.label, one.text) for one in explanation.rules] == [("Chronic failure", "Escalation: 3.")]
    assert (explanation.formula, explanation.figures) == (None, ())
