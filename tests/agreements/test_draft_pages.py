"""The pages of a draft beyond one level's terms: rules, contract and areas; a draft taken over; a new day for what came too late."""

from datetime import UTC, date, datetime

import pytest

from agreements.actions import approve, put_in_force, save_draft, set_new_day, start_revision, submit, take_over
from agreements.models import Revision
from agreements.proposals import as_stored
from agreements.rules import Status
from contracts import contract_file
from lib.errors import Conflict, NotAllowed, RuleBroken
from slas.actions import import_contract
from tests.agreements.revised import Acting, file_with
from tests.agreements.test_new_contract import corvid_parts, first
from tests.markup import posted_fields as fields

__all__ = ["corvid_parts", "first"]

LATE = datetime(2024, 7, 1, 9, tzinfo=UTC)


def root(cast, revision):
    return f"/o/{cast.aldermoor.slug}/revisions/{revision.pk}"


def document(cast, scope_of, draft):
    with scope_of(cast.petra):
        return as_stored(type(draft.draft).objects.get(pk=draft.draft.pk).document).document()


def test_rules_go_through_the_page_and_back_without_loss(client_for, cast, scope_of, first):
    client, before, page = client_for(cast.petra), document(cast, scope_of, first), f"{root(cast, first)}/rules/"
    assert client.post(page, fields(client.get(page).content.decode(), page)).status_code == 302
    assert document(cast, scope_of, first) == before
    given = fields(client.get(page).content.decode(), page)
    given |= {"rule-3-name": "Credits", "rule-3-over": "contract", "rule-3-count": "credit", "rule-3-window": "6"}
    given |= {"rule-3-compare": "more_than", "rule-3-number": "10000", "rule-3-then": "notify", "rule-0-name": ""}
    given |= {"rule-1-bands": "Severe, Below threshold", "rule-1-expires_after": "90"}
    assert client.post(page, given).status_code == 302
    rules = document(cast, scope_of, first)["rules"]
    assert [rule["name"] for rule in rules] == ["Repeated failure", "Four in twelve", "Credits"]
    assert rules[0]["bands"] == ["Severe", "Below threshold"] and rules[0]["expires_after"] == "90"
    assert rules[2] == {
        "name": "Credits", "over": "contract", "count": "credit", "window": "6", "more_than": "10000", "then": "notify"
    }  # fmt: skip


def test_a_rule_in_force_is_ended_and_another_added_from_a_day(client_for, cast, scope_of, live, acting):
    with scope_of(cast.petra):
        added = {
            "name": "Points",
            "over": "contract",
            "count": "points",
            "at_least": "10",
            "then": "notify",
            "from": "2024-06-01",
        }
        file = contract_file.read(file_with(live)).document()
        import_contract(by=None, source=contract_file.write({**file, "rules": [added]}))
        live.refresh_from_db()
    made = acting(cast.petra, start_revision, contract=live, title="Another rule")
    client, page = client_for(cast.petra), f"{root(cast, made)}/rules/"
    given = fields(client.get(page).content.decode(), page)
    given |= {"rule-0-until": "2024-07-31", "rule-1-name": "Breaches", "rule-1-number": "4", "rule-1-window": "12"}
    refused = client.post(page, given)
    assert refused.status_code == 422 and "is missing; a rule that is added" in refused.content.decode()
    assert client.post(page, given | {"rule-1-from_": "2024-08-01"}).status_code == 302
    rules = document(cast, scope_of, made)["rules"]
    assert rules[0] == {**added, "until": "2024-07-31"} and rules[1]["from"] == "2024-08-01"


def test_a_first_version_that_can_be_no_contract_yet_is_kept_and_its_pages_say_why(client_for, cast, acting, first):
    with acting.scope_of(cast.petra):
        written = first.draft.document.replace("2026-06-30", "2024-06-30")
    assert acting(cast.petra, save_draft, revision=first, version=1, document=written).document == written
    client, page = client_for(cast.petra), f"{root(cast, first)}/rules/"
    refused = client.post(page, fields(client.get(page).content.decode(), page))
    assert refused.status_code == 422 and "contract.ends_on" in refused.content.decode()
    with acting.scope_of(cast.petra):  # lists go on saying what the last draft said that could be one
        assert Revision.objects.select_related("contract").get(pk=first.pk).contract.ends_on == date(2026, 6, 30)


