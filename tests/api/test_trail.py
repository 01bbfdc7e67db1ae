"""The trail through the API: as on the page, for a vendor its own part, and an export that is verified elsewhere."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit import actions, verify_trail
from organisations.actions import make_key
from organisations.models import Membership
from tests.measurements.reporting import MORNING

BASE = "/o/aldermoor/api/v1/trail/"


@pytest.fixture
def by_key(cast, scope_of):
    """`by_key(cast.vera)`: what a key of hers that may read is answered."""
    now = timezone.now()
    with scope_of(cast.petra):
        Membership.objects.filter(pk=cast.ravi.pk).update(name="Ravi M")
        Membership.objects.filter(pk=cast.marco.pk).update(name="Marco B")

    def called(owner, path=""):
        with scope_of(owner):
            given = {"name": f"Archive {path}", "scope": "read", "expires_at": now + timedelta(days=9), "now": now}
            secret = make_key(by=owner, **given)[1].text
        return Client().get(f"{BASE}{path}", headers={"Authorization": f"Bearer {secret}"})

    return called


def test_entries_in_words(cast, by_key):
    answer = by_key(cast.ada).json()
    told = {one["what"]: one for one in answer["results"]}
    assert told["Membership Marco B changed"]["who"] == "Petra Sandgren"
    assert told["Membership Marco B changed"]["changes"][0]["before"] == "Marco Bellini"
    assert answer["before"] is None and len(answer["last_hash"]) == 64
    first = answer["results"][0]["id"]
    assert {one["who"] for one in by_key(cast.ada, "?person=petra").json()["results"]} == {"Petra Sandgren"}
    of_marco = by_key(cast.ada, f"?of=membership-{cast.marco.pk}&person={cast.petra.pk}").json()["results"]
    assert {one["what"] for one in of_marco} == {"Membership Marco B changed"}
    assert by_key(cast.ada, "?q=none-such").json()["results"] == []
    assert all(one["id"] < first for one in by_key(cast.ada, f"?before={first}").json()["results"])


def test_a_vendor_s_key_reads_and_verifies_its_own_part(cast, by_key, scope_of):
    told = by_key(cast.vera).json()["results"]
    assert {one["what"] for one in told} >= {"Membership Ravi M changed"}
    assert not [one for one in told if "Marco" in one["what"] or one["who"] == "Petra Sandgren"]
    with scope_of(cast.aldermoor):
        actions.seal(now=MORNING)
    answer = by_key(cast.vera, "export/")
    text = answer.content.decode()
    assert answer.status_code == 200 and "Ravi M" in text and "Marco" not in text
    with scope_of(cast.vera):
        kept = actions.last_hash()
    assert verify_trail.check(text.splitlines(), kept) == []


def test_who_may_not_and_what_cannot_be_read(cast, by_key, client_for):
    assert by_key(cast.petra).status_code == 403
    assert by_key(cast.ada, "?before=x").status_code == 400
    assert "of" in by_key(cast.ada, "?of=nothing-1").json()["errors"]
    assert by_key(cast.ada, "export/?begin=soon").status_code == 400
    assert client_for(cast.ravi).get(BASE).status_code == 403
