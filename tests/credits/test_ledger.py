"""The ledger follows the months' money, once, and keeps every step."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from credits.actions import post_due
from credits.models import LedgerEntry
from credits.rules import EntryKind
from evaluation.models import Month
from tests.books import NOW, Books
from tests.follow_up import once_judged

LATER = NOW + timedelta(days=1)


def test_final_months_are_posted_once(books):
    books.month(1, credit="1000.50", capped_amount="250")
    books.month(2, credit="0")
    books.month(3, credit="700", final=False)
    assert once_judged(post_due, now=NOW) == 3
    assert once_judged(post_due, now=LATER) == 0
    assert books.entries == [
        (4, "accrual", "1000.5", "0", 4),
        (4, "forgone", "0", "250", 4),
        (5, "accrual", "0", "0", 5),
    ]
    assert books.balance() == Decimal("1000.50")


def test_a_month_waits_for_those_before_it(books):
    books.month(1, credit="100", final=False)
    books.month(2, credit="200")
    assert once_judged(post_due, now=NOW) == 0
    books.month(1, credit="100")
    assert once_judged(post_due, now=NOW) == 2


def test_earn_back_stands_in_the_month_in_which_it_is_earned(books):
    books.month(1, credit="300")
    books.month(2)
    books.month(3, earned_back="300")
    once_judged(post_due, now=NOW)
    assert books.entries[-1] == (6, "earn_back", "-300", "0", 6)
    assert books.balance() == 0


def test_a_restatement_posts_one_adjustment_in_the_open_month(books):
    books.month(1, credit="1000", capped_amount="100")
    books.month(2, credit="500")
    books.month(3, final=False)
    once_judged(post_due, now=NOW)
    books.month(1, credit="400", capped_amount="0")
    books.month(2, credit="800")
    books.restated(1, "Figures corrected: two tickets counted twice", at=LATER)
    books.restated(2, "Follows from a change in an earlier period", at=LATER)
    assert once_judged(post_due, now=LATER) == 3
    assert once_judged(post_due, now=LATER) == 0
    assert books.entries[3:] == [
        (4, "adjustment", "-600", "0", 6),
        (4, "forgone", "0", "-100", 6),
        (5, "adjustment", "300", "0", 6),
    ]
    reasons = LedgerEntry.objects.filter(kind=EntryKind.ADJUSTMENT).order_by("month").values_list("reason", flat=True)
    assert list(reasons) == [
        "Figures corrected: two tickets counted twice",
        "Figures corrected: two tickets counted twice (April 2024)",
    ]
    assert books.balance(1) == 400


def test_a_second_restatement_is_a_second_adjustment_with_its_own_reason(books):
    books.month(1, credit="0")
    once_judged(post_due, now=NOW)
    books.month(1, credit="900")
    books.restated(1, "Reported late", at=LATER)
    once_judged(post_due, now=LATER + timedelta(seconds=1))
    books.month(1, credit="700")
    once_judged(post_due, now=LATER + timedelta(days=1))  # nothing of the results changed
    entries = books.contract.ledger.filter(kind=EntryKind.ADJUSTMENT).order_by("number")
    assert [(entry.number, entry.amount, entry.reason) for entry in entries] == [
        (1, 900, "Reported late"),
        (2, -200, "The charges or the credit terms of the contract changed."),
    ]
    # All months are final: the month after the last is open.
    assert {entry.posted_in.month for entry in entries} == {5}


def test_the_month_after_december_is_january(system):
    books = Books(system.corvid, months=9)
    for nth in range(1, 10):
        books.month(nth)
    once_judged(post_due, now=NOW)
    books.month(9, credit="10")
    once_judged(post_due, now=LATER)
    entry = books.contract.ledger.get(kind=EntryKind.ADJUSTMENT)
    assert (entry.month.isoformat(), entry.posted_in.isoformat()) == ("2024-12-01", "2025-01-01")


def test_no_credits_no_ledger(books):
    Contract.objects.update(credits=[])
    books.month(1, credit="0")
    assert once_judged(post_due, now=NOW) == 0


def test_credits_taken_out_of_a_contract_are_adjusted_away(books):
    books.month(1, credit="50")
    once_judged(post_due, now=NOW)
    Contract.objects.update(credits=[])
    books.month(1, credit="0")
    assert once_judged(post_due, now=LATER) == 1
    assert books.balance() == 0


def test_the_number_of_statements_does_not_depend_on_that_of_months(system):
    books = Books(system.corvid, months=12)
    for nth in range(1, 13):
        books.month(nth, credit="10", capped_amount="5")
    with CaptureQueriesContext(connection) as queries:
        assert post_due(now=NOW) == 24
    assert len([query for query in queries if "INSERT INTO breaches_ledgerentry" in query["sql"]]) == 1
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 5
    with CaptureQueriesContext(connection) as queries:
        assert post_due(now=NOW) == 0
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1


@pytest.mark.parametrize(
    "change", ["UPDATE breaches_ledgerentry SET capped_amount = 1", "DELETE FROM breaches_ledgerentry"]
)
def test_nobody_changes_an_entry_not_even_the_owner(committed, cast, scope_of, change):
    with scope_of(cast.aldermoor):
        books = Books(cast.corvid)
        books.month(1, credit="10")
        once_judged(post_due, now=NOW)
    with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(DatabaseError, match="permission denied"), scope_of(cast.aldermoor):
        books.contract.ledger.update(capped_amount=1)


@pytest.mark.parametrize(
    ("kind", "amount", "capped_amount"),
    [
        ("accrual", -1, 0),
        ("waiver", 1, 0),
        ("earn_back", 1, 0),
        ("forgone", 1, 1),
        ("waiver_back", -1, 0),
        ("invoice", 1, 1),
    ],
)
def test_the_database_knows_the_signs(books, system, kind, amount, capped_amount):
    books.month(1)
    entry = LedgerEntry(
        vendor=system.corvid,
        contract=books.contract,
        month=books.periods[0].month,
        posted_in=books.periods[0].month,
        kind=kind,
        amount=amount,
        capped_amount=capped_amount,
        proposed_by=system.marco,
        approved_by=system.petra,
    )
    with pytest.raises(IntegrityError, match="ledger_signs"), transaction.atomic():
        entry.save()


def test_another_organisations_months_are_not_posted(cast, scope_of):
    with scope_of(cast.brightwater):
        theirs = Books(cast.corvid_at_brightwater)
        theirs.month(1, credit="10")
    with scope_of(cast.aldermoor):
        assert once_judged(post_due, now=NOW) == 0
    with scope_of(cast.brightwater):
        assert Month.objects.count() == 1
        assert once_judged(post_due, now=NOW) == 1
