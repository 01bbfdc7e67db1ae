"""From credit to cash: one claims, another approves; on the invoice, recovered or written off; and nothing is lost on the way."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from audit.models import Entry
from contracts.models import Contract
from credits.actions import (
    Chosen,
    approve_claim,
    approve_waiver,
    claim_credits,
    decline_claim,
    decline_waiver,
    hold,
    mark_recovered,
    post_due,
    propose_waiver,
    propose_write_off,
    put_on_invoice,
    record_invoice,
    release,
    withdraw_claim,
)
from credits.models import CreditClaim, LedgerEntry, WaiverProposal
from credits.querysets.cash import items, steps_of, totals
from credits.rules import CASH_OPEN, CashState
from lib.errors import Conflict, NotAllowed, RuleBroken
from tests.books import NOW, Books
from tests.follow_up import once_judged

APRIL, MAY = date(2024, 4, 1), date(2024, 5, 1)
TODAY = NOW.date()


@pytest.fixture
def credited(books, clock):
    """1,000.00 for April and 500.00 for May; it is 15 July, and a credit is to be claimed within 90 days."""
    clock(NOW)
    Contract.objects.filter(pk=books.contract.pk).update(claim_within=90)
    books.contract.refresh_from_db()
    books.month(1, credit="1000", capped_amount="200")
    books.month(2, credit="500")
    once_judged(post_due, now=NOW)
    return books


def claim(by, books, amount="1000", month=APRIL):
    [made] = claim_credits(by=by, chosen=[Chosen(books.contract, month, Decimal(amount))])
    return made


def stand(books, now=NOW):
    """Where the parts stand, by state: the amounts as whole numbers."""
    found = {}
    for one in totals([books.contract.pk], now):
        found[str(one.state)] = int(one.amount)
    return found


def credited_in_all(books):
    kinds = ("accrual", "earn_back", "adjustment")
    return sum((one.amount for one in books.contract.ledger.filter(kind__in=kinds)), Decimal(0))


def test_a_credit_goes_from_accrual_to_recovered(credited, system):
    assert stand(credited) == {"claimable": 1500}
    made = claim(system.petra, credited)
    assert (made.reference, made.claim_by) == (f"{credited.contract.reference}/2024-04", date(2024, 7, 29))
    assert stand(credited) == {"claimed": 1000, "claimable": 500}
    approve_claim(by=system.marco, claim=made, seen=1, amount=Decimal(1000))
    assert stand(credited) == {"approved": 1000, "claimable": 500}
    assert credited.balance() == 1500, "the ledger has an entry once it is on an invoice"
    put_on_invoice(by=system.petra, claim=made, invoice=" CS-88120 ", on=TODAY, seen=2)
    entry = LedgerEntry.objects.get(kind="invoice")
    assert (entry.amount, entry.reference, entry.proposed_by_id) == (-1000, "CS-88120", system.petra.pk)
    assert stand(credited) == {"invoiced": 1000, "claimable": 500}
    mark_recovered(by=system.petra, claim=made, on=TODAY, payment="P-7", seen=3)
    assert stand(credited) == {"recovered": 1000, "claimable": 500}
    assert credited.balance() == 500
    with pytest.raises(Conflict):
        mark_recovered(by=system.petra, claim=CreditClaim.objects.get(), on=TODAY)
    steps = {one.state: (one.amounts, one.months) for one in steps_of(totals(None, NOW))}
    assert steps["recovered"] == ((("GBP", Decimal(1000)),), 1) and steps["on_hold"] == ((), 0)


def test_it_takes_two_people(credited, system):
    made = claim(system.petra, credited)
    with pytest.raises(NotAllowed, match="own claim"):
        approve_claim(by=system.petra, claim=made)
    with pytest.raises(NotAllowed, match="own claim"):
        decline_claim(by=system.petra, claim=made, reason="No")
    with pytest.raises(IntegrityError, match="claim_two_people"), transaction.atomic():
        CreditClaim.objects.update(status="approved", decided_by=system.petra)
    with pytest.raises(IntegrityError, match="claim_two_people"), transaction.atomic():
        CreditClaim.objects.update(status="invoiced", taken=1, invoice="X", invoiced_on=TODAY)
    for name in ("ada", "olu", "vera", "ravi"):
        somebody = getattr(system, name)
        for act, more in (
            (approve_claim, {}),
            (decline_claim, {"reason": "No"}),
            (withdraw_claim, {}),
            (put_on_invoice, {"invoice": "X", "on": TODAY}),
            (mark_recovered, {"on": TODAY}),
            (propose_write_off, {"reason": "x"}),
        ):
            with pytest.raises(NotAllowed):
                act(by=somebody, claim=made, **more)
        with pytest.raises(NotAllowed):
            claim(somebody, credited, "500", MAY)
    with pytest.raises(NotAllowed):
        put_on_invoice(by=system.marco, claim=made, invoice="X", on=TODAY)
    assert CreditClaim.objects.get().status == "claimed"


def test_nobody_acts_on_what_they_did_not_see(credited, system):
    with pytest.raises(Conflict, match=r"£1,000\.00 are not claimed"):
        claim(system.petra, credited, "999")
    made = claim(system.petra, credited)
    with pytest.raises(Conflict, match="not claimed by now"):
        claim(system.marco, credited)
    with pytest.raises(Conflict, match="after you opened it"):
        approve_claim(by=system.marco, claim=made, seen=2)
    first, second = CreditClaim.objects.get(), CreditClaim.objects.get()
    approve_claim(by=system.marco, claim=first)
    with pytest.raises(Conflict):
        decline_claim(by=system.marco, claim=second, reason="Not ours")
    with pytest.raises(RuleBroken, match="number of the invoice"):
        put_on_invoice(by=system.petra, claim=first, invoice=" ", on=TODAY)
    with pytest.raises(RuleBroken, match="still to come"):
        put_on_invoice(by=system.petra, claim=first, invoice="X", on=TODAY + timedelta(days=1))
    assert not LedgerEntry.objects.filter(kind="invoice").exists()


def test_declined_and_withdrawn_it_can_be_claimed_again(credited, system):
    made = claim(system.petra, credited)
    with pytest.raises(RuleBroken, match="Petra Sandgren will read it"):
        decline_claim(by=system.marco, claim=made, reason=" ")
    decline_claim(by=system.marco, claim=made, reason="Ask them first.")
    again = claim(system.petra, credited)
    assert again.reference.endswith("/2024-04/2")
    with pytest.raises(NotAllowed, match="Petra Sandgren can withdraw"):
        withdraw_claim(by=system.marco, claim=again)
    withdraw_claim(by=system.petra, claim=again)
    third = claim(system.marco, credited)
    approve_claim(by=system.petra, claim=third)
    with pytest.raises(RuleBroken, match="propose to write it off"):
        withdraw_claim(by=system.petra, claim=third)
    assert stand(credited) == {"approved": 1000, "claimable": 500}


def test_what_is_not_claimed_in_time_lapses(credited, system, clock):
    waits = claim(system.petra, credited, "500", MAY)
    late = NOW + timedelta(days=15)  # 30 July: April was to be claimed by the 29th
    clock(late)
    assert stand(credited, late) == {"claimed": 500, "lapsed": 1000}
    with pytest.raises(RuleBroken, match="by 29 Jul 2024"):
        claim(system.petra, credited)
    much_later = NOW + timedelta(days=60)
    clock(much_later)
    with pytest.raises(RuleBroken, match="could not be claimed again"):
        withdraw_claim(by=system.petra, claim=waits)
    approve_claim(by=system.marco, claim=waits)  # claimed in time is in time
    assert stand(credited, much_later) == {"approved": 500, "lapsed": 1000}


def test_on_hold_nothing_is_claimed_and_the_time_begins_again(credited, system, clock):
    made = claim(system.petra, credited, "500", MAY)
    for month in (APRIL, MAY):
        hold(contract=credited.contract, month=month, held_for=f"dispute:{month.month}", now=NOW)
    assert stand(credited) == {"on_hold": 1000, "claimed": 500}
    with pytest.raises(RuleBroken, match="on hold"):
        claim(system.petra, credited)
    with pytest.raises(RuleBroken, match="on hold"):
        approve_claim(by=system.marco, claim=made)
    ruled = NOW + timedelta(days=40)
    clock(ruled)
    for month in (APRIL, MAY):
        release(held_for=f"dispute:{month.month}", now=ruled)
    [april] = items([credited.contract.pk], ruled, ["claimable"])
    assert (april.month, april.claim_by) == (APRIL, ruled.date() + timedelta(days=30))
    approve_claim(by=system.marco, claim=claim(system.petra, credited))


def test_a_restatement_after_the_claim_changes_what_is_due_and_no_history(credited, system):
    made = claim(system.petra, credited)
    credited.month(1, credit="800")
    once_judged(post_due, now=NOW + timedelta(days=1))
    assert stand(credited) == {"claimed": 800, "claimable": 500}
    with pytest.raises(Conflict, match=r"£800\.00 of this claim are due"):
        approve_claim(by=system.marco, claim=made, seen=1, amount=Decimal(1000))
    approve_claim(by=system.marco, claim=made, seen=1, amount=Decimal(800))
    put_on_invoice(by=system.petra, claim=made, invoice="CS-1", on=TODAY)
    made.refresh_from_db()
    assert (made.amount, made.taken) == (1000, 800)
    credited.month(1, credit="300")  # after the invoice: 500 are to be paid back, on the same way
    once_judged(post_due, now=NOW + timedelta(days=2))
    assert stand(credited) == {"invoiced": 800, "claimable": 500, "pay_back": -500}
    back = claim(system.marco, credited, "-500")
    approve_claim(by=system.petra, claim=back)
    with pytest.raises(RuleBroken, match="owed to the vendor"):
        propose_write_off(by=system.petra, claim=back, reason="x")
    put_on_invoice(by=system.petra, claim=back, invoice="CS-2", on=TODAY)
    assert stand(credited) == {"invoiced": 300, "claimable": 500}
    assert sum(stand(credited).values()) == credited_in_all(credited)


def test_raised_after_the_claim_the_rest_is_claimed_beside_it(credited, system):
    made = claim(system.petra, credited)
    credited.month(1, credit="1200")
    once_judged(post_due, now=NOW + timedelta(days=1))
    assert stand(credited) == {"claimed": 1000, "claimable": 700}
    with pytest.raises(Conflict, match="waits for approval"):
        claim(system.petra, credited, "200")
    approve_claim(by=system.marco, claim=made)
    rest = claim(system.marco, credited, "200")
    credited.month(1, credit="1100")  # the younger claim loses first
    once_judged(post_due, now=NOW + timedelta(days=2))
    found = {one.claim: one.amount for one in items([credited.contract.pk], NOW, CASH_OPEN)}
    assert (found[made.pk], found[rest.pk]) == (1000, 100)
    credited.month(1, credit="1000")
    once_judged(post_due, now=NOW + timedelta(days=3))
    with pytest.raises(Conflict, match=r"£0\.00 of this claim are due"):
        approve_claim(by=system.petra, claim=rest)
    withdraw_claim(by=system.petra, claim=rest)  # nothing is left of it
    assert stand(credited) == {"approved": 1000, "claimable": 500}


@pytest.mark.parametrize("on_invoice", [False, True])
def test_a_write_off_takes_two_people_and_stands_in_the_ledger(credited, system, on_invoice):
    made = claim(system.petra, credited)
    with pytest.raises(Conflict, match="is not written off"):
        propose_write_off(by=system.petra, claim=made, reason="Insolvent")
    approve_claim(by=system.marco, claim=made)
    if on_invoice:
        put_on_invoice(by=system.petra, claim=made, invoice="CS-1", on=TODAY)
    with pytest.raises(RuleBroken, match="Say why"):
        propose_write_off(by=system.petra, claim=made, reason=" ")
    proposal = propose_write_off(by=system.petra, claim=made, reason="Insolvent")
    with pytest.raises(NotAllowed, match="own proposal"):
        approve_waiver(by=system.petra, proposal=proposal)
    with pytest.raises(Conflict, match="waits for a decision"):
        propose_write_off(by=system.marco, claim=made, reason="Insolvent")
    approve_waiver(by=system.marco, proposal=proposal)
    assert stand(credited) == {"written_off": 1000, "claimable": 500}
    assert credited.balance() == 500
    entry = LedgerEntry.objects.get(kind="waiver")
    assert (entry.amount, entry.reason, entry.reference) == (-1000, "Written off. Insolvent", made.reference)
    assert (entry.proposed_by_id, entry.approved_by_id) == (system.petra.pk, system.marco.pk)


def test_what_arrives_meanwhile_is_not_written_off(credited, system):
    made = claim(system.petra, credited)
    approve_claim(by=system.marco, claim=made)
    put_on_invoice(by=system.petra, claim=made, invoice="CS-1", on=TODAY)
    proposal = propose_write_off(by=system.petra, claim=made, reason="Insolvent")
    mark_recovered(by=system.petra, claim=made, on=TODAY)
    with pytest.raises(Conflict, match="recovered by now"):
        approve_waiver(by=system.marco, proposal=WaiverProposal.objects.get())
    decline_waiver(by=system.petra, proposal=WaiverProposal.objects.get())
    assert proposal.pk and stand(credited) == {"recovered": 1000, "claimable": 500}


def test_what_is_claimed_is_neither_waived_nor_taken_unasked(credited, system):
    claim(system.petra, credited)
    with pytest.raises(RuleBroken, match=r"stands at £0\.00"):
        propose_waiver(by=system.marco, contract=credited.contract, month=APRIL, amount=Decimal(1), reason="x")
    with pytest.raises(RuleBroken, match=r"£500\.00"):
        record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(501), reference="CS-3")
    record_invoice(by=system.petra, contract=credited.contract, amount=Decimal(200), reference="CS-3")
    assert stand(credited) == {"claimed": 1200, "claimable": 300}
    approve_claim(by=system.marco, claim=CreditClaim.objects.get(invoice="CS-3"))
    assert stand(credited) == {"claimed": 1000, "claimable": 300, "invoiced": 200}


def test_every_part_is_counted_once_and_the_first_to_lapse_stands_on_top(credited, system):
    other = Books(system.halden)
    other.month(1, credit="70")
    once_judged(post_due, now=NOW)
    approve_waiver(
        by=system.marco,
        proposal=propose_waiver(
            by=system.petra, contract=credited.contract, month=MAY, amount=Decimal(100), reason="Ours"
        ),
    )
    claim(system.petra, credited)
    assert stand(credited) == {"claimed": 1000, "claimable": 400, "waived": 100}
    assert sum(stand(credited).values()) == credited_in_all(credited)
    found = [(one.vendor, one.month, one.state) for one in items(None, NOW, CASH_OPEN)]
    assert found == [
        ("Corvid Systems", MAY, CashState.CLAIMABLE),
        ("Halden BPO", APRIL, CashState.CLAIMABLE),  # that contract has no last day
        ("Corvid Systems", APRIL, CashState.CLAIMED),
    ]
    assert [one.month for one in items(None, NOW, ["claimable"], lapsing=True)] == [MAY]


def test_a_vendor_sees_its_own_and_no_claim_before_it_is_approved(cast, scope_of, clock):
    clock(NOW)
    with scope_of(cast.aldermoor):
        world, other = Books(cast.corvid), Books(cast.halden)
        world.month(1, credit="1000")
        other.month(1, credit="70")
        once_judged(post_due, now=NOW)
        made = claim(cast.petra, world)

    def of_vera():
        with scope_of(cast.vera):
            return {one.state: int(one.amount) for one in totals(None, NOW)}, CreditClaim.objects.count()

    assert of_vera() == ({"claimable": 1000}, 0)
    with scope_of(cast.aldermoor):
        approve_claim(by=cast.marco, claim=made)
    assert of_vera() == ({"approved": 1000}, 1)
    with scope_of(cast.vera):  # nor does its part of the trail say what was before
        assert [one.operation for one in Entry.objects.filter(table_name="credits_creditclaim")] == ["SHARED"]
    with scope_of(cast.vera), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        CreditClaim.objects.update(status="withdrawn")
