"""Filters and order of the portfolio that are kept under a name: one's own, and those that colleagues share."""

import re

import pytest

from dashboards.actions import change_view, delete_view, save_view
from dashboards.actions.saved_views import open_with
from dashboards.models import OpeningView, SavedView
from lib.errors import Conflict, NotAllowed, RuleBroken
from tests.dashboards.test_portfolio import rows_of
from tests.factories.dashboards import saved_view

BREACHES = {"status": "breach", "sort": "-open", "tier": "1,2"}


@pytest.fixture
def two(cast, judged, scope_of):
    """Two judged vendors, filed; Corvid, of tier 1, has an open breach."""
    for vendor, tier, service in ((cast.corvid, 1, "IT"), (cast.halden, 3, "Contact centre")):
        found = judged(vendor, score="70" if tier == 1 else "80")
        with scope_of(cast.aldermoor):
            type(vendor).objects.filter(pk=vendor.pk).update(tier=tier, service=service)
            if tier == 1:
                found.breach()


def test_tier_and_service_filter_with_counts(cast, two, client_for):
    client = client_for(cast.marco)
    page = client.get("portfolio/")
    assert {one["label"]: one["count"] for one in page.context["filed"]["tiers"]} == {"Tier 1": 1, "Tier 3": 1}
    assert [one["label"] for one in page.context["filed"]["services"]] == ["Contact centre", "IT"]
    assert [row.service for row, *_ in page.context["rows"]] == ["IT", "Contact centre"]
    assert rows_of(client.get("portfolio/?tier=1")) == ["Corvid Systems"]
    assert rows_of(client.get("portfolio/?tier=1,3")) == ["Corvid Systems", "Halden BPO"]
    assert rows_of(client.get("portfolio/?service=Contact%20centre")) == ["Halden BPO"]
    nothing = client.get("portfolio/?tier=3&status=breach")
    assert rows_of(nothing) == [] and "Without “with open breaches” there are 1" in nothing.content.decode()
    assert [one["count"] for one in nothing.context["filters"]] == [0, 0, 0], "of what tier and service leave"
    assert rows_of(client.get("portfolio/?tier=nonsense,9")) == ["Corvid Systems", "Halden BPO"]


def test_coverage_is_the_share_of_the_weight_that_was_measured(cast, judged, client_for):
    judged(cast.corvid, score=None)
    judged(cast.halden)
    client = client_for(cast.marco)
    found = {
        row.vendor.name: row.vendor.coverage for row, *_ in client.get("portfolio/?sort=-coverage").context["rows"]
    }
    assert found == {"Halden BPO": 100, "Corvid Systems": 0}
    assert list(found) == ["Halden BPO", "Corvid Systems"]


def test_a_view_is_saved_looked_at_and_opens_the_portfolio(cast, two, client_for, scope_of):
    marco = client_for(cast.marco)
    asked = marco.get("portfolio/?status=breach&sort=-open&tier=1,2").content.decode()
    link = re.search(r'href="/o/aldermoor/(portfolio/views/[^"]*)"', asked)[1].replace("&amp;", "&")
    html = marco.get(link).content.decode()
    assert "Save this view" in html and 'name="tier" value="1,2"' in html
    given = {"name": "  Hot  ones ", "is_default": "on", **BREACHES, "period": "2024-05", "nonsense": "1"}
    assert marco.post("portfolio/views/save/", given).status_code == 302
    with scope_of(cast.aldermoor):
        view = SavedView.objects.get()
        assert OpeningView.objects.get().view == view
    assert (view.name, view.state, view.shared) == ("Hot ones", BREACHES, False)
    for address in (f"portfolio/?view={view.pk}", "portfolio/"):
        page = marco.get(address)
        assert rows_of(page) == ["Corvid Systems"] and page.context["state"]["sort"] == "-open"
        assert "Hot ones</a>" in page.content.decode()
    assert len(rows_of(marco.get(f"portfolio/?view={view.pk}&sort=name"))) == 2, "what the address says besides"
    petra = client_for(cast.petra)
    assert len(rows_of(petra.get(f"portfolio/?view={view.pk}"))) == 2
    assert "Hot ones" not in petra.get("portfolio/views/").content.decode()
    assert petra.post(f"portfolio/views/{view.pk}/", {f"v{view.pk}-name": "Mine"}).status_code == 404


def test_the_same_name_twice_keeps_what_was_chosen(cast, client_for):
    marco = client_for(cast.marco)
    given = {"name": "Mine", **BREACHES}
    marco.post("portfolio/views/save/", given)
    refused = marco.post("portfolio/views/save/", given)
    html = refused.content.decode()
    assert refused.status_code == 422 and "There is a view “Mine” already" in html
    assert 'name="tier" value="1,2"' in html
    assert marco.post("portfolio/views/save/", {**given, "name": ""}).status_code == 422