def test_contract_and_areas_go_through_the_page_and_back_without_loss(client_for, cast, scope_of, first, draft):
    client = client_for(cast.petra)
    for one in (first, draft):
        before, page = document(cast, scope_of, one), f"{root(cast, one)}/contract/"
        answer = client.post(page, fields(client.get(page).content.decode(), page))
        assert answer.status_code == 302, answer.content.decode()
        assert document(cast, scope_of, one) == before
    page = f"{root(cast, first)}/contract/"
    given = fields(client.get(page).content.decode(), page)
    given |= {
        "starts_on": "2024-08-01",
        "claim_within": "60",
        "area-3-code": "GRN",
        "area-3-name": "Green",
        "area-3-weight": "5",
    }
    assert client.post(page, given).status_code == 302
    after = document(cast, scope_of, first)
    assert after["contract"]["claim_within"] == "60" and after["kras"][3] == {
        "code": "GRN",
        "name": "Green",
        "weight": "5",
    }
    assert {terms["from"] for level in after["service_levels"] for terms in level["terms"]} == {"2024-08-01"}
    with scope_of(cast.petra):
        assert str(Revision.objects.get(pk=first.pk).contract.starts_on) == "2024-08-01"


def test_what_was_agreed_of_a_contract_stays_and_an_area_ends_on_a_day(client_for, cast, scope_of, draft):
    client, page = client_for(cast.petra), f"{root(cast, draft)}/contract/"
    before = document(cast, scope_of, draft)
    given = fields(client.get(page).content.decode(), page) | {
        "starts_on": "2023-01-01",
        "currency": "USD",
        "title": "Another",
    }
    given |= {"area-0-ends_on": "2024-08-31", "dispute_within": "10", "answer_within": "5"}
    assert client.post(page, given).status_code == 302
    after = document(cast, scope_of, draft)
    assert after["kras"][0]["ends_on"] == "2024-08-31"
    said = {"title": "Another", "dispute_within": "10", "answer_within": "5"}
    assert after["contract"] == before["contract"] | said
    wrong = client.post(page, given | {"version": "3", "ends_on": "2024-01-01"})
    assert wrong.status_code == 422 and document(cast, scope_of, draft) == after


def test_a_draft_is_taken_over_and_still_not_approved_by_who_wrote_it(client_for, cast, scope_of, acting, draft, paul):
    html = client_for(paul).get(f"{root(cast, draft)}/terms/").content.decode()
    assert "Petra" in html and "Take it over" in html
    with scope_of(paul):
        as_read = Revision.objects.get(pk=draft.pk)
    acting(paul, take_over, revision=draft)
    with scope_of(paul):
        assert Revision.objects.get(pk=draft.pk).author_name == paul.name
    with pytest.raises(RuleBroken, match="yours already"):
        acting(paul, take_over, revision=draft)
    with pytest.raises(Conflict):
        acting(cast.petra, take_over, revision=draft, seen=1)
    with pytest.raises(NotAllowed):
        acting(cast.marco, take_over, revision=draft)
    with scope_of(paul), pytest.raises(Conflict, match="meanwhile"):  # a second click at the same moment
        take_over(by=paul, revision=as_read)
    acting(paul, submit, revision=draft, version=2)
    with pytest.raises(NotAllowed, match="You wrote this"):
        acting(cast.petra, approve, revision=draft, edition=1)


def test_what_came_too_late_gets_a_new_day_and_is_agreed_again(client_for, cast, scope_of, clock, acting: Acting, sent):
    clock(LATE)
    with scope_of(cast.petra):
        assert put_in_force(now=LATE) == 1
    client = client_for(cast.petra)
    html = client.get(f"{root(cast, sent)}/").content.decode()
    assert "Set the new day" in html
    for day, said in (("2024-06-01", "has come"), ("2024-08-15", "first day"), ("", "Choose the new first day")):
        with scope_of(cast.petra):
            version = Revision.objects.get(pk=sent.pk).version
        refused = client.post(f"{root(cast, sent)}/act/", {"do": "new_day", "day": day, "version": version})
        assert refused.status_code == 422 and said in refused.content.decode()
        with scope_of(cast.petra):
            assert Revision.objects.get(pk=sent.pk).status == Status.LAPSED
    acting(cast.petra, set_new_day, revision=sent, day=date(2024, 8, 1))
    with scope_of(cast.petra):
        again = Revision.objects.select_related("draft").get(pk=sent.pk)
        assert (again.status, again.draft.effective_on) == (Status.DRAFT, date(2024, 8, 1))
        assert [terms.from_ for terms in as_stored(again.draft.document).service_levels[0].terms][-1] == date(
            2024, 8, 1
        )
    assert "Set the new day" not in client.get(f"{root(cast, sent)}/").content.decode()
