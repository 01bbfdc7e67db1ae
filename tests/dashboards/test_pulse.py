"""An open page asks every few seconds whether anything happened: 304 where nothing did."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import acknowledge
from breaches.models import Breach
from contracts.models import Reevaluation
from dashboards import quiet
from lib import moments
from tests.breaches.test_plans import MAY, World
from tests.factories import breaches, contracts, measurements, notifications, scorecards


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        made = World(cast.corvid)
        contracts.reevaluation(made.contract)
    return made


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    """Each question is answered by the database, unless a test says otherwise."""
    monkeypatch.setattr(quiet, "KEPT", 0)


@pytest.fixture
def ask(cast, client_for):
    """`ask()`: the first time, and from then on with the tag of the answer before. The status, and what the page is told."""
    kept, client = {}, client_for(cast.marco)

    def asked():
        answer = client.get("pulse/", headers={"HX-Request": "true", **kept})
        if "HX-PTag" in answer:
            kept["HX-PTag"] = answer["HX-PTag"]
        return answer.status_code, json.loads(answer.headers.get("HX-Trigger", "{}"))

    return asked


def test_nothing_happened(world, ask):
    assert ask() == (204, {})
    assert ask() == (304, {})


HAPPENS = {
    "judged": lambda world, cast: Reevaluation.objects.update(judgements=9),
    "breach": lambda world, cast: breaches.breach(world.level, world.periods[1]),
    "acknowledged": lambda world, cast: acknowledge(by=cast.marco, breach=Breach.objects.get()),
    "submitted": lambda world, cast: measurements.submission(world.contract, status="submitted", submitted_at=MAY),
    "published": lambda world, cast: scorecards.publication(world.periods[0], by=cast.marco),
    "told": lambda world, cast: notifications.notification(notifications.event(), cast.marco),
}


@pytest.mark.parametrize("what", HAPPENS)
def test_something_happened(cast, scope_of, world, ask, what):
    ask()
    with scope_of(cast.marco):
        HAPPENS[what](world, cast)
    status, told = ask()
    assert status == 204
    assert "happened" in told
    assert set(told["counted"]) == {"target", "inbox", "breaches"}
    assert ask() == (304, {})


def test_what_happens_elsewhere_is_no_news(cast, scope_of, world, ask):
    ask()
    with scope_of(cast.brightwater):
        World(cast.corvid_at_brightwater)
    assert ask() == (304, {})


def test_it_costs_one_statement_of_its_own(cast, client_for, world):
    client = client_for(cast.marco)
    client.get("inbox/news/")
    with CaptureQueriesContext(connection) as bare:
        client.get("inbox/news/", headers={"HX-Request": "true"})
    with CaptureQueriesContext(connection) as queries:
        client.get("pulse/", headers={"HX-Request": "true"})
    assert len(queries) == len(bare) + 1


def test_the_portfolio_the_breaches_and_the_inbox_ask(cast, client_for, world):
    for page in ("portfolio/", "breaches/", "inbox/"):
        assert 'hx-trigger="load, every 4s"' in client_for(cast.marco).get(page).content.decode()
    for page in ("breaches/", "inbox/"):
        assert "every 4s" not in client_for(cast.vera).get(page).content.decode()


def test_a_page_to_which_nothing_happened_is_told_so_without_a_statement(
    cast, client_for, scope_of, world, ask, monkeypatch, settings
):
    monkeypatch.setattr(quiet, "KEPT", 60_000)
    ask()
    with CaptureQueriesContext(connection) as queries:
        assert ask() == (304, {})
    assert len(queries) == 0
    with scope_of(cast.marco):
        breaches.breach(world.level, world.periods[1])
    assert ask() == (304, {})  # for as long as it is kept, less than a second
    moments.keep(f"pulse:{cast.aldermoor.slug}", {"something else": ""}, 60_000)
    assert ask()[0] == 204


def test_what_one_page_was_told_the_others_are_told_without_a_statement(cast, client_for, scope_of, world, monkeypatch):
    """Several events one after the other, too; and what is told is each member's own."""
    monkeypatch.setattr(quiet, "KEPT", 60_000)
    marco, petra = client_for(cast.marco), client_for(cast.petra)

    def ask(client, tag=None):
        return client.get("pulse/", headers={"HX-Request": "true", **({"HX-PTag": tag} if tag else {})})

    first = {one: ask(one)["HX-PTag"] for one in (marco, petra)}
    for nth in (1, 2):
        with scope_of(cast.aldermoor):
            notifications.notification(notifications.event(key=f"told:{nth}"), cast.petra)
            breaches.breach(world.level, world.periods[nth])
        moments.keep(f"pulse:{cast.aldermoor.slug}", {"nobody's": ""}, 60_000)  # what was kept is over
        assert ask(marco, first[marco]).status_code == 204
    with CaptureQueriesContext(connection) as queries:
        told = ask(petra, first[petra])
        assert ask(petra, told["HX-PTag"]).status_code == 304
        again = ask(marco, first[marco])
    assert len(queries) == 0
    assert json.loads(told["HX-Trigger"])["counted"] == {"target": "body", "inbox": 2, "breaches": 3}
    assert json.loads(again["HX-Trigger"])["counted"]["inbox"] == 0
    assert (
        told["HX-PTag"] != again["HX-PTag"] and "happened" in told["HX-Trigger"] and "no-store" in told["Cache-Control"]
    )


def test_who_asks_asks_for_everybody_whose_page_is_open(cast, client_for, world, monkeypatch):
    monkeypatch.setattr(quiet, "KEPT", 60_000)
    marco, petra = client_for(cast.marco), client_for(cast.petra)
    tags = [one.get("pulse/", headers={"HX-Request": "true"})["HX-PTag"] for one in (petra, marco)]
    assert tags[0] != tags[1]  # each has an inbox of their own
    with CaptureQueriesContext(connection) as queries:
        statuses = [
            one.get("pulse/", headers={"HX-Request": "true", "HX-PTag": tag}).status_code
            for one, tag in zip((petra, marco), tags, strict=True)
        ]
    assert (statuses, len(queries)) == ([304, 304], 0)
    # A tag that nobody was told, and one of theirs at another client's.
    assert marco.get("pulse/", headers={"HX-Request": "true", "HX-PTag": "0" * 32}).status_code == 204
    other = client_for(cast.otto).get("pulse/", headers={"HX-Request": "true", "HX-PTag": tags[1]})
    assert other.status_code == 204


def test_without_redis_the_database_is_asked(world, ask, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert [ask(), ask()] == [(204, {}), (304, {})]
