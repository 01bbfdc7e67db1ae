"""A published month in the browser, from both sides."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from evaluation.models import Month, Result
from measurements.models import Submission
from scorecards.models import Publication, Scorecard
from scorecards.snapshot import standing_of
from tests.dashboard_world import APRIL
from tests.factories import breaches, evaluation, scorecards, slas
from tests.markup import tight


@pytest.fixture
def page(client_for, month):
    """`page(member)`: the month's publication as this member sees it."""

    def read(member, query="", status=200):
        answer = client_for(member).get(f"contracts/{month.contract.pk}/2024-04/publication/{query}")
        assert answer.status_code == status
        return tight(answer.content.decode())

    return read


@pytest.fixture
def post(client_for, month):
    def sent(member, **fields):
        return client_for(member).post(f"contracts/{month.contract.pk}/2024-04/publish/", fields)

    return sent


@pytest.fixture
def seen(cast, scope_of, month):
    with scope_of(cast.aldermoor):
        return standing_of(month.contract, APRIL, timezone.now()).checksum


def test_before_it_is_published_the_page_says_so_and_what_is_missing(cast, scope_of, page, month):
    html = page(cast.marco)
    assert "Provisional" in html and "Publish and notify Corvid Systems" in html and "1 of 1 figure accepted" in html
    assert "Publish and notify" not in page(cast.petra)
    page(cast.vera, status=404)
    with scope_of(cast.aldermoor):
        Submission.objects.filter(month=APRIL).update(status="submitted")
    html = page(cast.marco)
    assert "1 figure submitted, to be accepted or returned" in html and "Publish and notify" not in html


def test_publishing_and_accepting(cast, scope_of, page, post, client_for, seen):
    assert post(cast.marco, seen=seen, word="Well done.").status_code == 302
    for member in (cast.marco, cast.vera):
        html = page(member)
        assert "Frozen as shown." in html and "Well done." in html and "92.0%" in html and "£500.00" in html
    assert "Accept the scorecard" not in page(cast.marco) and "Accept the scorecard" in page(cast.vera)
    with scope_of(cast.aldermoor):
        edition = Publication.objects.get()
    assert client_for(cast.vera).post(f"publications/{edition.pk}/accept/").status_code == 302
    html = page(cast.marco)
    assert "Accepted by Vera Novak" in html and "Accept the scorecard" not in page(cast.vera)


def test_before_publishing_the_page_of_the_vendor_is_looked_at(cast, scope_of, page, client_for, month, seen):
    path = f"contracts/{month.contract.pk}/2024-04/publish/preview/"
    answer = client_for(cast.marco).post(path, {"seen": seen, "word": "Nights are covered now."})
    assert answer.status_code == 200
    html = tight(answer.content.decode())
    assert "as Corvid Systems will see it" in html and "Nothing is published yet" in html
    for said in ("Edition 1 published", "Message:", "Nights are covered now.", "92.0%", "Accept the scorecard", seen):
        assert said in html, said
    assert "publications/" not in html  # nobody can accept it
    with scope_of(cast.aldermoor):
        assert not Publication.objects.exists()
        Submission.objects.filter(month=APRIL).update(status="submitted")
    lacking = client_for(cast.marco).post(path, {"seen": seen, "word": "Kept"})
    assert lacking.status_code == 422 and "1 figure submitted" in tight(lacking.content.decode())
    for member in (cast.petra, cast.vera):
        assert client_for(member).post(path, {"seen": seen}).status_code == 403
    page(cast.vera, status=404)


def test_each_result_of_an_edition_leads_to_its_explanation(cast, scope_of, page, post, seen):
    post(cast.marco, seen=seen)
    with scope_of(cast.aldermoor):
        result = Result.objects.get(month=APRIL)
    html = page(cast.vera)
    assert f"/results/{result.pk}/why/" in html and "Dispute a result" in html


