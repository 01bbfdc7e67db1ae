"""One clock: what happened reads the same on every page, in the organisation's zone; what is due is a day of the contract."""

import re
from datetime import UTC, datetime

import pytest

from evaluation.models import Result
from measurements.models import Submission
from tests.dashboard_world import MAY, NOW
from tests.factories import breaches, organisations


def be_in(zone, cast, scope_of):
    with scope_of(cast.aldermoor):
        organisations.settings(timezone=zone)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Chicago", "20 Jun 2024, 07:00 CDT"),
        ("Europe/London", "20 Jun 2024, 13:00 BST"),
        ("America/Sao_Paulo", "20 Jun 2024, 09:00 UTC−03:00"),
    ],
)
def test_one_moment_reads_the_same_on_every_page(cast, judged, scope_of, client_for, zone, said):
    of = judged(cast.corvid, timezone="America/Los_Angeles")
    be_in(zone, cast, scope_of)
    with scope_of(cast.aldermoor):
        breach = of.breach(opened_at=NOW)
        breaches.ledger_entry(of.periods[1])
        Submission.objects.filter(contract=of.contract).update(submitted_at=NOW, decided_at=NOW)
        Result.objects.filter(contract=of.contract).update(judged_at=NOW)
        submission = Submission.objects.get(contract=of.contract, month=MAY)
    client = client_for(cast.marco)
    for page in (
        f"submissions/{submission.pk}/",
        f"submissions/?contract={of.contract.pk}",
        "submissions/?period=2024-05",
        f"contracts/{of.contract.pk}/scorecard/?period=2024-05",
        f"breaches/{breach.pk}/",
        f"breaches/?contract={of.contract.pk}",
        "breaches/",
        f"contracts/{of.contract.pk}/credits/",
        f"results/{of.result.pk}/why/",
    ):
        html = client.get(page).content.decode()
        assert said in html, page
        assert set(re.findall(r"20 Jun 2024, [^<\"]{5} [^<\".]*", html)) == {said}, page


def test_what_is_due_is_a_day_of_the_contract_and_names_its_zone(cast, judged, scope_of, client_for, clock):
    """It is the day after in London; in Chicago the last evening on which the figures are on time."""
    of = judged(cast.corvid, timezone="America/Chicago")
    be_in("Europe/London", cast, scope_of)
    with scope_of(cast.aldermoor):
        Submission.objects.filter(contract=of.contract, month=MAY).update(status="returned", due_again_on="2024-06-20")
        submission = Submission.objects.get(contract=of.contract, month=MAY)
    clock(datetime(2024, 6, 21, 3, tzinfo=UTC))
    vera, marco = client_for(cast.vera), client_for(cast.marco)
    for client, page in (
        (vera, "figures/"),
        (vera, f"submissions/{submission.pk}/"),
        (marco, "submissions/?period=2024-05"),
    ):
        html = client.get(page).content.decode()
        assert "Thu 20 Jun 2024 CDT" in html, page
        assert re.search(r"today(</time>|\.)", html), page
        assert "1 day" not in html, page


def test_what_was_due_names_the_zone_too(cast, judged, scope_of, client_for):
    judged(cast.corvid, timezone="America/Chicago")
    be_in("Europe/London", cast, scope_of)
    html = client_for(cast.marco).get("submissions/?period=2024-05").content.decode()
    assert "Fri 14 Jun 2024 CDT" in html
