"""Clauses of a contract in words."""

from contracts.wording import describe_credits

CREDITS = {
    "point": {"amount": "10", "percent_of": None, "value": None},
    "at_risk_percent": None,
    "tariff": {
        "kind": "marginal",
        "slices": [{"upto": "1", "factor": "0"}, {"upto": "20", "factor": "1"}, {"upto": None, "factor": "1.5"}],
    },
    "one_per_incident": False,
    "bedding_in": [],
    "caps": [],
    "minimum": None,
    "earn_back": None,
}


def test_one_point_of_a_slice_is_one():
    said = dict(describe_credits(CREDITS, "GBP"))["Tariff"]
    assert said == "Slice by slice: up to 1 point free, up to 20 points × 1 and above 20 points × 1.5"


def test_what_lies_above_one_point():
    tariff = {"kind": "marginal", "slices": [{"upto": "1", "factor": "0"}, {"upto": None, "factor": "1"}]}
    said = dict(describe_credits(CREDITS | {"tariff": tariff}, "GBP"))["Tariff"]
    assert said == "Slice by slice: up to 1 point free and above 1 point × 1"
