"""In the first days of a month hardly a figure of the last one is there: pages open on the last month that has scores, and say so."""

from datetime import UTC, datetime

import pytest

from tests.factories import contracts
from tests.markup import tight

JULY = datetime(2024, 7, 2, 12, tzinfo=UTC)
SAID = "May 2024 is the last month with scores."


@pytest.mark.parametrize(
    "page", ["portfolio/", "compare/?by=spread", "vendors/{vendor}/", "contracts/{contract}/scorecard/"]
)
def test_a_page_opens_on_the_last_month_with_scores_and_leads_to_the_next(page, cast, judged, client_for, clock):
    made = judged(cast.corvid)
    page = page.format(vendor=cast.corvid.code, contract=made.contract.pk)
    asked = f"{page}{'&' if '?' in page else '?'}period=2024-06"
    clock(JULY)
    marco = client_for(cast.marco)
    answer = marco.get(page)
    html = tight(answer.content.decode())
    assert answer.context["period"]["label"] == "May 2024" and SAID in html and "period=2024-06" in html
    answer = marco.get(asked)
    assert answer.context["period"]["label"] == "June 2024" and SAID not in answer.content.decode()


def test_it_is_the_last_month_of_what_is_looked_at(cast, judged, scope_of, client_for):
    mine, _other = judged(cast.halden, score=None), judged(cast.corvid)
    with scope_of(cast.aldermoor):
        contracts.owner(mine.contract, cast.marco)
    marco = client_for(cast.marco)
    for path, shown in (("portfolio/", "April 2024"), ("portfolio/?owner=all", "May 2024"), ("compare/", "April 2024")):
        assert marco.get(path).context["period"]["label"] == shown, path


def test_where_nothing_has_a_score_it_is_the_month_that_is_over(cast, agreed, client_for):
    marco = client_for(cast.marco)
    for path in ("portfolio/", "compare/", f"contracts/{agreed.pk}/scorecard/"):
        answer = marco.get(path)
        assert answer.context["period"]["label"] == "May 2024" and "has none yet" not in answer.content.decode(), path
