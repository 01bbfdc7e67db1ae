"""The credit page: balances, waivers by two people, invoices."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from credits.actions import approve_claim
from credits.models import CreditClaim, LedgerEntry, WaiverProposal
from credits.rules import EntryKind
from tests.cast import Cast
from tests.factories import breaches, contracts, evaluation

pytestmark = pytest.mark.usefixtures("in_june")

CREDITS = {
    "point": {"percent_of": "charges", "value": "0.5", "amount": None},
    "at_risk_percent": None,
    "tariff": {"kind": "linear", "steps": [], "slices": []},
    "one_per_incident": False,
    "bedding_in": [],
    "caps": [],
    "minimum": None,
    "earn_back": None,
}
APRIL = date(2024, 4, 1)


@pytest.fixture
def contract(cast: Cast, scope_of: Callable) -> Contract:
    """500.00 credited for April, 500.00 for May, of which 200.00 were earned back in June."""
    with scope_of(cast.aldermoor):
        made = contracts.contract(cast.corvid, credits=CREDITS)
        april, may, june = contracts.periods(made, count=3)
        for period in (april, may):
            evaluation.month(period)
            breaches.ledger_entry(period)
        breaches.ledger_entry(june, kind=EntryKind.EARN_BACK, amount=-200, month=may.month)
        breaches.ledger_entry(june, kind=EntryKind.ACCRUAL, amount=0)
        return made


def html(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (LedgerEntry, WaiverProposal)]


def waive(client: Any, contract: Contract, amount: str = "100", month: str = "2024-04-01", reason: str = "Ours") -> Any:
    given = {"amount": amount, "month": month, "reason": reason}
    return client.post(f"contracts/{contract.pk}/credits/waivers/", given)


def test_entries_with_the_balance_after_each(cast: Cast, client_for: Callable, contract: Contract) -> None:
    answer = client_for(cast.petra).get(f"contracts/{contract.pk}/credits/")
    entries = [(one.row.kind, one.row.amount, one.balance) for one in answer.context["entries"]]
    assert entries == [
        ("earn_back", Decimal(-200), Decimal(800)),
        ("accrual", Decimal(500), Decimal(1000)),
        ("accrual", Decimal(500), Decimal(500)),
    ]
    assert "£800.00" in html(answer)
    ids = re.findall(r'\sid="([^"]+)"', answer.content.decode())
    assert sorted(set(ids)) == sorted(ids)
    everything = client_for(cast.petra).get(f"contracts/{contract.pk}/credits/?show=all")
    assert len(everything.context["entries"]) == 4, "a month that closed without a credit"


def test_a_contract_without_credits(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        plain = contracts.contract(cast.corvid, reference="PLAIN")
        quiet = contracts.contract(cast.corvid, reference="QUIET", credits=CREDITS)
    petra = client_for(cast.petra)
    assert "No service credits" in html(petra.get(f"contracts/{plain.pk}/credits/"))
    assert "Nothing posted yet" in html(petra.get(f"contracts/{quiet.pk}/credits/"))


def test_a_waiver_takes_two_people(cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract) -> None:
    petra, marco = client_for(cast.petra), client_for(cast.marco)
    assert waive(petra, contract).status_code == 302
    with scope_of(cast.aldermoor):
        proposal = WaiverProposal.objects.get()
    path = f"contracts/{contract.pk}/credits/waivers/{proposal.pk}/"
    before = stored(cast, scope_of)
    own = petra.post(path, {"decision": "approve"})
    assert own.status_code == 403
    assert "Nobody approves their own proposal" in html(own)
    assert stored(cast, scope_of) == before
    assert "Approve waiver" in html(marco.get(f"contracts/{contract.pk}/credits/"))
    assert marco.post(path, {"decision": "approve"}).status_code == 302
    theirs = html(client_for(cast.vera).get(f"contracts/{contract.pk}/credits/"))
    assert "£700.00" in theirs
    assert "Petra Sandgren" not in theirs, "who at the client agreed to it is the client's own matter"
    books = marco.get(f"contracts/{contract.pk}/credits/")
    stats = {stat["label"]: stat["value"] for stat in books.context["stats"]}
    assert (stats["Credited"], stats["Waived"], stats["Deducted on invoices"], stats["Balance"]) == (
        ("£800.00", "£100.00", "£0.00", "£700.00")
    )
    page = html(books)
    assert "proposed by Petra Sandgren, approved by Marco Bellini" in page
    assert "£700.00" in page
    again = marco.post(path, {"decision": "approve"})
    assert (again.status_code, "Somebody was faster: this was decided meanwhile." in html(again)) == (409, True)


def test_a_proposal_is_declined_or_withdrawn(
    cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract
) -> None:
    for who, status in ((cast.marco, "declined"), (cast.petra, "withdrawn")):
        waive(client_for(cast.petra), contract)
        with scope_of(cast.aldermoor):
            proposal = WaiverProposal.objects.latest("pk")
        path = f"contracts/{contract.pk}/credits/waivers/{proposal.pk}/"
        assert client_for(who).post(path, {"decision": "decline", "reason": "Not agreed"}).status_code == 302
        with scope_of(cast.aldermoor):
            assert WaiverProposal.objects.get(pk=proposal.pk).status == status
    page = html(client_for(cast.petra).get(f"contracts/{contract.pk}/credits/"))
    assert "Marco Bellini declined the waiver of £100.00 for April 2024: “Not agreed”" in page
    assert "Petra Sandgren withdrew the waiver of £100.00 for April 2024" in page
    assert "declined the waiver" not in html(client_for(cast.vera).get(f"contracts/{contract.pk}/credits/"))


def test_the_bell_rings_for_who_is_to_hear_of_it(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    contract: Contract,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    with django_capture_on_commit_callbacks() as rung:
        waive(client_for(cast.petra), contract)
    assert len(rung) == 1
    with scope_of(cast.aldermoor):
        proposal = WaiverProposal.objects.get()
    path = f"contracts/{contract.pk}/credits/waivers/{proposal.pk}/"
    with django_capture_on_commit_callbacks() as rung:
        client_for(cast.marco).post(path, {"decision": "approve"})
    assert len(rung) == 1


def test_who_declines_says_why(cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract) -> None:
    waive(client_for(cast.petra), contract)
    with scope_of(cast.aldermoor):
        proposal = WaiverProposal.objects.get()
    before = stored(cast, scope_of)
    path = f"contracts/{contract.pk}/credits/waivers/{proposal.pk}/"
    refused = client_for(cast.marco).post(path, {"decision": "decline"})
    assert refused.status_code == 422
    assert "Say why the waiver is declined; Petra Sandgren will read it." in html(refused)
    assert stored(cast, scope_of) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"amount": "1_00"}, "Write digits and a point"),
        ({"amount": "1,00"}, "Write digits and a point"),
        ({"amount": "1,000,00"}, "Write digits and a point"),
        ({"amount": "1000,000"}, "Write digits and a point"),
        ({"amount": "1,000"}, "no more than that can be waived"),
        ({"amount": "٣"}, "Write digits and a point"),
        ({"amount": "501"}, "no more than that can be waived"),
        ({"amount": "-5"}, "must be more than 0"),
        ({"amount": "0.001"}, "decimal places"),
        ({"reason": ""}, "Say why"),
        ({"month": "2024-06-01"}, "Select a valid choice"),
    ],
)
def test_a_waiver_that_is_refused_comes_back(
    cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract, given: dict[str, str], said: str
) -> None:
    before = stored(cast, scope_of)
    answer = waive(client_for(cast.petra), contract, **given)
    assert answer.status_code == 422
    assert said in html(answer)
    assert stored(cast, scope_of) == before


def approved(cast: Cast, scope_of: Callable, invoice: str) -> None:
    """Nothing of it is in the books before a colleague approves it."""
    with scope_of(cast.marco):
        assert not LedgerEntry.objects.filter(reference=invoice).exists()
        for claim in CreditClaim.objects.filter(invoice=invoice):
            approve_claim(by=cast.marco, claim=claim)


def test_an_invoice_takes_the_oldest_first(
    cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract
) -> None:
    petra, path = client_for(cast.petra), f"contracts/{contract.pk}/credits/invoices/"
    assert petra.post(path, {"reference": "INV-7", "amount": "600"}).status_code == 302
    approved(cast, scope_of, "INV-7")
    with scope_of(cast.aldermoor):
        taken = LedgerEntry.objects.filter(kind=EntryKind.INVOICE).order_by("month")
        assert [(one.month, one.amount) for one in taken] == [(APRIL, -500), (date(2024, 5, 1), -100)]
    page = html(petra.get(f"contracts/{contract.pk}/credits/"))
    assert "Invoice INV-7" in page
    assert "£200.00" in page
    before = stored(cast, scope_of)
    assert petra.post(path, {"reference": "INV-7", "amount": "100"}).status_code == 409
    too_much = petra.post(path, {"reference": "INV-8", "amount": "201"})
    assert too_much.status_code == 422
    assert 'value="INV-8"' in html(too_much), "what was typed is kept"
    assert stored(cast, scope_of) == before


def test_a_vendor_sees_the_books_and_no_proposals(
    cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract
) -> None:
    waive(client_for(cast.petra), contract, reason="Between ourselves")
    page = html(client_for(cast.vera).get(f"contracts/{contract.pk}/credits/"))
    assert "£800.00" in page
    assert "Between ourselves" not in page
    assert "Propose a waiver" not in page
    before = stored(cast, scope_of)
    assert waive(client_for(cast.vera), contract).status_code == 403
    assert waive(client_for(cast.olu), contract).status_code == 403
    for who in (cast.hana, cast.otto):
        assert client_for(who).get(f"contracts/{contract.pk}/credits/").status_code == 404
    assert stored(cast, scope_of) == before


def test_it_asks_as_much_for_three_entries_as_for_one(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    petra = client_for(cast.petra)

    def statements(months: int) -> int:
        with scope_of(cast.aldermoor):
            made = contracts.contract(cast.corvid, credits=CREDITS, reference=f"MSA-{months}")
            for period in contracts.periods(made, count=months):
                evaluation.month(period)
                breaches.ledger_entry(period)
                breaches.waiver_proposal(period, by=cast.marco)
        petra.get(f"contracts/{made.pk}/credits/")
        with CaptureQueriesContext(connection) as asked:
            assert petra.get(f"contracts/{made.pk}/credits/").status_code == 200
        return len(asked)

    assert statements(1) == statements(3)


def test_an_amount_is_taken_as_the_page_writes_it(
    cast: Cast, client_for: Callable, scope_of: Callable, contract: Contract
) -> None:
    with scope_of(cast.aldermoor):
        breaches.ledger_entry(contracts.periods(contract, 1, "quarter")[0], kind=EntryKind.ADJUSTMENT, amount="1620.50")
    petra, path = client_for(cast.petra), f"contracts/{contract.pk}/credits/invoices/"
    assert petra.post(path, {"reference": "INV-9", "amount": "2,120.00"}).status_code == 302
    approved(cast, scope_of, "INV-9")
    with scope_of(cast.aldermoor):
        assert sum(LedgerEntry.objects.filter(reference="INV-9").values_list("amount", flat=True)) == -2120
