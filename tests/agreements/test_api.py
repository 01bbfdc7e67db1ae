"""Revisions through the API: from a file to a day in force, and every answer on the way."""

import pytest

from agreements.models import Revision, RevisionEdition
from agreements.rules import Status
from organisations.rules import key_actions
from tests.agreements.revised import WHY, file_with

BASE = "api/v1/"


def post(client, path, **given):
    return client.post(f"{BASE}{path}", given, content_type="application/json")


@pytest.fixture
def document(cast, scope_of, live):
    with scope_of(cast.petra):
        return file_with(live)


def test_a_file_becomes_a_revision_that_both_sides_agree_to(cast, client_for, live, document):
    petra, marco, vera = client_for(cast.petra), client_for(cast.marco), client_for(cast.vera)
    made = post(petra, f"contracts/{live.pk}/revisions/", document=document, title="Higher target", reason=WHY)
    assert made.status_code == 201, made.json()
    one = made.json()
    assert (one["status"], one["draft"]["effective_on"]) == ("draft", "2024-07-01")
    at = f"revisions/{one['id']}/"
    lines = petra.get(f"{BASE}{at}redline/").json()
    assert lines["versions"] == ["before", "draft"] and lines["changes"]
    assert post(petra, f"contracts/{live.pk}/revisions/", document=document).status_code == 409
    stale = post(petra, f"{at}submit/", version=one["version"], draft_version=one["draft"]["version"] + 1)
    assert stale.status_code == 409
    sent = post(petra, f"{at}submit/", version=one["version"], draft_version=one["draft"]["version"]).json()
    assert (sent["status"], sent["edition"]) == ("submitted", 1)
    assert vera.get(f"{BASE}revisions/").json()["count"] == 0 and vera.get(f"{BASE}{at}").status_code == 404
    assert post(petra, f"{at}approve/", version=sent["version"], edition=1).status_code == 403
    approved = post(marco, f"{at}approve/", version=sent["version"], edition=1).json()
    assert approved["status"] == "with_vendor"
    seen = vera.get(f"{BASE}{at}").json()
    assert seen["draft"] is None and [step["kind"] for step in seen["steps"]] == ["sent"]
    assert vera.get(f"{BASE}{at}redline/?a=before&b=1").json()["changes"]
    assert vera.get(f"{BASE}{at}redline/?b=draft").status_code == 400
    assert post(vera, f"{at}consent/", version=seen["version"], edition=2).status_code == 409
    assert post(vera, f"{at}consent/", version=seen["version"], edition=1).json()["status"] == "consented"


def test_the_vendor_declines_or_proposes_other_terms(cast, client_for, scope_of, live, sent):
    petra, vera, at = client_for(cast.petra), client_for(cast.vera), f"revisions/{sent.pk}/"
    with scope_of(cast.petra):
        other = file_with(live, target=96)
    version = vera.get(f"{BASE}{at}").json()["version"]
    assert post(vera, f"{at}counter/", version=version, edition=1, document=other, reason="").status_code == 400
    answer = post(vera, f"{at}counter/", version=version, edition=1, document=other, reason="97 is not reached.")
    assert (answer.json()["status"], answer.json()["edition"]) == ("countered", 2)
    back = post(petra, f"{at}reopen/", version=answer.json()["version"], take_theirs=True).json()
    assert back["status"] == "draft" and back["draft"]["document"] == back["editions"][1]["document"]
    gone = post(petra, f"{at}withdraw/", version=back["version"], reason="Next year.").json()
    assert gone["status"] == "withdrawn"
    with scope_of(cast.aldermoor):
        assert RevisionEdition.objects.count() == 2 and Revision.objects.get().status == Status.WITHDRAWN


def test_sent_back_saved_and_refused(cast, client_for, live, submitted):
    petra, marco, at = client_for(cast.petra), client_for(cast.marco), f"revisions/{submitted.pk}/"
    one = marco.get(f"{BASE}{at}").json()
    back = post(marco, f"{at}send-back/", version=one["version"], edition=1, reason="Say why in words.").json()
    assert back["status"] == "draft"
    draft = back["draft"]["version"]
    assert (
        post(petra, f"{at}save/", version=draft, reason="The line was down.").json()["draft"]["reason"]
        == "The line was down."
    )
    assert post(petra, f"{at}save/", version=draft, reason="Twice").status_code == 409
    assert post(client_for(cast.olu), f"{at}save/", version=draft, reason="x").status_code == 403
    bad = post(petra, f"contracts/{live.pk}/revisions/", document="contract: {}", beside=True)
    assert bad.status_code == 422 and petra.get(f"{BASE}revisions/").json()["count"] == 1
    assert (
        petra.get(f"{BASE}revisions/?status=gone").status_code
        == petra.get(f"{BASE}revisions/?contract=x").status_code
        == 400
    )


def test_a_vendor_declines(cast, client_for, sent):
    vera, at = client_for(cast.vera), f"revisions/{sent.pk}/"
    version = vera.get(f"{BASE}{at}").json()["version"]
    assert post(vera, f"{at}decline/", version=version, edition=1, reason="No.").json()["status"] == "declined"
    assert client_for(cast.hana).get(f"{BASE}{at}").status_code == 404


def test_keys_draft_and_decide_nothing():
    allowed = key_actions("manage", "procurement") | key_actions("manage", "vendor_manager")
    assert "revision.draft" in allowed and not {"revision.approve", "revision.consent"} & allowed
