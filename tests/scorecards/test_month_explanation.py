"""Each number leads to one place that explains it: the result's page, or the month's."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.models import Result
from tests.dashboard_world import APRIL
from tests.factories import breaches, evaluation, slas
from tests.markup import tight

WHY = "why/{}/2024-04/"


@pytest.fixture
def why(client_for, month):
    def read(member, status=200):
        answer = client_for(member).get(WHY.format(month.contract.pk))
        assert answer.status_code == status
        return tight(answer.content.decode())

    return read


def test_the_score_is_the_sum_of_the_areas_and_each_result_leads_on(cast, scope_of, why, month):
    with scope_of(cast.aldermoor):
        result = Result.objects.get(month=APRIL)
    for member in (cast.marco, cast.vera):
        html = why(member)
        assert "Score 90.0" in html and "100 points: 90.0 = 90.0." in html
        assert f"/results/{result.pk}/why/" in html and "Provisional" in html
    why(cast.hana, status=404)
    why(cast.otto, status=404)


def test_a_month_without_a_judgement_says_so(cast, client_for, month):
    html = tight(client_for(cast.marco).get(f"why/{month.contract.pk}/2024-06/").content.decode())
    assert "The month is not calculated yet." in html
    assert client_for(cast.marco).get(f"why/{month.contract.pk}/2024-99/").status_code == 404


def linked(html, number, to):
    """Whether a link with this number leads there."""
    return any(
        to in href and number in re.sub("<[^>]+>", "", text)
        for href, text in re.findall(r'<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.S)
    )


def test_every_number_is_a_link_to_its_explanation(cast, scope_of, client_for, month):
    with scope_of(cast.aldermoor):
        breaches.ledger_entry(month.periods[0])
        result = Result.objects.get(month=APRIL)
    marco, pk = client_for(cast.marco), month.contract.pk
    place = f"why/{pk}/2024-04/"
    card = marco.get(f"contracts/{pk}/scorecard/?period=2024-04").content.decode()
    ledger = marco.get(f"contracts/{pk}/credits/?show=all").content.decode()
    portfolio = marco.get("portfolio/?period=2024-04").content.decode()
    explanation = marco.get(f"results/{result.pk}/why/").content.decode()
    for html, number, to in (
        (card, "90.0", f"{place}#score"),  # the score
        (card, "90.0", f"{place}#kra-"),  # points of a KRA
        (card, "90.0", f"/results/{result.pk}/why/"),  # points of a service level
        (card, "92.0%", f"/results/{result.pk}/why/"),  # a result
        (card, "£500.00", f"{place}#credit"),  # the credit
        (ledger, "April 2024", f"{place}#credit"),  # a row of the ledger
        (ledger, "£500.00", f"{place}#credit"),  # its amount
        (portfolio, "90", f"{place}#score"),  # a vendor's score, and a heat cell
        (portfolio, "90", place),  # a KRA's heat cell
        (portfolio, "90.0", "#vendors-h"),  # a figure of the portfolio
        (explanation, "Terms, version", f"contracts/{pk}/service-levels/{month.level.code}/"),
        (explanation, "The whole month", place),
    ):
        assert linked(html, number, to), (number, to)


def test_the_number_of_statements_does_not_depend_on_the_service_levels(cast, scope_of, why, month):
    why(cast.marco)
    counts = []
    for nth in range(2):
        with CaptureQueriesContext(connection) as found:
            why(cast.marco)
        counts.append(len(found))
        with scope_of(cast.aldermoor):
            for number in range(3):
                evaluation.result(
                    slas.terms(slas.service_level(month.contract, code=f"XL-{nth}{number}")), month.periods[0]
                )
    assert counts[0] == counts[1]
