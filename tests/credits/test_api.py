"""Credits through the API: the same steps by the same people, with what was read."""

from decimal import Decimal

import pytest

from contracts.models import Contract
from credits.actions import post_due
from credits.models import CreditClaim
from lib.errors import NotAllowed
from organisations.rules import key_actions
from tests.books import NOW, Books
from tests.follow_up import once_judged

BASE = "api/v1/"
TODAY = NOW.date().isoformat()


@pytest.fixture
def world(cast, scope_of, clock):
    """1,000.00 of Corvid's for April, to be claimed within 100 days; 70.00 of Halden's."""
    clock(NOW)
    with scope_of(cast.aldermoor):
        corvid, halden = Books(cast.corvid), Books(cast.halden)
        Contract.objects.filter(pk=corvid.contract.pk).update(claim_within=100)
        corvid.month(1, credit="1000")
        halden.month(1, credit="70")
        once_judged(post_due, now=NOW)
    return corvid


def post(client, path, **given):
    return client.post(f"{BASE}{path}", given, content_type="application/json")


def test_a_credit_goes_from_accrual_to_recovered(cast, client_for, world, scope_of):
    petra, marco, vera = client_for(cast.petra), client_for(cast.marco), client_for(cast.vera)
    [first, second] = petra.get(f"{BASE}credits/").json()["results"]
    assert (first["vendor"], first["state"], first["amount"], first["claim_by"]) == (
        cast.corvid.code,
        "claimable",
        "1000.0000",
        "2024-08-08",
    )
    assert second["claim_by"] is None and vera.get(f"{BASE}credits/").json()["count"] == 1
    asked = {"contract": world.contract.pk, "month": "2024-04", "amount": "1000"}
    assert post(petra, "claims/new/", **asked | {"amount": "999"}).status_code == 409
    assert post(petra, "claims/new/", **asked | {"month": "April"}).status_code == 400
    made = post(petra, "claims/new/", **asked)
    assert made.status_code == 201
    at = f"claims/{made.json()['id']}/"
    assert post(petra, f"{at}approve/", version=1, amount="1000").status_code == 403
    assert post(marco, f"{at}approve/", version=2, amount="1000").status_code == 409
    assert vera.get(f"{BASE}claims/").json()["count"] == 0
    assert post(marco, f"{at}approve/", version=1, amount="1000").json()["status"] == "approved"
    assert post(petra, f"{at}invoice/", version=2, amount="1000", invoice="CS-1", on=TODAY).json()["taken"] == "1000"
    assert vera.get(f"{BASE}claims/?status=invoiced").json()["count"] == 1
    assert post(petra, f"{at}recover/", version=3, on=TODAY).json()["status"] == "recovered"
    with scope_of(cast.aldermoor):
        assert world.balance() == 0 and CreditClaim.objects.get().taken == Decimal(1000)


def test_declined_withdrawn_and_written_off(cast, client_for, world):
    petra, marco = client_for(cast.petra), client_for(cast.marco)
    asked = {"contract": world.contract.pk, "month": "2024-04", "amount": "1000"}
    first = post(petra, "claims/new/", **asked).json()["id"]
    assert post(marco, f"claims/{first}/decline/", version=1, reason="Ask first").json()["status"] == "declined"
    second = post(petra, "claims/new/", **asked).json()["id"]
    assert post(petra, f"claims/{second}/withdraw/", version=1).json()["status"] == "withdrawn"
    third = post(petra, "claims/new/", **asked).json()["id"]
    post(marco, f"claims/{third}/approve/", version=1, amount="1000")
    proposed = post(petra, f"claims/{third}/write-off/", version=2, reason="Insolvent").json()
    decide = f"write-offs/{proposed['id']}/decide/"
    assert post(petra, decide, decision="approve", version=1).status_code == 403
    assert post(marco, decide, decision="approve", version=1).json()["status"] == "approved"
    assert marco.get(f"{BASE}claims/?status=written_off").json()["count"] == 1
    assert (
        marco.get(f"{BASE}claims/?status=gone").status_code == marco.get(f"{BASE}credits/?state=x").status_code == 400
    )


def test_keys_claim_and_record_and_approve_nothing():
    allowed = key_actions("manage", "procurement")
    assert {"credit.claim", "credit.invoice"} <= allowed and "credit.approve_claim" not in allowed
    assert NotAllowed("own_claim", "").status == 403
