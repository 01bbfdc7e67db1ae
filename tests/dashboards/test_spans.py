"""A value that is not of its own period alone says over what, wherever it stands; and what a rule counts."""

from decimal import Decimal

from contracts.wording import describe_triggered
from measurements.models import Submission


def test_a_rolling_value_says_over_what_wherever_it_stands(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        breach = found.breach()
        found.terms.full["rolling"] = "3"
        found.terms.save()
        submission = Submission.objects.get(contract=found.contract, month=found.periods[1].month)
    marco, vera = client_for(cast.marco), client_for(cast.vera)
    for client, page in (
        (marco, f"contracts/{found.contract.pk}/scorecard/"),
        (marco, f"submissions/{submission.pk}/"),
        (marco, f"results/{found.result.pk}/why/"),
        (marco, "breaches/"),
        (marco, f"breaches/{breach.pk}/"),
        (vera, "figures/"),
        (vera, f"contracts/{found.contract.pk}/figures/enter/?period=2024-06"),
        (marco, f"contracts/{found.contract.pk}/2024-05/publication/"),
    ):
        assert "over 3 months" in client.get(page).content.decode(), page


def test_one_of_what_a_rule_counts_is_said_in_the_singular():
    rule = {
        "count": "defaults",
        "over": "service_level",
        "window": "1",
        "at_least": "1",
        "more_than": None,
        "then": "notify",
    }
    assert describe_triggered(rule, Decimal(1)) == "1 breach in a period, limit 1: both sides are notified"
    assert describe_triggered(rule, Decimal(2)) == "2 breaches in a period, limit 1: both sides are notified"
