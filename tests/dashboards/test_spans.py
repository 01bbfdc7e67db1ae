"""A value that is not of its own period alone says over what, wherever it stands."""

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
    ):
        assert "over 3 months" in client.get(page).content.decode(), page
