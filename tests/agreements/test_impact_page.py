"""The page of a revision's impact, in each of its states."""

from agreements.actions import save_draft, start_revision, submit
from tests.agreements.test_impact_kept import judged

__all__ = ["judged"]


def page(client, cast, revision, query="", **headers):
    return client.get(f"/o/{cast.aldermoor.slug}/revisions/{revision.pk}/impact/{query}", **headers)


def test_a_draft_is_replayed_and_says_what_it_finds(client_for, cast, judged, draft):
    html = page(client_for(cast.petra), cast, draft).content.decode()
    assert "April 2024 becomes a breach; credits stay at £0." in html
    assert "If these terms had applied for the last 1 month<" in html
    assert "Fewer than 12 makes this a weak guide." in html
    assert "Incidents on time SL-01" in html
    assert "h-flip" in html


def test_htmx_gets_the_panel_alone(client_for, cast, judged, draft):
    html = page(
        client_for(cast.petra), cast, draft, "?months=12", headers={"hx-request": "true", "hx-target": "div#impact"}
    ).content.decode()
    assert html.lstrip().startswith('<div id="impact"')


def test_without_a_judged_month_there_is_nothing_to_replay(client_for, cast, draft):
    html = page(client_for(cast.petra), cast, draft).content.decode()
    assert "No month has been judged yet, so there is nothing to replay." in html


def test_a_draft_that_says_nothing_new_asks_for_a_change(client_for, cast, judged, acting):
    made = acting(cast.petra, start_revision, contract=judged)
    assert "Change a term to see its effect." in page(client_for(cast.petra), cast, made).content.decode()


def test_a_draft_that_cannot_be_read_says_so_instead_of_numbers(client_for, cast, judged, draft, acting):
    acting(cast.petra, save_draft, revision=draft, version=2, document="plumbline: 1\ncontract: {}\n")
    html = page(client_for(cast.petra), cast, draft).content.decode()
    assert "This draft cannot be replayed yet" in html
    assert "contract.reference" in html
    assert 'class="ba"' not in html


def test_what_was_submitted_is_shown_as_it_was_seen(client_for, cast, scope_of, judged, draft, acting):
    acting(cast.petra, submit, revision=draft, version=2)
    html = page(client_for(cast.marco), cast, draft).content.decode()
    assert "As it was seen when Petra Sandgren submitted it" in html
    assert "As it was seen" not in page(client_for(cast.marco), cast, draft, "?months=12").content.decode()


def test_vendors_and_auditors_replay_nothing(client_for, cast, judged, draft):
    for member in (cast.vera, cast.olu):
        assert page(client_for(member), cast, draft).status_code == 403


def test_the_page_asks_the_same_whatever_there_is(client_for, cast, judged, draft, django_assert_max_num_queries):
    client = client_for(cast.petra)
    page(client, cast, draft)
    with django_assert_max_num_queries(32):
        assert page(client, cast, draft).status_code == 200
