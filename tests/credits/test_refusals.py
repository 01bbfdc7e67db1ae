"""What no page of the ledger, of claims or of files of accounts payable offers is refused by the actions all the same."""

from datetime import date

import pytest

from credits.actions import claim_credits, hold, mark_recovered
from credits.actions.holds import held_amounts
from credits.actions.reconciliation import save_template
from credits.models import ColumnTemplate, CreditClaim
from lib.errors import Conflict, RuleBroken
from tests.books import NOW
from tests.credits.test_claims import claim, credited

__all__ = ["credited"]

COLUMNS = [("reference", "Document"), ("amount", "Amount")]


def refused(code, action, **given):
    with pytest.raises(RuleBroken) as why:
        action(**given)
    assert why.value.code == code


def test_nothing_is_not_claimed_and_the_number_of_a_payment_has_an_end(credited, system):
    refused("nothing", claim_credits, by=system.petra, chosen=[])
    assert not CreditClaim.objects.exists()
    made = claim(system.petra, credited)
    refused("payment", mark_recovered, by=system.petra, claim=made, on=NOW.date(), payment="9" * 81)
    assert CreditClaim.objects.get().payment == ""


def test_a_month_that_has_no_credit_yet_is_held_as_a_whole(books):
    hold(contract=books.contract, month=date(2024, 6, 1), held_for="dispute 1", now=NOW, result_id=1)
    assert held_amounts(books.contract) == {date(2024, 6, 1): None}


def test_a_template_has_columns_a_name_of_its_own_and_one_who_changes_it(system):
    refused("columns", save_template, by=system.petra, name="AP", columns=[])
    same = [("reference", "Amount"), ("amount", "AMOUNT")]
    refused("columns", save_template, by=system.petra, name="AP", columns=same)
    made = save_template(by=system.petra, name="AP", columns=COLUMNS)
    refused("name", save_template, by=system.petra, name="AP", columns=COLUMNS)
    stale = ColumnTemplate.objects.get(pk=made.pk)
    save_template(by=system.petra, name="SAP", columns=COLUMNS, template=made, seen=1)
    with pytest.raises(Conflict, match="at the same moment"):
        save_template(by=system.petra, name="Oracle", columns=COLUMNS, template=stale, seen=1)
    assert ColumnTemplate.objects.get().name == "SAP"
