"""Breaches in the browser: the list, the page, answering, and being second."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from breaches.actions.acknowledgement import acknowledged
from breaches.models import Breach
from breaches.rules import Status
from notifications.models import Notification
from tests.factories import breaches, contracts, evaluation, notifications, slas
from tests.markup import tight

HTMX = {"HX-Request": "true", "HX-Target": "dialog#modal"}
LATER = datetime(2024, 5, 17, 9, tzinfo=UTC)


class Found:
    """A breach of Corvid's in April 2024, with its result."""

    def __init__(self, vendor, months=1, **fields):
        self.contract = contracts.contract(vendor)
        self.periods = contracts.periods(self.contract, count=months)
        level = slas.service_level(self.contract)
        terms = slas.terms(level)
        self.results = [evaluation.result(terms, period) for period in self.periods]
        self.breaches = [breaches.breach(level, period, **fields) for period in self.periods]
        self.breach, self.terms = self.breaches[0], terms

    def __str__(self):
        return f"breaches/{self.breach.pk}/"


@pytest.fixture
def found(cast, scope_of):
    with scope_of(cast.aldermoor):
        return Found(cast.corvid)


@pytest.fixture
def stored(cast, scope_of):
    """The breach as it stands now."""

    def read(breach):
        with scope_of(cast.aldermoor):
            return Breach.objects.select_related("acknowledged_by").get(pk=breach.pk)

    return read


def events(response):
    return json.loads(response["HX-Trigger"])


def test_the_list(cast, found, client_for):
    html = client_for(cast.marco).get("breaches/").content.decode()
    assert "Incidents resolved on time below target" in html
    assert "92.0% against 95%" in html
    assert "1 open, 1 of them not acknowledged." in html
    assert tight(html).count(">Acknowledge</a>") == 1


def test_the_same_number_of_statements_for_one_row_and_three(cast, scope_of, client_for, django_assert_num_queries):
    with scope_of(cast.aldermoor):
        Found(cast.corvid)
    client = client_for(cast.marco)
    with django_assert_num_queries(12):
        assert len(client.get("breaches/").context["rows"]) == 1
    with scope_of(cast.aldermoor):
        Found(cast.halden, months=2)
    with django_assert_num_queries(12):
        assert len(client.get("breaches/").context["rows"]) == 3


