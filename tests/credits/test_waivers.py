"""Letting credits go takes two people; invoices take what is there."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from credits.actions import (
    approve_claim,
    approve_waiver,
    decline_claim,
    decline_waiver,
    post_due,
    propose_waiver,
    record_invoice,
)
from credits.models import LedgerEntry, WaiverProposal
from credits.rules import EntryKind, WaiverStatus
from lib.errors import Conflict, NotAllowed, RuleBroken
from tests.books import NOW, deducted
from tests.factories import organisations as make
from tests.follow_up import once_judged

APRIL = date(2024, 4, 1)


@pytest.fixture
def credited(books):
    """1,000.00 for April and 500.00 for May."""
    books.month(1, credit="1000")
    books.month(2, credit="500")
    once_judged(post_due, now=NOW)
    return books


def propose(by, books, amount="600", **fields):
    given = {"month": APRIL, "amount": Decimal(amount), "reason": "Agreed in the October review."}
    return propose_waiver(by=by, contract=books.contract, **given | fields)


def test_one_proposes_and_another_approves(credited, system):
    proposal = propose(system.marco, credited)
    assert credited.balance(1) == 1000
    approve_waiver(by=system.petra, proposal=proposal)
    entry = LedgerEntry.objects.get(kind=EntryKind.WAIVER)
    assert (entry.amount, entry.reason) == (-600, "Agreed in the October review.")
    assert (entry.proposed_by_id, entry.approved_by_id) == (system.marco.pk, system.petra.pk)
    assert entry.posted_in == date(2024, 6, 1)
    assert credited.balance(1) == 400
    with pytest.raises(Conflict):
        approve_waiver(by=system.petra, proposal=WaiverProposal.objects.get())
    assert credited.balance(1) == 400


def test_nobody_approves_their_own(credited, system):
    proposal = propose(system.marco, credited)
    with pytest.raises(NotAllowed, match="own proposal"):
        approve_waiver(by=system.marco, proposal=proposal)
    assert WaiverProposal.objects.get().status == WaiverStatus.PROPOSED
    with pytest.raises(IntegrityError, match="waiver_two_people"), transaction.atomic():
        WaiverProposal.objects.update(status=WaiverStatus.APPROVED, decided_by=system.marco, decided_at=NOW)
    given = {
        "vendor": system.corvid,
        "contract": credited.contract,
        "month": APRIL,
        "posted_in": APRIL,
        "capped_amount": 0,
    }
    given |= {"kind": EntryKind.WAIVER, "amount": -1, "proposed_by": system.marco}
    for approved_by, wall in ((system.marco, "ledger_two_people"), (None, "needs two people")):
        with pytest.raises(IntegrityError, match=wall), transaction.atomic():
            LedgerEntry.objects.create(**given, approved_by=approved_by)
    assert credited.balance() == 1500


def test_nobody_approves_what_a_key_of_theirs_proposed(credited, system):
    key = make.api_key(system.marco, scope="manage")
    proposal = propose(system.marco, credited)
    WaiverProposal.objects.update(proposed_by=key.member)
    proposal.refresh_from_db()
    with pytest.raises(NotAllowed, match="own proposal"):
        approve_waiver(by=system.marco, proposal=proposal)
    assert credited.balance(1) == 1000
    approve_waiver(by=system.petra, proposal=proposal)
    assert credited.balance(1) == 400


@pytest.mark.parametrize("name", ["ada", "olu", "vera", "ravi"])
def test_who_may_not(credited, system, name):
    somebody = getattr(system, name)
    with pytest.raises(NotAllowed):
        propose(somebody, credited)
    proposal = propose(system.marco, credited)
    for refused in (approve_waiver, decline_waiver):
        with pytest.raises(NotAllowed):
            refused(by=somebody, proposal=proposal)
    with pytest.raises(NotAllowed):
        record_invoice(by=somebody, contract=credited.contract, amount=Decimal(1), reference="INV-1")
    assert credited.balance() == 1500


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": "1000.01"}, "balance"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"reason": "  "}, "reason"),
        ({"month": date(2024, 7, 1)}, "balance"),
    ],
)
def test_what_cannot_be_proposed(credited, system, fields, code):
    with pytest.raises(RuleBroken) as refused:
        propose(system.marco, credited, **fields)
    assert refused.value.code == code
    assert not WaiverProposal.objects.exists()


def test_one_proposal_at_a_time_for_a_month(credited, system):
    first = propose(system.marco, credited)
    with pytest.raises(Conflict, match="waits for a decision"):
        propose(system.petra, credited, amount="1")
    with pytest.raises(RuleBroken, match="Marco Bellini will read it"):
        decline_waiver(by=system.petra, proposal=first, reason="  ")
    decline_waiver(by=system.petra, proposal=first, reason=" Not agreed. ")
    stored = WaiverProposal.objects.get()
    assert (stored.status, stored.decline_reason) == (WaiverStatus.DECLINED, "Not agreed.")
    second = propose(system.petra, credited, amount="1")
    decline_waiver(by=system.petra, proposal=second)
    assert second.status == WaiverStatus.WITHDRAWN
    assert credited.balance() == 1500


def test_a_waiver_is_checked_again_when_it_is_approved(credited, system):
    proposal = propose(system.marco, credited, amount="1000")
    deducted(system, credited.contract, Decimal(1), "INV-1")
    with pytest.raises(RuleBroken, match=r"£999\.00"):
        approve_waiver(by=system.petra, proposal=proposal)
    assert WaiverProposal.objects.get().status == WaiverStatus.PROPOSED


def test_a_waiver_of_what_was_restated_away_is_taken_back(credited, system):
    approve_waiver(by=system.petra, proposal=propose(system.marco, credited, amount="600"))
    deducted(system, credited.contract, Decimal(400), "INV-1")
    credited.month(1, credit="500")
    later = NOW + timedelta(days=1)
    credited.restated(1, "Figures corrected", at=later)
    assert once_judged(post_due, now=later) == 2
    assert once_judged(post_due, now=later) == 0
    entry = LedgerEntry.objects.get(kind=EntryKind.WAIVER_BACK)
    assert entry.amount == 500  # 100 of the 500 that remain were not invoiced, and stay waived
    assert entry.reason == "The credit that was waived does not exist any more. Figures corrected"
    assert credited.balance(1) == 0


def test_an_invoice_takes_the_oldest_months_first(credited, system):
    claims = record_invoice(by=system.petra, contract=credited.contract, amount=Decimal("1200.50"), reference=" INV-7 ")
    assert [(one.month.month, one.amount, one.invoice, one.status) for one in claims] == [
        (4, Decimal(1000), "INV-7", "claimed"),
        (5, Decimal("200.50"), "INV-7", "claimed"),
    ]
    assert credited.balance() == 1500  # nothing is booked by one person
    with pytest.raises(Conflict, match="INV-7 is on record already"):
        record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(1), reference="INV-7")
    for one in claims:
        with pytest.raises(NotAllowed):
            approve_claim(by=system.petra, claim=one)
        approve_claim(by=system.marco, claim=one)
    entries = credited.contract.ledger.filter(kind=EntryKind.INVOICE).order_by("month")
    assert [(one.month.month, one.amount, one.reference) for one in entries] == [
        (4, Decimal(-1000), "INV-7"),
        (5, Decimal("-200.50"), "INV-7"),
    ]
    assert {(one.proposed_by_id, one.approved_by_id) for one in entries} == {(system.petra.pk, system.marco.pk)}
    assert credited.balance() == Decimal("299.50")
    with pytest.raises(Conflict, match="INV-7 is on record already"):
        record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(1), reference="INV-7")
    with pytest.raises(RuleBroken, match=r"£299\.50"):
        record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(300), reference="INV-8")
    deducted(system, credited.contract, Decimal("299.50"), "INV-8")
    assert list(
        credited.contract.ledger.filter(kind=EntryKind.INVOICE, month=date(2024, 5, 1)).values_list("number", flat=True)
    ) == [1, 2]


def test_what_was_taken_too_much_is_paid_back_by_an_invoice(credited, system):
    deducted(system, credited.contract, Decimal(1500), "INV-1")
    credited.month(1, credit="200")
    once_judged(post_due, now=NOW + timedelta(days=1))
    assert credited.balance() == -800
    for amount in ("800", "-801"):
        with pytest.raises(RuleBroken):
            record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(amount), reference="INV-2")
    deducted(system, credited.contract, Decimal(-800), "INV-2")
    assert credited.balance() == 0


def test_a_deduction_that_a_colleague_turns_down_books_nothing(credited, system):
    (claim,) = record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(300), reference="INV-1")
    with pytest.raises(RuleBroken, match="still to come"):
        record_invoice(
            by=system.petra, contract=credited.contract, amount=Decimal(1), reference="INV-2", on=date(2100, 1, 1)
        )
    decline_claim(by=system.marco, claim=claim, reason="Not on that invoice.")
    assert credited.balance() == 1500
    assert not credited.contract.ledger.filter(kind=EntryKind.INVOICE).exists()
    deducted(system, credited.contract, Decimal(300), "INV-1")
    assert credited.balance() == 1200


@pytest.mark.parametrize("reference", ["", "  ", "x" * 81])
def test_an_invoice_has_a_number(credited, system, reference):
    with pytest.raises(RuleBroken, match="number of the invoice"):
        record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(1), reference=reference)


def test_before_anything_was_judged_there_are_no_books(books, system):
    with pytest.raises(RuleBroken):
        record_invoice(by=system.petra, contract=books.contract, amount=Decimal(1), reference="INV-1")


def test_an_amount_that_needs_nobody_else_is_waived_at_once(credited, system):
    make.settings(two_people_from=Decimal(500))
    assert propose(system.marco, credited, "300") is None
    entry = LedgerEntry.objects.get(kind=EntryKind.WAIVER)
    assert (entry.amount, entry.proposed_by_id, entry.approved_by_id) == (-300, system.marco.pk, None)
    assert credited.balance(1) == 700
    # Parts of an amount count together, whoever waives them; another month has its own.
    waits = propose(system.petra, credited, "200")
    assert isinstance(waits, WaiverProposal) and credited.balance(1) == 700
    assert propose(system.petra, credited, "100", month=date(2024, 5, 1)) is None
    approve_waiver(by=system.marco, proposal=waits)
    assert propose(system.petra, credited, "199.99") is None  # what two people waived does not count
    with pytest.raises(RuleBroken, match="no more than that"):
        propose(system.petra, credited, "400.01", month=date(2024, 5, 1))


def test_the_database_lets_nobody_waive_more_alone(credited, system):
    given = {
        "vendor": system.corvid,
        "contract": credited.contract,
        "month": APRIL,
        "posted_in": APRIL,
        "capped_amount": 0,
    }
    given |= {"kind": EntryKind.WAIVER, "proposed_by_id": system.marco.pk}
    with pytest.raises(IntegrityError, match="needs two people"), transaction.atomic():
        LedgerEntry.objects.create(**given, amount=-1, number=1)
    make.settings(two_people_from=Decimal(500))
    LedgerEntry.objects.create(**given, amount=-300, number=1)
    with pytest.raises(IntegrityError, match="needs two people"), transaction.atomic():
        LedgerEntry.objects.create(**given, amount=-200, number=2)
    assert credited.balance(1) == 700
