"""The vendor's home: what is late, returned, due, waiting, in breach."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.models import Contract
from measurements.actions import accept, import_figures, return_, submit
from measurements.models import Submission
from slas.actions import import_contract
from slas.models import ServiceLevel
from tests.cast import Cast
from tests.factories import breaches, scorecards
from tests.markup import tight
from tests.measurements.reporting import csv
from tests.slas.contract_texts import document, level, text

MAY = datetime(2024, 5, 20, 9, tzinfo=UTC)  # April was due on 15 May, May is open


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(MAY)


def enter(cast: Cast, scope_of: Callable, reference: str = "MSA-1", vendor: str = "CORVID") -> Contract:
    given = document(service_levels=[level()])
    given["contract"] |= {"reference": reference, "vendor": {"code": vendor, "name": vendor.title()}}
    with scope_of(cast.aldermoor):
        return import_contract(by=None, source=text(given))


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    return enter(cast, scope_of)


def report(cast: Cast, scope_of: Callable, of: Contract, month: str = "2024-04-01", submit: bool = True) -> Submission:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=of, source=csv(f"SL-01,{month},98,100"), submit=submit)
    return made


def home(client: Any) -> Any:
    return client.get(reverse("vendor-home", args=["aldermoor"]))


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def tasks(client: Any) -> list[tuple[str, str]]:
    """(month, state) of the list, in its order."""
    return [(f"{task['month']:%Y-%m}", task["state"]) for task in home(client).context["tasks"]]


def test_a_month_goes_from_late_to_done(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, clock: Callable
) -> None:
    vera = client_for(cast.vera)
    assert tasks(vera) == [("2024-04", "late"), ("2024-05", "not_due")]
    report(cast, scope_of, agreed, submit=False)
    assert tasks(vera) == [("2024-04", "late"), ("2024-05", "not_due")], "a draft hands nothing over"
    page = html(home(vera))
    assert "draft saved" in page
    # On a phone the columns of the due day and of the button are hidden; both stand below the state.
    assert (
        '<span class="only-narrow"><span class="sub">Due ' in page
        and '<span class="only-narrow"><a class="btn btn--sm"' in page
    )
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    assert tasks(vera) == [("2024-04", "submitted"), ("2024-05", "not_due")]
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=made, reason="York is missing")
    assert tasks(vera) == [("2024-04", "returned"), ("2024-05", "not_due")]
    assert "York is missing" in html(home(vera))
    # It is due again as many working days after the return as figures are after a month: the 10th, with a bank holiday between.
    assert "Due Tue 4 Jun 2024" in html(home(vera))
    assert "4 Jun 2024" in html(client_for(cast.marco).get("submissions/?period=2024-04"))
    assert "Due again by</span><time" in html(vera.get(f"submissions/{made.pk}/"))
    clock(datetime(2024, 6, 5, 9, tzinfo=UTC))
    assert "Was due again</span><time" in html(client_for(cast.vera).get(f"submissions/{made.pk}/"))
    clock(MAY)
    vera = client_for(cast.vera)
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,97,100"), submit=True)
    assert "Tue 4 Jun" not in html(home(vera)), "the day of a return is over with it"
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=made)
    assert tasks(vera) == [("2024-05", "not_due")]


def test_a_correction_is_to_be_done_until_it_is_accepted(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera, first = client_for(cast.vera), report(cast, scope_of, agreed)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=first)
    with scope_of(cast.vera):
        source = csv("SL-01,2024-04-01,97,100")
        (second,) = import_figures(by=cast.vera, contract=agreed, source=source, reason="One counted twice")
    assert tasks(vera) == [("2024-04", "draft"), ("2024-05", "not_due")]
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=second)
    assert tasks(vera) == [("2024-04", "submitted"), ("2024-05", "not_due")]
    marco = client_for(cast.marco)
    for path, listed in (("submissions/?period=2024-04", False), ("submissions/?period=2024-05", True)):
        page = html(marco.get(path))
        assert "Waiting for a decision" in page, path
        assert f'href="/o/aldermoor/submissions/{second.pk}/">Decide' in page, path
        assert ("Figures of other months" in page) is listed
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=second, reason="Which one?")
    assert tasks(vera) == [("2024-04", "returned"), ("2024-05", "not_due")]
    assert "revision 2" in html(home(vera))


def test_before_the_due_day_a_month_is_due(cast: Cast, client_for: Callable, clock: Callable, agreed: Contract) -> None:
    clock(datetime(2024, 5, 15, 9, tzinfo=UTC))
    assert tasks(client_for(cast.vera)) == [("2024-04", "due"), ("2024-05", "not_due")]


def test_open_breaches_in_words_and_scorecards(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.aldermoor):
        period = agreed.periods.order_by("starts_on").first()
        breaches.breach(ServiceLevel.objects.get(), period)
        scorecards.scorecard(period)
    page = html(home(client_for(cast.vera)))
    assert "Incidents on time SL-01" in page
    assert "April 2024 · MSA-1" in page
    assert "Nothing calculated yet" not in page


def test_another_vendor_sees_nothing_of_it(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    page = home(client_for(cast.hana))
    assert page.context["tasks"] == []
    assert "No contracts yet" in html(page)
    assert "MSA-1" not in html(page)


def test_other_clients_are_links_alone(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    page = html(home(client_for(cast.vera)))
    assert 'href="/o/brightwater/"' in page
    assert "Brightwater" not in html(home(client_for(cast.ravi)))


def test_it_is_no_home_of_the_client_s_people(cast: Cast, client_for: Callable) -> None:
    for who in (cast.marco, cast.petra, cast.olu):
        assert home(client_for(who)).status_code == 403


def test_it_asks_as_much_for_three_contracts_as_for_one(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = client_for(cast.vera)

    def statements() -> int:
        home(vera)
        with CaptureQueriesContext(connection) as asked:
            assert home(vera).status_code == 200
        return len(asked)

    def busy(of: Contract) -> None:
        report(cast, scope_of, of)
        with scope_of(cast.aldermoor):
            period = of.periods.order_by("starts_on").first()
            breaches.breach(of.service_levels.get(), period)
            scorecards.scorecard(period)

    busy(agreed)
    one = statements()
    for reference in ("MSA-2", "MSA-3"):
        busy(enter(cast, scope_of, reference))
    assert statements() == one


def test_all_late_months_are_counted_and_the_earliest_is_said(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, clock: Callable
) -> None:
    """The list goes half a year back; what is late goes as far back as the contract."""
    clock(datetime(2025, 2, 20, 9, tzinfo=UTC))
    vera = client_for(cast.vera)
    assert min(month for month, _ in tasks(vera)) == "2024-08"
    answer = home(vera)
    assert [one["value"] for one in answer.context["stats"] if one["label"] == "Late"] == [10], (
        "six listed, four before"
    )
    assert "4 earlier months of Service desk are late, too, from" in html(answer)
    assert "?period=2024-04" in html(answer)
    report(cast, scope_of, agreed)
    assert "3 earlier months of Service desk" in html(home(vera))
    report(cast, scope_of, agreed, "2024-05-01", submit=False)
    assert "3 earlier months" in html(home(vera)), "a draft hands nothing over"
