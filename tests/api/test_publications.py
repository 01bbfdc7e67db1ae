"""Publishing through the API: the same rules as the page."""

import pytest

from evaluation.models import Month
from scorecards.models import Publication
from tests.dashboard_world import Judged, in_june  # noqa: F401


@pytest.fixture
def month(cast, scope_of, in_june):  # noqa: F811
    with scope_of(cast.aldermoor):
        return Judged(cast, cast.corvid)


def test_a_month_is_looked_at_published_and_read(cast, client_for, month):
    marco, base = client_for(cast.marco), f"api/v1/contracts/{month.contract.pk}"
    standing = marco.get(f"{base}/standing/?month=2024-04").json()
    assert standing["complete"] is True and standing["snapshot"]["score"] == "90" and standing["month"] == "2024-04"
    sent = {"month": "2024-04", "seen": standing["checksum"], "word": "As discussed."}
    made = marco.post(f"{base}/publish/", sent, content_type="application/json")
    assert made.status_code == 201 and made.json()["edition"] == 1
    (row,) = client_for(cast.vera).get(f"{base}/publications/?month=2024-04").json()["results"]
    assert (row["score"], row["points"], row["credit"], row["checksum"]) == ("90", "1", "500", standing["checksum"])
    assert row["accepted_by"] is None
    assert client_for(cast.hana).get(f"{base}/publications/").status_code == 404


def test_other_numbers_than_those_looked_at_are_refused(cast, scope_of, client_for, month):
    marco, base = client_for(cast.marco), f"api/v1/contracts/{month.contract.pk}"
    seen = marco.get(f"{base}/standing/?month=2024-04").json()["checksum"]
    with scope_of(cast.aldermoor):
        Month.objects.update(credit=250)
    answer = marco.post(f"{base}/publish/", {"month": "2024-04", "seen": seen}, content_type="application/json")
    assert answer.status_code == 409
    assert client_for(cast.vera).get(f"{base}/standing/?month=2024-04").status_code == 403
    assert marco.get(f"{base}/standing/?month=april").status_code == 400
    with scope_of(cast.aldermoor):
        assert not Publication.objects.exists()
