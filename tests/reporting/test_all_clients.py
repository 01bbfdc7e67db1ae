"""What is due for all clients at once, each read in its own scope; and the calendar of it that programs fetch by a secret address."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from contracts.models import Contract, Period
from measurements.actions import import_figures, return_
from organisations.actions.calendar_feeds import MOST_FETCHES
from organisations.models import CalendarFeed, Membership, Organisation, User
from reporting.pages.all_clients import client_of
from slas.actions import import_contract
from slas.models import ServiceLevel
from tests.cast import Cast
from tests.factories import agreements, breaches, disputes, scorecards
from tests.markup import tight
from tests.measurements.reporting import csv
from tests.slas.contract_texts import document, level, text

MAY = datetime(2024, 5, 20, 9, tzinfo=UTC)  # April was due on 15 May
DUE = reverse("what-is-due")
CALENDAR = reverse("calendar")


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(MAY)


@pytest.fixture
def enter(scope_of: Callable) -> Callable:
    def entered(of: Organisation, reference: str, vendor: str = "CORVID") -> Contract:
        given = document(service_levels=[level()])
        given["contract"] |= {"reference": reference, "vendor": {"code": vendor, "name": vendor.title()}}
        with scope_of(of):
            return import_contract(by=None, source=text(given))

    return entered


@pytest.fixture
def two(cast: Cast, enter: Callable) -> tuple[Contract, Contract]:
    """One contract for each client that Vera serves, and one of another vendor's."""
    enter(cast.aldermoor, "HALDEN-9", "HALDEN")
    return enter(cast.aldermoor, "MSA-1"), enter(cast.brightwater, "ICT-7", "V-0042")


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def told(answer: Any) -> list[tuple[str, str, str, str]]:
    """(group, client, what, act), in order."""
    return [(name, one.client, one.what, one.act) for name, found in answer.context["groups"] for one in found]


def test_the_header_leads_from_one_client_to_the_other(
    cast: Cast, client_for: Callable, two: tuple[Contract, Contract]
) -> None:
    page = html(client_for(cast.vera).get("figures/"))
    assert "Switch organisation" in page
    menu = page.partition('id="organisations"')[2].partition("</div>")[0]
    assert 'href="/o/aldermoor/" aria-current="true"' in menu and 'href="/o/brightwater/"' in menu
    assert "Switch organisation" not in html(client_for(cast.hana).get("figures/"))  # she serves one


def test_both_clients_stand_in_one_list_the_most_urgent_first(
    cast: Cast, client_for: Callable, scope_of: Callable, two: tuple[Contract, Contract]
) -> None:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=two[0], source=csv("SL-01,2024-04-01,98,100"), submit=True)
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=made, reason="York is missing")
    vera = client_for(cast.vera)
    page = vera.get(DUE)
    assert told(page) == [
        ("Late", "Brightwater Council", "April 2024 figures", "Enter"),
        ("Later", "Aldermoor Energy", "April 2024 figures, returned: York is missing", "Correct"),
    ]
    assert "HALDEN-9" not in html(page) and "for 2 clients" in html(page)
    one = vera.get(f"{DUE}?client=brightwater")
    assert [row[1] for row in told(one)] == ["Brightwater Council"]
    assert 'href="/o/brightwater/contracts/' in html(one)


def test_every_kind_of_thing_that_waits_has_its_act_and_day(
    cast: Cast, client_for: Callable, scope_of: Callable, two: tuple[Contract, Contract]
) -> None:
    with scope_of(cast.aldermoor):
        service_level = ServiceLevel.objects.get(contract=two[0])
        april, march = (
            Period.objects.get(contract=two[0], starts_on=date(2024, month, 1), cycle="month") for month in (4, 6)
        )
        breaches.plan(breaches.breach(service_level, april), cast.marco)
        breaches.breach(service_level, march)
        answered = breaches.breach(
            service_level, Period.objects.get(contract=two[0], starts_on=date(2024, 5, 1), cycle="month")
        )
        breaches.entry(answered, cast.marco)
        breaches.entry(answered, cast.vera)
        asked = disputes.dispute(service_level, april, cast.vera)
        quiet = disputes.relief_request(service_level, april, cast.vera)
        disputes.entry(asked, cast.marco)
        disputes.entry(quiet, cast.vera)
        agreements.sent(agreements.revision(two[0], cast.petra), cast.petra)
        scorecards.publication(april, cast.marco)
    groups = client_for(cast.vera).get(DUE).context["groups"]
    found = {one.what: one for _, tasks in groups for one in tasks if one.client == "Aldermoor Energy"}
    said = {what: (one.act, one.due_on) for what, one in found.items() if one.due_on}
    name = service_level.name
    assert said == {
        "April 2024 figures": ("Enter", date(2024, 5, 15)),
        f"Plan asked for: {name}, April 2024": ("Write plan", date(2024, 5, 31)),
        f"Dispute, {name}, April 2024: Marco Bellini wrote to you": ("Answer", date(2024, 6, 4)),
        "Revision 1: Higher targets, from 1 Jul 2024": ("Compare", date(2024, 7, 1)),
        "Scorecard of April 2024 published: 50.0, accept it or dispute it": ("Read", date(2024, 5, 30)),
    }
    assert found[f"{name}, June 2024"].group == "Without a day"
    assert f"{name}, May 2024" not in found  # answered; it is the client's turn
    vera = client_for(cast.vera)
    for one in found.values():
        assert vera.get(one.url).status_code == 200, one.url


