"""The metric catalogue as a page."""

from collections.abc import Callable

import pytest

from slas.metric_catalogue import metrics
from tests.cast import Cast
from tests.markup import tight

ADDRESS = "/o/aldermoor/catalogue/"


@pytest.fixture
def page(cast: Cast, client_for: Callable) -> Callable[..., str]:
    """`page("?q=incident")`: what Petra of procurement sees."""

    def seen(query: str = "", **headers: str) -> str:
        answer = client_for(cast.petra).get(ADDRESS + query, headers=headers)
        assert answer.status_code == 200
        return tight(answer.content.decode())

    return seen


def test_all_metrics_are_listed_and_the_first_is_shown_in_full(page: Callable):
    text = page()
    assert [metric.name for metric in metrics().values() if metric.name.replace("'", "&#x27;") not in text] == []
    assert "80 metrics in 8 trades" in text
    assert '<h2 id="metric-h">Service availability</h2>' in text


def test_words_and_trade_narrow_it_and_a_metric_shows_its_traps_its_curve_and_its_lines_of_a_file(page: Callable):
    text = page("?q=incident&trade=IT&metric=IT-03")
    assert "IT services, “incident”" in text
    assert "Incident response on time" in text
    assert "Calls answered in time" not in text
    assert '<h2 id="metric-h">Incident resolution on time</h2>' in text
    assert "Pair it with backlog over age (IT-12)." in text
    assert "95%, minimum 90%" in text
    assert 'class="chart curve"' in text
    assert "code: IT-03" in text


def test_where_nothing_is_found_it_says_so_and_leads_back(page: Callable):
    text = page("?q=unheard")
    assert "No metric has these words" in text
    assert 'id="metric"' not in text


@pytest.mark.parametrize("query", ["?trade=XX", "?metric=XX-99", "?trade=it&metric="])
def test_what_is_not_there_is_as_if_it_had_not_been_asked_for(page: Callable, query: str):
    assert '<h2 id="metric-h">Service availability</h2>' in page(query)


def test_htmx_gets_the_part(page: Callable):
    text = page("?q=incident", **{"HX-Request": "true", "HX-Target": "section#catalogue"})
    assert text.lstrip().startswith("<section")


def test_vendors_people_have_no_catalogue(cast: Cast, client_for: Callable):
    assert client_for(cast.vera).get(ADDRESS).status_code in (403, 404)


@pytest.mark.parametrize("code", ["XX-99", "a%0D%0Ab"])
def test_a_metric_that_is_not_there_has_no_file(cast: Cast, client_for: Callable, code: str):
    assert client_for(cast.petra).get(f"{ADDRESS}metric/?code={code}&export=csv").status_code == 404
