"""A dispute: asked in time, held, ruled on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from credits.actions import Chosen, approve_claim, claim_credits, put_on_invoice, record_invoice
from credits.models import CreditHold, LedgerEntry
from credits.querysets.cash import items
from credits.rules import CASH_OPEN
from disputes.actions import dispute, note_published, rule, withdraw_dispute
from disputes.models import Dispute
from disputes.rules import DisputeGround, DisputeStatus
from lib.errors import Conflict, NotAllowed, RuleBroken
from measurements.models import Figure, Submission
from tests.disputes.conftest import CREDITS, MAY, World
from tests.isolation.by_sql import refused

FIGURE = {"numerator": Decimal(95), "denominator": Decimal(99)}
WHY = {"ground": DisputeGround.FIGURE, "explanation": "Five of them were resolved on time: see the log."}


@pytest.fixture
def disputed(cast, world, by):
    return by(cast.vera, dispute, result=world.result(), numbers=FIGURE, **WHY)


def test_an_upheld_figure_is_a_correction_and_moves_money(cast, world, by, disputed, scope_of):
    by(cast.marco, rule, dispute=disputed, ruling=DisputeStatus.UPHELD, reason="The log shows it.", seen=1)
    world.judge()
    assert (world.result().outcome, world.credit(), world.balance()) == ("met", 0, 0)
    assert world.result().revision == 2
    with scope_of(cast.aldermoor):
        found = Dispute.objects.get()
        assert (found.status, found.result_revision) == ("upheld", 1)
        figures = {one.submission_id: (one.numerator, one.denominator) for one in Figure.objects.all()}
        assert figures == {found.counted_id: (90, 100), found.corrected_id: (95, 99)}  # both are kept
        assert Submission.objects.get(pk=found.corrected_id).decided_by_name == cast.marco.name


def test_in_part_another_figure_counts(cast, world, by, disputed):
    with pytest.raises(RuleBroken, match="whole figure"):
        by(cast.marco, rule, dispute=disputed, ruling="partly", reason="Some.", numbers={"numerator": Decimal(92)})
    other = {"numerator": Decimal(92), "denominator": Decimal(100)}
    by(cast.marco, rule, dispute=disputed, ruling="partly", reason="Two of the five.", numbers=other)
    world.judge()
    assert (world.result().outcome, world.result().numerator, world.balance()) == ("default", 92, 200)


def test_a_figure_that_could_not_be_reported_cannot_be_ruled(cast, world, by, disputed):
    other = {"numerator": Decimal(120), "denominator": Decimal(100)}
    with pytest.raises(RuleBroken, match="above the denominator"):
        by(cast.marco, rule, dispute=disputed, ruling="partly", reason="x", numbers=other)
    with world.scope_of(cast.aldermoor):
        assert Dispute.objects.get().status == "open"


def test_rejected_or_withdrawn_nothing_changes(cast, world, by, disputed, scope_of):
    by(cast.marco, rule, dispute=disputed, ruling="rejected", reason="The log says otherwise.")
    again = by(cast.vera, dispute, result=world.result(), **WHY)
    by(cast.vera, withdraw_dispute, dispute=again)
    world.judge()
    assert (world.result().revision, world.balance()) == (1, 200)
    with scope_of(cast.aldermoor):
        assert not CreditHold.objects.filter(released_at=None).exists()


def test_one_rules_and_nobody_on_what_they_did_not_see(cast, world, by, disputed):
    with pytest.raises(NotAllowed):
        by(cast.vera, rule, dispute=disputed, ruling="upheld", reason="We are right.")
    with pytest.raises(NotAllowed):
        by(cast.marco, dispute, result=world.result(), **WHY)
    with pytest.raises(Conflict, match="disputed already"):
        by(cast.vera, dispute, result=world.result(), **WHY)
    with pytest.raises(Conflict, match="after you opened it"):
        by(cast.marco, rule, dispute=disputed, ruling="upheld", reason="x", seen=2)
    by(cast.vera, withdraw_dispute, dispute=disputed)
    with pytest.raises(Conflict, match="withdrawn by now"):
        by(cast.marco, rule, dispute=disputed, ruling="upheld", reason="x")


def test_what_is_no_ruling_and_no_number_of_the_measure(cast, world, by, disputed, scope_of):
    with pytest.raises(RuleBroken, match="Uphold it"):
        by(cast.marco, rule, dispute=disputed, ruling="withdrawn", reason="x")
    with pytest.raises(RuleBroken, match="no number of this measure"):
        by(cast.marco, rule, dispute=disputed, ruling="upheld", reason="x", numbers=FIGURE | {"downtime": Decimal(1)})
    with scope_of(cast.marco):
        assert Dispute.objects.get().status == "open"


def test_two_rulings_at_one_moment_are_one(cast, disputed, scope_of):
    with scope_of(cast.marco):
        first, second = Dispute.objects.get(), Dispute.objects.get()
        rule(by=cast.marco, dispute=first, ruling="rejected", reason="No.")
        with pytest.raises(Conflict, match="Somebody else"):
            rule(by=cast.marco, dispute=second, ruling="upheld", reason="Yes.")
        assert Dispute.objects.get().status == "rejected"


def test_credit_on_hold_is_on_no_invoice(cast, world, by, disputed, scope_of):
    with pytest.raises(RuleBroken, match=r"£200.00, of which £200.00 are on hold .* take up to £0.00"):
        by(cast.petra, record_invoice, contract=world.contract, amount=Decimal(100), reference="INV-1")
    with scope_of(cast.petra):
        entry = LedgerEntry.objects.get()
        entry.pk, entry.kind, entry.amount = None, "invoice", Decimal(-100)
        with pytest.raises(IntegrityError, match="on hold"), transaction.atomic():
            entry.save()
    by(cast.marco, rule, dispute=disputed, ruling="rejected", reason="The log says otherwise.")
    (claim,) = by(cast.petra, record_invoice, contract=world.contract, amount=Decimal(100), reference="INV-1")
    by(cast.marco, approve_claim, claim=claim)
    assert world.balance() == 100


def test_of_a_month_only_what_is_disputed_is_on_hold(cast, by, scope_of, clock):
    """Two results cost 200.00 each; one is disputed, then the other, then the first ruling is there."""
    clock(MAY)
    world = World(cast, scope_of)
    world.accepted("SL-01,2024-04-01,90,100", "SL-02,2024-04-01,80,100")

    def stand():
        with scope_of(cast.petra):
            return {one.state: (one.amount, one.held) for one in items(None, MAY, CASH_OPEN)}

    assert stand() == {"claimable": (400, False)}
    first = by(cast.vera, dispute, result=world.result(), **WHY)
    assert stand() == {"claimable": (200, False), "on_hold": (200, True)}
    with pytest.raises(RuleBroken, match=r"£400.00, of which £200.00 are on hold .* take up to £200.00"):
        by(cast.petra, record_invoice, contract=world.contract, amount=Decimal(201), reference="INV-1")
    (claim,) = by(cast.petra, claim_credits, chosen=[Chosen(world.contract, date(2024, 4, 1), Decimal(200))])
    by(cast.marco, approve_claim, claim=claim)
    by(cast.petra, put_on_invoice, claim=claim, invoice="INV-1", on=date(2024, 5, 20))
    assert stand() == {"invoiced": (200, False), "on_hold": (200, True)}
    by(cast.vera, dispute, result=world.result("SL-02"), **WHY)
    assert stand() == {"invoiced": (200, False), "on_hold": (200, True)}  # no more than what is left
    by(cast.marco, rule, dispute=first, ruling="rejected", reason="The log says otherwise.")
    assert stand() == {"invoiced": (200, False), "on_hold": (200, True)}


@pytest.mark.parametrize("settled", ["rejected", "withdrawn"])
def test_under_a_cap_a_settled_dispute_frees_what_only_two_held_together(cast, by, scope_of, clock, settled):
    """Two results cost 200.00 each, and the month 300.00: the first holds 100.00, the second the other 200.00; alone it holds 100.00."""
    clock(MAY)
    world = World(cast, scope_of, CREDITS | {"caps": [{"amount": "300.00", "over": "month"}]})
    world.accepted("SL-01,2024-04-01,90,100", "SL-02,2024-04-01,80,100")

    def held():
        with scope_of(cast.petra):
            return list(CreditHold.objects.filter(released_at=None).order_by("pk").values_list("amount", flat=True))

    first = by(cast.vera, dispute, result=world.result(), **WHY)
    by(cast.vera, dispute, result=world.result("SL-02"), **WHY)
    assert held() == [100, 200]
    if settled == "rejected":
        by(cast.marco, rule, dispute=first, ruling="rejected", reason="The log says otherwise.")
    else:
        by(cast.vera, withdraw_dispute, dispute=first)
    assert held() == [100]
    with scope_of(cast.petra):
        stand = {one.state: one.amount for one in items(None, MAY, CASH_OPEN)}
    assert stand == {"claimable": 200, "on_hold": 100}


def test_the_time_begins_with_the_judgement_and_again_with_publishing(cast, world, by, clock, scope_of):
    clock(MAY + timedelta(days=16))  # 5 June: ten working days, and a holiday, after 20 May
    with pytest.raises(RuleBroken, match="until 4 Jun 2024"):
        by(cast.vera, dispute, result=world.result(), **WHY)
    with scope_of(cast.aldermoor):
        note_published(contract=world.contract, month=date(2024, 4, 1), day=date(2024, 6, 3))
    by(cast.vera, dispute, result=world.result(), **WHY)


def test_by_sql_a_vendor_neither_rules_nor_holds_and_releases_at_will(cast, world, disputed, scope_of):
    with scope_of(cast.vera):
        ruled = "UPDATE disputes_dispute SET status = 'upheld', version = 2, ruled_by_id = %s, ruled_by_name = %s, ruled_at = now()"
        assert "client" in refused(ruled, cast.vera.pk, cast.vera.name)
        assert "ruling" in refused("UPDATE disputes_dispute SET explanation = 'x' WHERE id = %s", disputed.pk)
        assert "released with it" in refused("UPDATE credits_credithold SET released_at = now()")
        assert "released with it" in refused("UPDATE credits_credithold SET amount = amount + 1")
        assert "released with it" in refused("UPDATE credits_credithold SET amount = NULL")
        more = """INSERT INTO credits_credithold (organisation_id, vendor_id, contract_id, month, held_for, held_at)
            SELECT organisation_id, vendor_id, contract_id, month, %s, now() FROM disputes_dispute"""
        assert "open dispute" in refused(more, "dispute:0")
        said = """INSERT INTO disputes_hearingentry (
                organisation_id, vendor_id, contract_id, dispute_id, kind, text, by_name, from_vendor, at)
            SELECT organisation_id, vendor_id, contract_id, id, 'ruled', '', '', true, now() FROM disputes_dispute"""
        assert "own people" in refused(said)