def test_filters(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        one = Found(cast.corvid, status=Status.CLOSED)
        Found(cast.corvid, status=Status.RESTATED)
        Found(cast.halden)
        Found(cast.halden, status=Status.ACKNOWLEDGED, acknowledged_by=cast.marco, acknowledged_at=LATER)
    client = client_for(cast.marco)
    counts = {
        status: len(client.get(f"breaches/?status={status}").context["rows"])
        for status in ("live", "open", "acknowledged", "closed", "restated", "all", "nonsense")
    }
    live = {"live": 2, "open": 1, "acknowledged": 1}
    assert counts == live | {"closed": 1, "restated": 1, "all": 4, "nonsense": 2}
    html = client.get("breaches/").content.decode()
    assert "2 open, 1 of them not acknowledged." in html
    of_contract = client.get(f"breaches/?status=all&contract={one.contract.pk}")
    assert [row["breach"].pk for row in of_contract.context["rows"]] == [one.breach.pk]
    assert client.get("breaches/?contract=99999999").status_code == 404
    assert "None in this state" in client.get(f"breaches/?status=open&contract={one.contract.pk}").content.decode()


def test_without_breaches_it_says_when_there_would_be_one(cast, client_for):
    assert "No open breaches" in client_for(cast.marco).get("breaches/").content.decode()


def test_the_page_says_how_it_was_worked_out(cast, found, client_for):
    page = client_for(cast.marco).get(str(found))
    html = page.content.decode()
    assert "<h1>Incidents resolved on time below target</h1>" in html
    assert "Corvid Systems · April 2024 · 92.0% against 95%" in html
    assert "1 (points of Minor)" in html
    assert ">Acknowledge</a>" in tight(html)


def test_a_restated_result_stays_on_record(cast, found, scope_of, client_for):
    with scope_of(cast.aldermoor):
        evaluation.past_result(found.terms, found.periods[0], value=Decimal("92.631578947368"), points=3)
    html = client_for(cast.marco).get(str(found)).content.decode()
    assert "Result restated: Two incidents were counted twice." in html
    earlier = html[html.index("Earlier results") : html.index("Facts")]
    assert '<td class="wide num nowrap">92.6% against 95%</td>' in earlier
    assert '<span class="sub">Minor</span>' in earlier
    assert "92.6% against 95%, 3 points</span>" in tight(earlier), "on phones the row is one cell"
    assert "92.63" not in earlier
    assert re.search(r'/results/\d+/why/1/">1st</a>', earlier)


def test_without_a_result_the_page_still_stands(cast, scope_of, client_for):
    """The slot is judged again at this moment."""
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        level = slas.service_level(contract)
        breach = breaches.breach(level, contracts.periods(contract, count=1)[0])
    assert "It is being calculated again" in client_for(cast.marco).get(f"breaches/{breach.pk}/").content.decode()


@pytest.mark.parametrize(
    ("status", "last"),
    [(Status.CLOSED, "Closed"), (Status.EXCUSED, "Excused"), (Status.WAIVED, "Waived")],
)
def test_the_life_of_what_is_over_has_no_current_station(status, last, cast, scope_of, client_for):
    """Also where nobody acknowledged it before: history is closed at once, and an excuse may come first."""
    with scope_of(cast.aldermoor):
        over, waits = Found(cast.corvid, status=status), Found(cast.halden)
    stages = client_for(cast.marco).get(str(over)).context["stages"]
    assert [(stage.word, stage.state) for stage in stages] == [("Open", "done"), (last, "done")]
    assert [stage.state for stage in client_for(cast.marco).get(str(waits)).context["stages"]][:2] == ["now", "next"]


def test_acknowledging_in_a_dialog(cast, found, stored, scope_of, client_for):
    with scope_of(cast.aldermoor):
        event = notifications.event(cast.corvid, key=f"breach:{found.breach.pk}:opened:x")
        for member in (cast.marco, cast.ada):
            notifications.notification(event, member)
        theirs = notifications.notification(event, cast.vera)
    client = client_for(cast.marco)
    dialog = client.get(f"{found}acknowledge/", headers=HTMX).content.decode().strip()
    assert dialog.startswith('<h2 id="modal-title">')
    response = client.post(f"{found}acknowledge/", {"note": " Plan by Friday. "}, headers=HTMX)
    assert response.status_code == 204
    assert set(events(response)) == {"toast", "breaches-changed", "counted"}
    assert events(response)["counted"] == {"target": "body", "breaches": 1, "inbox": 0}
    assert events(response)["toast"]["undo"] == f"/o/aldermoor/{found}undo/"
    now = stored(found.breach)
    assert (now.status, now.acknowledged_by, now.note) == (Status.ACKNOWLEDGED, cast.marco, "Plan by Friday.")
    assert now.acknowledged_by_name == "Marco Bellini"
    with scope_of(cast.aldermoor):
        assert list(Notification.objects.unread()) == [theirs]  # no colleague need act; the vendor has still to read it
    undone = client.post(f"{found}undo/", headers=HTMX)
    assert events(undone)["counted"]["inbox"] == 1


def test_acknowledging_without_script(cast, found, stored, client_for):
    client = client_for(cast.marco)
    assert client.get(f"{found}acknowledge/").content.decode().startswith("<!doctype html>")
    response = client.post(f"{found}acknowledge/", {"note": ""})
    assert (response.status_code, response["Location"]) == (302, f"/o/aldermoor/{found}")
    assert stored(found.breach).status == Status.ACKNOWLEDGED
    html = client.get(str(found)).content.decode()
    assert "Marco Bellini acknowledged it" in html
    assert "Open again" in html


@pytest.mark.parametrize("who", ["marco", "vera", "ravi"])
def test_both_sides_read_who_acknowledged(cast, found, client_for, who):
    """The vendor's people do not see the client's memberships, and the names of people are there all the same."""
    client_for(cast.marco).post(f"{found}acknowledge/", {"note": "Plan by Friday."})
    client = client_for(getattr(cast, who))
    page = client.get(str(found))
    assert page.status_code == 200
    assert "Marco Bellini acknowledged it" in page.content.decode()
    assert '<span class="sub">Acknowledged by Marco Bellini</span>' in client.get("breaches/").content.decode()


def test_who_is_second_is_told_who_was_first(cast, found, stored, scope_of, client_for):
    with scope_of(cast.aldermoor):
        Breach.objects.filter(pk=found.breach.pk).update(
            status=Status.ACKNOWLEDGED, note="Mine.", **acknowledged(cast.ada, LATER)
        )
    response = client_for(cast.marco).post(f"{found}acknowledge/", {"note": "Also mine."}, headers=HTMX)
    assert response.status_code == 409
    html = response.content.decode()
    assert "Somebody was faster." in html
    assert "Ada Whitcombe acknowledged this breach" in html
    assert stored(found.breach).note == "Mine."


def test_a_note_that_is_too_long_comes_back(cast, found, stored, client_for):
    response = client_for(cast.marco).post(f"{found}acknowledge/", {"note": "x" * 2001}, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in html
    assert "x" * 2001 in html
    assert stored(found.breach).status == Status.OPEN


def test_undo(cast, found, stored, client_for):
    client = client_for(cast.marco)
    client.post(f"{found}acknowledge/", {"note": "Plan by Friday."})
    response = client.post(f"{found}undo/", headers={"HX-Request": "true"})
    assert (response.status_code, events(response)["toast"]["text"]) == (204, "Breach open again")
    assert (stored(found.breach).status, stored(found.breach).note) == (Status.OPEN, "Plan by Friday.")
    again = client.post(f"{found}undo/", headers={"HX-Request": "true"})
    assert (again.status_code, again["HX-Reswap"]) == (409, "none")


@pytest.mark.parametrize("who", ["petra", "olu", "vera", "hana"])
def test_others_may_not_answer(cast, found, stored, client_for, who):
    client = client_for(getattr(cast, who))
    assert client.post(f"{found}acknowledge/", {"note": ""}).status_code in (403, 404)
    assert client.post(f"{found}undo/").status_code in (403, 404)
    assert stored(found.breach).status == Status.OPEN


def test_the_vendor_s_people_see_their_own(cast, found, client_for):
    html = client_for(cast.vera).get(str(found)).content.decode()
    assert 'class="portal"' in html
    assert ">Acknowledge</a>" not in html
    assert client_for(cast.hana).get(str(found)).status_code == 404
    assert "Incidents" not in client_for(cast.hana).get("breaches/?status=all").content.decode()


def test_the_client_s_people_narrow_the_list(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        grave, mild = Found(cast.corvid, severity="critical"), Found(cast.halden, severity="minor")
        contracts.owner(grave.contract, cast.marco)
        breaches.escalation(mild.breach, rung=1, reached_at=LATER, name="Deputy")
    petra, marco = client_for(cast.petra), client_for(cast.marco)

    def listed(client, query):
        return [row["breach"].pk for row in client.get(f"breaches/?owner=all&{query}").context["rows"]]

    assert listed(petra, "severity=critical") == [grave.breach.pk]
    assert listed(petra, "severity=minor&rung=2") == [mild.breach.pk] and listed(petra, "rung=1") == []
    assert listed(petra, f"charge={cast.marco.pk}") == [grave.breach.pk]
    assert listed(marco, f"charge={cast.marco.pk}&severity=minor") == []
    page = petra.get("breaches/")
    menus = {menu["label"]: menu["choices"] for menu in page.context["menus"]}
    assert [(one["label"], one["count"]) for one in menus["Severity"]] == [("Critical", 1), ("Major", 0), ("Minor", 1)]
    assert [one["label"] for one in menus["In charge"]] == ["Marco Bellini"]
    html = tight(page.content.decode())
    assert "Minor, escalated to rung 2" in html and "In charge: Marco Bellini" in html
    vera = client_for(cast.vera).get("breaches/?severity=minor&rung=3")
    assert len(vera.context["rows"]) == 1 and "Escalated" not in vera.content.decode()
