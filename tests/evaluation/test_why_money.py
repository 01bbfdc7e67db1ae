"""What a sheet says of money: incidents, what earns, tariffs, worth, caps, and of the rules that hold."""

from decimal import Decimal

import pytest

from evaluation import why
from evaluation.why.writing import points
from tests.evaluation.sheets import BANDS, line, pair, told
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
            "50% of the at-risk amount in a contract year: £600.00 less £0.00 issued before leaves £600.00, the least.",
        ),
    ],
)
def test_money_in_words(credits, label, text):
    sheet = told({}, [pair(80, 100)], credits=CREDITS | credits)[0]
    assert line(sheet.money.lines, label) == text


@pytest.mark.usefixtures("aldermoor")
def test_terms_that_earn_no_credit_yet():
    sheet = told({"terms": {"credits_from": "2024-06-01"}}, [pair(80, 100)], credits=CREDITS)[0]
    text = "0 of 10 points earn money; by their terms this one's do from 1 Jun 2024."
    assert line(sheet.money.lines, "Earning") == text


@pytest.mark.usefixtures("aldermoor")
def test_terms_of_others_that_earn_no_credit_yet():
    """Said of the others and of this one, and not at all in a month in which all earn."""
    late = {"terms": {"credits_from": "2024-06-01"}}
    codes = ["SL-1", "SL-2"]
    figures = [
        pair(80, 100, service_level=code, period=month) for code in codes for month in ("2024-05-01", "2024-06-01")
    ]
    sheets = told(late, figures, codes=codes, credits=CREDITS)
    said = {(sheet.code, sheet.month): line(sheet.money.lines, "Earning") for sheet in sheets if sheet.money}
    assert said["SL-1", "May 2024"] == (
        "0 of 20 points earn money; by their terms those of SL-2 do not yet, and this one's do from 1 Jun 2024."
    )
    assert said["SL-2", "June 2024"] is None


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
    (sheet, *_) = told({"terms": {"bands": THIRDS}}, figures, codes=codes, credits=CREDITS | credits)
    assert line(sheet.money.lines, label) == text


@pytest.mark.usefixtures("aldermoor")
def test_a_sentence_does_not_end_in_four_dots():
    (sheet, *_) = told({"terms": {"bands": THIRDS}}, [pair(88, 100)], credits=CREDITS)
    assert line(sheet.money.lines, "Share of it").endswith("9.333333…")


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
    assert points(Decimal(kept)) == text


@pytest.mark.usefixtures("aldermoor")
def test_of_one_incident_the_largest_counts_and_the_others_are_summed_up():
    codes = [f"SL-{n:02}" for n in range(12)]
    figures = [pair(80, 100, service_level=code, incident="INC" if n < 2 else "") for n, code in enumerate(codes)]
    sheets = told({}, figures, codes=codes, credits=CREDITS | {"one_per_incident": True})
    first, second = (
        next(one for one in sheets if one.code == code and one.month == "April 2024") for code in codes[:2]
    )
    assert line(first.money.lines, "Incident") is None
    assert line(second.money.lines, "Incident") == (
        "INC caused several of the month's points; only the largest count, the 10 of SL-00. These 10 points leave the month."
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
    sheet = told({}, [pair(80, 100)], credits=credits, rules=[{"name": "R", "then": "notify"} | rule])[0]
    assert [one.text for one in sheet.rules] == [text]


@pytest.mark.usefixtures("aldermoor")
def test_a_rule_that_the_contract_no_longer_has_is_shown_as_it_was_stored(cast):
    contract = contracts.contract(cast.corvid, credits=None)
    period = contracts.periods(contract, count=1)[0]
    made = results.result(slas.terms(slas.service_level(contract)), period, trace={})
    results.firing(period)
    sheet = why.sheet(made)
    assert [(one.label, one.text) for one in sheet.rules] == [("Chronic failure", "Escalation: 3.")]
    assert (sheet.formula, sheet.figures) == (None, ())