def test_nobody_sees_what_is_not_theirs(
    cast: Cast, client_for: Callable, scope_of: Callable, two: tuple[Contract, Contract]
) -> None:
    assert client_for(cast.otto).get(DUE).status_code == 404
    assert client_for(cast.marco).get(DUE).status_code == 404
    hana = html(client_for(cast.hana).get(DUE))
    assert "HALDEN-9" in hana and "MSA-1" not in hana and "Brightwater" not in hana
    with scope_of(cast.aldermoor):
        other = import_contract(
            by=None, source=text(document() | {"contract": document()["contract"] | {"reference": "MSA-3"}})
        )
        Membership.objects.filter(pk=cast.vera.pk).update(contracts=[other.pk])
    limited = html(client_for(cast.vera).get(DUE))
    assert "MSA-1" not in limited and "MSA-3" in limited and "ICT-7" in limited
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.vera.pk).update(is_active=False)
    assert "Aldermoor" not in html(client_for(cast.vera_at_brightwater).get(DUE))


def test_it_reads_as_much_of_each_client_however_much_there_is(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable, two: tuple[Contract, Contract]
) -> None:
    def statements(member: Membership) -> int:
        with scope_of(member), CaptureQueriesContext(connection) as asked:
            client_of(member, MAY)
        return len(asked)

    few = statements(cast.vera)
    for number in range(3):
        of = enter(cast.aldermoor, f"MSA-{number + 2}")
        with scope_of(cast.aldermoor):
            period = Period.objects.get(contract=of, starts_on=date(2024, 4, 1), cycle="month")
            breaches.breach(ServiceLevel.objects.get(contract=of), period)
            scorecards.publication(period, cast.marco)
    assert statements(cast.vera) == few == statements(cast.vera_at_brightwater)
    assert few <= 8


def test_who_serves_several_arrives_there(cast: Cast, client_for: Callable) -> None:
    assert client_for(cast.vera).get("/")["Location"] == DUE
    assert client_for(cast.hana).get("/")["Location"] == "/o/aldermoor/"


# The calendar --------------------------------------------------------------------------------------------------------


def test_the_calendar_of_the_page_marks_days_and_turns_its_leaves(
    cast: Cast, client_for: Callable, two: tuple[Contract, Contract]
) -> None:
    vera = client_for(cast.vera)
    days = {one.day: one for week in vera.get(f"{DUE}?month=2024-05").context["calendar"].weeks for one in week if one}
    assert days[date(2024, 5, 15)].is_late and len(days[date(2024, 5, 15)].words) == 2
    assert days[date(2024, 5, 20)].is_today
    page = vera.get(f"{DUE}?month=2024-06")
    assert "May 2024 figures due, Brightwater Council" in html(page)
    assert vera.get(f"{DUE}?month=nonsense").status_code == 200


def address_of(client: Any) -> str:
    page = client.post(CALENDAR)
    return str(page.context["address"])


def fetch(address: str) -> Any:
    return Client().get(address.removeprefix("http://testserver"))


def test_a_program_fetches_it_without_a_session(
    cast: Cast, client_for: Callable, two: tuple[Contract, Contract]
) -> None:
    vera = client_for(cast.vera)
    address = address_of(vera)
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert secret not in html(vera.get(CALENDAR))  # shown this once
    assert secret not in CalendarFeed.objects.get().secret_hash
    answer = fetch(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    said = {(str(one["summary"]), one["dtstart"].dt) for one in events}
    assert ("April 2024 figures, Aldermoor Energy", date(2024, 5, 15)) in said
    assert ("May 2024 figures due, Brightwater Council", date(2024, 6, 14)) in said
    assert len({str(one["uid"]) for one in events}) == len(events)
    assert b"HALDEN" not in answer.content
    again = Calendar.from_ical(fetch(address).content)
    assert {str(one["uid"]) for one in again.walk("VEVENT")} == {str(one["uid"]) for one in events}


def test_a_revoked_or_replaced_address_leads_nowhere(
    cast: Cast, client_for: Callable, two: tuple[Contract, Contract]
) -> None:
    vera = client_for(cast.vera)
    first = address_of(vera)
    second = address_of(vera)
    assert (fetch(first).status_code, fetch(second).status_code) == (404, 200)
    vera.post(CALENDAR, {"revoke": "1"})
    assert fetch(second).status_code == 404
    third = address_of(vera)
    User.objects.filter(pk=cast.vera.user_id).update(is_active=False)
    assert fetch(third).status_code == 404
    assert fetch("/calendar/nobody-s.ics").status_code == 404


def test_a_program_that_asks_too_often_waits(
    cast: Cast, client_for: Callable, clock: Callable, two: tuple[Contract, Contract]
) -> None:
    address = address_of(client_for(cast.vera))
    CalendarFeed.objects.update(hour=MAY, fetches=MOST_FETCHES - 1)
    assert fetch(address).status_code == 200
    refused = fetch(address)
    assert refused.status_code == 429 and refused["Retry-After"]
    clock(MAY + timedelta(hours=1))
    assert fetch(address).status_code == 200
