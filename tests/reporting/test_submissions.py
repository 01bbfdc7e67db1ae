"""The list of submissions."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from measurements.actions import accept, import_figures
from measurements.models import Figure, Submission
from reporting.views import submissions
from slas.actions import import_contract
from tests.cast import Cast
from tests.markup import tight
from tests.measurements.reporting import contract, csv
from tests.slas.contract_texts import document, text

MAY_LATE = datetime(2024, 5, 20, 9, tzinfo=UTC)  # April was due on 15 May


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(MAY_LATE)


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def accepted(cast: Cast, scope_of: Callable, of: Contract, source: bytes) -> Submission:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=of, source=source, submit=True)
    with scope_of(cast.marco):
        return accept(by=cast.marco, submission=made)


def test_a_month_says_who_has_reported(cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract) -> None:
    page = html(client_for(cast.marco).get("submissions/?period=2024-04"))
    assert "0 of 1 contract have submitted figures for April 2024, 1 late." in page
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,98,100"))
    page = html(client_for(cast.marco).get("submissions/?period=2024-04"))
    assert "1 of 1 contract has submitted" in page
    assert "Vera Novak" in page
    assert '1<span class="faint">of 2</span>' in page


def test_the_list_asks_only_those_to_decide_who_may(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    for who, word in ((cast.marco, "Decide"), (cast.petra, "Open"), (cast.vera, "Open")):
        assert re.findall(r"> ?(Decide|Open) ?<span", html(client_for(who).get("submissions/?period=2024-04"))) == [
            word
        ]


def test_the_last_month_is_shown_first_and_none_beyond_today(
    cast: Cast, client_for: Callable, agreed: Contract
) -> None:
    marco = client_for(cast.marco)
    assert "figures of April 2024" in html(marco.get("submissions/"))
    for month in ("2031-01", "2024-05"):
        assert "May 2024" in html(marco.get(f"submissions/?period={month}"))
    for nonsense in ("2024-13", "x", "1999-01"):
        assert "April 2024" in html(marco.get(f"submissions/?period={nonsense}"))


def test_a_state_filters_by_the_address(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    marco = client_for(cast.marco)
    assert "Service desk" in html(marco.get("submissions/?period=2024-04&state=late"))
    assert "No contract is in this state" in html(marco.get("submissions/?period=2024-04&state=accepted"))
    assert "Service desk" in html(marco.get("submissions/?period=2024-04&state=nonsense"))


def test_all_revisions_of_one_contract(cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract) -> None:
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,98,100"))
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,97,100"), reason="Two were ours")
    page = html(client_for(cast.vera).get(f"submissions/?contract={agreed.pk}"))
    assert "Revision 2: Two were ours" in page
    # Of another vendor there is nothing, and of nobody else's contract either.
    assert "Service desk" not in html(client_for(cast.hana).get(f"submissions/?contract={agreed.pk}"))


def test_the_list_asks_as_much_for_three_contracts_as_for_one(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    marco, path = client_for(cast.marco), "submissions/?period=2024-04"

    def statements() -> int:
        marco.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert marco.get(path).status_code == 200
        return len(asked)

    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,98,100"))
    one = statements()
    with scope_of(cast.aldermoor):
        for reference in ("MSA-2", "MSA-3"):
            other = document()
            other["contract"] |= {"reference": reference}
            import_contract(by=None, source=text(other))
    assert statements() == one


def test_the_list_is_paged(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "SHOWN", 1)
    with scope_of(cast.aldermoor):
        late = document()
        late["contract"] |= {"reference": "MSA-2", "title": "Field service"}
        import_contract(by=None, source=text(late))
    marco = client_for(cast.marco)
    first, second = (html(marco.get(f"submissions/?period=2024-04&page={page}")) for page in (1, 2))
    assert "Service desk" in first
    assert "Field service" not in first
    assert "2–2 of 2 contracts" in second
    assert "Field service" in second