def test_replacing_renaming_and_deleting(cast, client_for, scope_of):
    marco = client_for(cast.marco)
    with scope_of(cast.aldermoor):
        view = saved_view(cast.marco, name="Mine")
    given = {"name": "Mine", "view": view.pk, "version": view.version, "replace": "1", "sort": "name"}
    html = marco.get(f"portfolio/views/?view={view.pk}&sort=name").content.decode()
    assert "Save in “Mine”" in html and 'value="Mine"' in html
    assert marco.post("portfolio/views/save/", given).status_code == 302
    assert marco.post("portfolio/views/save/", given).status_code == 409, "it was changed since"
    row = {f"v{view.pk}-name": "Ours", f"v{view.pk}-shared": "on", "version": 2}
    assert marco.post(f"portfolio/views/{view.pk}/", row).status_code == 302
    with scope_of(cast.aldermoor):
        view = SavedView.objects.get()
        assert (view.name, view.state, view.shared, view.version) == ("Ours", {"sort": "name"}, True, 3)
    assert marco.post(f"portfolio/views/{view.pk}/delete/", {"version": 2}).status_code == 409
    assert marco.post(f"portfolio/views/{view.pk}/delete/", {"version": 3}).status_code == 302
    with scope_of(cast.aldermoor):
        assert not SavedView.objects.exists()


def test_what_is_shared_is_everybody_s_of_the_client(cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        shared, own = saved_view(cast.petra, shared=True, name="Ours"), saved_view(cast.petra, name="Petra’s")
    page = client_for(cast.marco).get("portfolio/views/").content.decode()
    assert "Ours" in page and "Petra’s" not in page
    with scope_of(cast.marco):
        changed = change_view(by=cast.marco, view=shared, name="All of us", shared=True, is_default=True)
        assert (changed.name, changed.version) == ("All of us", 2)
        assert change_view(by=cast.marco, view=changed, name="All of us", shared=True, is_default=True).version == 2
        for act in (
            lambda: delete_view(by=cast.marco, view=own),
            lambda: change_view(by=cast.marco, view=own, name="X", shared=False),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert client_for(cast.marco).get("portfolio/").context["view"]["id"] == shared.pk
    assert client_for(cast.petra).get("portfolio/").context["view"] is None, "each opens with their own choice"
    assert "Opens first" in client_for(cast.marco).get("portfolio/views/").content.decode()
    with scope_of(cast.petra):
        mine = change_view(by=cast.petra, view=changed, name="All of us", shared=False)
    assert client_for(cast.marco).get("portfolio/").context["view"] is None, "it is shared no more"
    with scope_of(cast.petra):
        delete_view(by=cast.petra, view=mine)
        assert not OpeningView.objects.exists()
    assert client_for(cast.olu).get("portfolio/views/").status_code == 403
    assert client_for(cast.vera).get("portfolio/views/").status_code == 403


def test_one_default_a_person_and_so_many_views(cast, scope_of, monkeypatch):
    with scope_of(cast.marco):
        first = save_view(by=cast.marco, name="One", state={}, is_default=True)
        second = save_view(by=cast.marco, name="Two", state=BREACHES, is_default=True)
        assert OpeningView.objects.get().view == second
        change_view(by=cast.marco, view=first, name="One", shared=False, is_default=False)
        assert OpeningView.objects.get().view == second
        with pytest.raises(Conflict):
            change_view(by=cast.marco, view=second, name="Two", shared=False, seen=7)
        monkeypatch.setattr("dashboards.actions.saved_views.MOST_VIEWS", 2)
        with pytest.raises(RuleBroken, match="2 views"):
            save_view(by=cast.marco, name="Three", state={})
    with scope_of(cast.olu), pytest.raises(NotAllowed):
        save_view(by=cast.olu, name="Four", state={})


def test_a_colleague_is_shared_with_and_no_name_is_there_twice(cast, scope_of):
    with scope_of(cast.marco):
        assert save_view(by=cast.marco, name="One", state={}, shared=True).shared
        second = save_view(by=cast.marco, name="Two", state=BREACHES)
        with pytest.raises(RuleBroken):
            change_view(by=cast.marco, view=second, name="One", shared=False)
        stale = SavedView.objects.get(pk=second.pk)
        stale.version -= 1
        with pytest.raises(Conflict, match="same moment"):
            change_view(by=cast.marco, view=stale, name="Three", shared=False)
    with scope_of(cast.petra):
        with pytest.raises(NotAllowed):
            open_with(by=cast.petra, view=second)
        assert not OpeningView.objects.exists()
