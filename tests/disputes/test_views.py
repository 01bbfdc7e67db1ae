"""The pages of relief and disputes, for both sides."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import open_due
from breaches.models import Breach
from disputes.actions import ask_for_relief, decide_on_relief, dispute
from disputes.models import Dispute, ReliefRequest
from measurements.actions import submit
from measurements.models import Submission
from tests import budgets
from tests.disputes.conftest import MAY
from tests.disputes.test_disputes import FIGURE
from tests.disputes.test_disputes import WHY as BECAUSE
from tests.disputes.test_relief import WHY


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def asked(cast, world, by):
    return by(cast.vera, ask_for_relief, service_level=world.level, period=world.april, amount=Decimal(6), **WHY)


@pytest.fixture
def disputed(cast, world, by):
    return by(cast.vera, dispute, result=world.result(), numbers=FIGURE, **BECAUSE)


def test_the_vendor_asks_for_relief_and_sees_it(cast, world, client_for, scope_of):
    vera = client_for(cast.vera)
    path = f"relief/ask/{world.level.pk}/{world.april.pk}/"
    page = text(vera.get(path))
    assert "90 of 100" in page and "How many cases should not count" in page
    given = {"amount": "", "ground": "client", "explanation": "No power."}
    again = vera.post(path, given)
    assert again.status_code == 422 and "No power." in text(again)
    assert vera.post(path, given | {"amount": "101"}).status_code == 422
    answer = vera.post(path, given | {"amount": "6"})
    with scope_of(cast.aldermoor):
        found = ReliefRequest.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/relief/{found.pk}/")
    page = text(vera.get(f"relief/{found.pk}/"))
    assert "6 cases left out" in page and "Withdraw" in page and "Your decision" not in page


def test_the_client_sees_the_effect_before_it_decides(cast, world, asked, client_for, scope_of):
    marco = client_for(cast.marco)
    with CaptureQueriesContext(connection) as asked_for:
        page = text(marco.get(f"relief/{asked.pk}/"))
    assert (
        sum("EXECUTE judgement" in one["sql"] for one in asked_for.captured_queries) == 2
    )  # as it stands, and put right
    for said in ("<s>90.0%</s>", "<b>95.7", "<s>Breach, Bad</s>", "<b>Met, Good</b>", "<s>£200.00</s>", "<b>£0.00</b>"):
        assert said in page, said
    with scope_of(cast.aldermoor):  # looked at, and nothing is written
        assert Submission.objects.count() == 1
    assert world.result().revision == 1
    given = {"decision": "some", "granted": "2", "reason": "", "version": "1"}
    again = marco.post(f"relief/{asked.pk}/decide/", given)
    assert again.status_code == 422 and "Say why." in text(again)
    assert marco.post(f"relief/{asked.pk}/decide/", given | {"reason": "Two.", "version": "7"}).status_code == 409
    assert marco.post(f"relief/{asked.pk}/decide/", given | {"decision": "all"}).status_code == 302
    world.judge()
    assert world.balance() == 0
    assert "Granted" in text(client_for(cast.vera).get(f"relief/{asked.pk}/"))


def test_the_effect_says_nothing_of_figures_that_the_vendor_still_prepares(
    cast, world, clock, by, client_for, scope_of
):
    with scope_of(cast.aldermoor):
        may = world.contract.periods.get(cycle="month", starts_on=MAY.date().replace(day=1))
    (draft,) = world.report("SL-01,2024-05-01,90,100", submit=False)
    asked = by(cast.vera, ask_for_relief, service_level=world.level, period=may, amount=Decimal(6), **WHY)
    marco = client_for(cast.marco)
    page = text(marco.get(f"relief/{asked.pk}/"))
    assert "No figures are reported yet" in page and "90.0%" not in page
    clock(MAY.replace(month=6, day=3))  # once May is over
    by(cast.vera, submit, submission=draft)
    marco = client_for(cast.marco)
    assert "90.0%" in text(marco.get(f"relief/{asked.pk}/"))


def test_a_dispute_from_the_result_to_the_ruling(cast, world, client_for, scope_of):
    vera, marco, result = client_for(cast.vera), client_for(cast.marco), world.result()
    path = f"results/{result.pk}/dispute/"
    given = {"ground": "figure", "explanation": "See the log.", "numerator": "95", "denominator": ""}
    assert "whole figure" in text(vera.post(path, given))
    assert vera.post(path, given | {"denominator": "99"}).status_code == 302
    with scope_of(cast.aldermoor):
        found = Dispute.objects.get()
    assert "disputed already" in text(vera.get(path))
    page = text(marco.get(f"disputes/{found.pk}/"))
    for said in ("Credit on hold", "90 of 100", "95 of 99", "Uphold: 95 of 99 counts", "Reject: 90 of 100 stays"):
        assert said in page, said
    assert marco.post(f"disputes/{found.pk}/say/", {"text": "Which log?"}).status_code == 302
    ruling = {"ruling": "upheld", "reason": "It shows it.", "version": "1", "numerator": "95", "denominator": "99"}
    assert marco.post(f"disputes/{found.pk}/rule/", ruling).status_code == 302
    world.judge()
    assert (world.result().outcome, world.balance()) == ("met", 0)
    page = text(vera.get(f"disputes/{found.pk}/"))
    assert "Upheld" in page and "Which log?" in page and "Counts since the ruling" in page and "90.0%" in page


def test_a_withdrawn_one_is_not_ruled_on(cast, disputed, client_for):
    assert client_for(cast.vera).post(f"disputes/{disputed.pk}/withdraw/", {"version": "1"}).status_code == 302
    late = client_for(cast.marco).post(
        f"disputes/{disputed.pk}/rule/", {"ruling": "rejected", "reason": "No.", "version": "1"}
    )
    assert late.status_code == 409 and "Withdrawn" in text(late)


def test_the_list_takes_the_same_statements_for_one_and_for_three(cast, world, by, asked, client_for, scope_of):
    marco = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            page = text(marco.get("disputes/"))
        return len(queries), page

    first, page = statements()
    assert "6 cases" in page and "1 waits" in page
    with scope_of(cast.aldermoor):
        periods = list(world.contract.periods.filter(cycle="month").order_by("starts_on")[1:3])
    for period in periods:
        by(cast.vera, ask_for_relief, service_level=world.level, period=period, amount=Decimal(1), **WHY)
    by(cast.vera, dispute, result=world.result(), **BECAUSE)
    more, page = statements()
    assert (more, first <= budgets.STATEMENTS) == (first, True) and "4 wait for an answer" in page
    assert "Nothing" in text(marco.get("disputes/?status=late")) or "None in this state" in text(
        marco.get("disputes/?status=late")
    )
    assert "The figure" not in text(marco.get("disputes/?kind=relief"))


def test_others_find_nothing(cast, world, asked, disputed, client_for):
    for member in (cast.hana, cast.otto, cast.vera_at_brightwater):
        client = client_for(member)
        for path in (f"relief/{asked.pk}/", f"disputes/{disputed.pk}/"):
            assert client.get(path).status_code == 404
        assert world.level.name not in text(client.get("disputes/?status=all"))


def test_what_waits_is_said_wherever_the_result_stands(cast, world, asked, disputed, client_for, scope_of):
    """On its explanation, the scorecard, the breach, the ledger and the submission; to the vendor, too."""
    with scope_of(cast.aldermoor):
        open_due(now=MAY)
        breach, submission = Breach.objects.get(), Submission.objects.get()
    pages = {
        f"results/{world.result().pk}/hearings/": "Disputed, asked 20 May 2024",
        f"contracts/{world.contract.pk}/2024-04/": "disputed",
        f"breaches/{breach.pk}/": "Disputed.",
        f"contracts/{world.contract.pk}/credits/": "a result is disputed",
        f"submissions/{submission.pk}/": "relief asked for",
    }
    for member in (cast.marco, cast.vera):
        client = client_for(member)
        for path, said in pages.items():
            answer = client.get(path, follow=True)
            assert answer.status_code == 200 and said in text(answer), (path, said)
    vera = client_for(cast.vera)
    assert "hearings/" in text(vera.get(f"results/{world.result().pk}/why/"))


def test_granted_relief_is_said_with_the_result(cast, world, asked, by, client_for):
    by(cast.marco, decide_on_relief, relief_request=asked, granted=Decimal(6))
    world.judge()
    page = text(client_for(cast.vera).get(f"results/{world.result().pk}/hearings/"))
    assert f"6 relieved: granted by {cast.marco.name}" in page and "Dispute the result" in page