def test_a_stale_page_publishes_nothing_and_keeps_what_was_typed(cast, scope_of, post):
    answer = post(cast.marco, seen="0" * 64, word="As discussed.")
    assert answer.status_code == 409
    assert "The numbers changed after you opened the page" in answer.content.decode()
    assert "As discussed." in answer.content.decode()
    with scope_of(cast.aldermoor):
        assert not Publication.objects.exists()


def test_a_month_that_changed_says_so_at_once_with_the_difference(cast, scope_of, page, post, client_for, month, seen):
    post(cast.marco, seen=seen)
    card = f"contracts/{month.contract.pk}/scorecard/?period=2024-04"
    assert "Has changed since" not in client_for(cast.vera).get(card).content.decode()
    with scope_of(cast.aldermoor):
        Result.objects.filter(month=APRIL).update(value=95, outcome="met", points=0)
        Month.objects.filter(month=APRIL).update(credit=0, points=0)
        Scorecard.objects.filter(month=APRIL).update(score=96)
        again = standing_of(month.contract, APRIL, timezone.now()).checksum
    for member in (cast.marco, cast.vera):
        html = page(member)
        assert "Has changed since it was published" in html and "<s>90.0</s>" in html and "<b>96.0</b>" in html
        assert "Has changed since" in client_for(member).get(card).content.decode()
    post(cast.marco, seen=again)
    html = page(cast.vera)
    assert "What this edition changes" in html and "Has changed since it was published" not in html
    assert "92.0%" in page(cast.vera, "?edition=1") and "Edition 2 has replaced it" in page(cast.vera, "?edition=1")
    page(cast.vera, "?edition=3", status=404)


def test_a_month_says_provisional_until_it_is_published(cast, scope_of, post, client_for, month, seen):
    with scope_of(cast.aldermoor):
        breaches.ledger_entry(month.periods[0])
    pages = [
        (cast.marco, f"contracts/{month.contract.pk}/scorecard/?period=2024-04", "Provisional"),
        (cast.vera, f"contracts/{month.contract.pk}/scorecard/?period=2024-04", "Provisional"),
        (cast.vera, f"contracts/{month.contract.pk}/credits/", "provisional"),
    ]
    for member, address, word in pages:
        assert word in client_for(member).get(address).content.decode()
    post(cast.marco, seen=seen)
    for member, address, _ in pages[:2]:
        assert "Provisional" not in client_for(member).get(address).content.decode()
    assert client_for(cast.vera).get(pages[2][1]).content.decode().count("provisional") == 1  # May


def test_the_vendor_s_home_says_what_is_provisional_and_what_waits_for_an_answer(cast, scope_of, client_for, month):
    assert "May 2024, provisional" in tight(client_for(cast.vera).get("figures/").content.decode())
    with scope_of(cast.aldermoor):
        made = scorecards.publication(month.periods[1], by=cast.marco, answer_by="2024-06-28")
    html = tight(client_for(cast.vera).get("figures/").content.decode())
    assert "May 2024, provisional" not in html and "May 2024 is published: answer by 28 Jun 2024" in html
    with scope_of(cast.aldermoor):
        scorecards.acceptance(made, cast.vera)
    assert "answer by" not in client_for(cast.vera).get("figures/").content.decode()


def test_another_vendor_and_another_client_see_nothing(cast, page, post, seen):
    post(cast.marco, seen=seen)
    page(cast.hana, status=404)


def test_the_number_of_statements_does_not_depend_on_the_contract(cast, scope_of, client_for, post, page, month, seen):
    post(cast.marco, seen=seen)
    page(cast.vera)
    counts = []
    for nth in range(2):
        with CaptureQueriesContext(
            connection,
        ) as found:
            page(cast.vera)
        counts.append(len(found))
        with scope_of(cast.aldermoor):
            for number in range(3):
                terms = slas.terms(slas.service_level(month.contract, code=f"XL-{nth}{number}"))
                evaluation.result(terms, month.periods[0])
            scorecards.publication(month.periods[0], by=cast.marco, edition=nth + 2)
    assert counts[0] == counts[1]
