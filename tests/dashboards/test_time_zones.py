"""A moment of a contract is shown in the contract's time zone, by the same words on every page; where contracts mix, in UTC."""

import re

import pytest

from evaluation.models import Result
from measurements.models import Submission
from tests.dashboard_world import MAY, NOW
from tests.factories import breaches


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Chicago", "20 Jun 2024, 07:00 CDT"),
        ("Europe/London", "20 Jun 2024, 13:00 BST"),
        ("America/Sao_Paulo", "20 Jun 2024, 09:00 UTC−03:00"),
    ],
)
def test_one_moment_reads_the_same_on_every_page_of_a_contract(cast, judged, scope_of, client_for, zone, said):
    of = judged(cast.corvid, timezone=zone)
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
        f"contracts/{of.contract.pk}/scorecard/?period=2024-05",
        f"breaches/{breach.pk}/",
        f"breaches/?contract={of.contract.pk}",
        f"contracts/{of.contract.pk}/credits/",
        f"results/{of.result.pk}/why/",
    ):
        html = client.get(page).content.decode()
        assert said in html, page
        assert set(re.findall(r"20 Jun 2024, [^<\"]{5} [^<\".]*", html)) == {said}, page


def test_lists_of_several_contracts_have_one_zone_and_name_it(cast, judged, scope_of, client_for):
    for zone in ("America/Chicago", "Europe/London"):
        of = judged(cast.corvid, timezone=zone)
        with scope_of(cast.aldermoor):
            Submission.objects.filter(contract=of.contract).update(submitted_at=NOW)
            of.breach(opened_at=NOW)
    for page in ("submissions/?period=2024-05", "breaches/"):
        html = client_for(cast.marco).get(page).content.decode()
        assert html.count("20 Jun 2024, 12:00 UTC") == 2, page
