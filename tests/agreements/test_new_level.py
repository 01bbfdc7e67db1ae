"""A service level from the catalogue becomes part of a draft, ready to have its terms changed."""

import pytest

from agreements.proposals import as_stored
from slas.metric_catalogue import metrics

USUAL = next(one for one in metrics().values() if one.bands() and one.every == "month")


@pytest.fixture
def address(cast, draft):
    return f"/o/{cast.aldermoor.slug}/revisions/{draft.pk}/new-level/"


def data(**more):
    given = {"version": "2", "metric": USUAL.code, "code": "SL-09", "kra": "REL", "weight": "50", "from_": "2024-07-01"}
    return given | more


def levels(cast, scope_of, draft):
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        return as_stored(draft.draft.document).document()["service_levels"]


def test_a_metric_becomes_a_service_level_with_its_usual_bands(client_for, cast, scope_of, draft, address):
    client = client_for(cast.petra)
    html = client.get(f"{address}?metric={USUAL.code}").content.decode()
    assert f'<option value="{USUAL.code}" selected>' in html
    answer = client.post(address, data())
    assert answer["Location"].endswith(f"/revisions/{draft.pk}/terms/SL-09/")
    added = levels(cast, scope_of, draft)[-1]
    assert (added["code"], added["name"], added["metric"]) == ("SL-09", USUAL.name, USUAL.code)
    assert added["kras"] == {"REL": "50"}
    assert added["terms"][0]["bands"][0]["at"] == str(USUAL.target)
    page = client.get(answer["Location"])
    assert page.status_code == 200 and USUAL.name in page.content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"code": "SL-01"}, "SL-01"),
        ({"from_": "2024-07-15"}, "is not the first day of"),
        ({"target": "high"}, "Write a number"),
        ({"metric": "NONE"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_added_is_said_and_changes_nothing(client_for, cast, scope_of, draft, address, more, said):
    before = levels(cast, scope_of, draft)
    answer = client_for(cast.petra).post(address, data(**more))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert levels(cast, scope_of, draft) == before


def test_somebody_elses_draft_is_not_overwritten(client_for, cast, scope_of, draft, address):
    before = levels(cast, scope_of, draft)
    assert client_for(cast.petra).post(address, data(version="1")).status_code == 409
    assert client_for(cast.marco).post(address, data()).status_code == 403
    assert levels(cast, scope_of, draft) == before
