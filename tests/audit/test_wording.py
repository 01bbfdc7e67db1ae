"""The trail in words: what rows are called, what their columns say, and no number that only the database knows."""

import re
from decimal import Decimal

import pytest
from django.db import connections

from audit.models import Entry
from audit.naming import format_value
from audit.querysets import audited
from audit.wording import describe_entries
from measurements.models import Figure, Submission
from organisations.models import Membership
from organisations.scope import open_scope
from slas.models import Terms
from tests.cast import assemble
from tests.factories import contracts, everything

FIRST_ID = 88_000_000


@pytest.fixture
def far_ids(committed):
    """Every row that is made from now on has a number that nothing else in the texts could be."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, {FIRST_ID}) FROM pg_sequences"
        )
    yield
    connections.close_all()


def test_no_text_has_a_number_of_the_database_in_it(far_ids):
    cast = assemble()
    with open_scope(organisation_id=cast.aldermoor.pk):
        everything.for_vendor(cast.corvid)
        told = describe_entries(Entry.objects.order_by("pk"))
        assert {one.entry.table_name for one in told} == set(audited())
        for one in told:
            texts = [one.who, one.what, *(text for change in one.changes for text in (change.before, change.after))]
            said = re.sub(r"\S+@\S+|MSA-\S+", "", " ".join(texts))  # the factories make these of numbers
            if one.entry.table_name == "organisations_vendoridentifier":
                continue  # as is a company's number there
            assert not re.search(r"\b88\d{6}\b|no\. \d|[{}\[\]]|None|Decimal", said), texts


def test_rows_are_called_by_what_they_are_of(cast, scope_of, draft):
    with scope_of(cast.vera):
        Figure.objects.filter(submission=draft).update(note="Seen")
    with scope_of(cast.aldermoor):
        told = {one.entry.table_name: one.what for one in describe_entries(Entry.objects.order_by("pk"))}
    with scope_of(cast.aldermoor):
        figure = Figure.objects.select_related("service_level", "period").filter(submission=draft).latest("pk")
    level, period = figure.service_level, figure.period
    assert period.label == "2024-04"
    assert told["measurements_figure"] == f"Figure {level.code}, {level.name}, April 2024 changed"


def test_keys_and_lists_of_contracts_are_names(cast, scope_of):
    with scope_of(cast.ada):
        contract = contracts.contract(cast.corvid)
        Membership.objects.filter(pk=cast.ravi.pk).update(contracts=[contract.pk])
        owner = contracts.owner(contract, cast.marco)
        owner.delete()
        told = describe_entries(Entry.objects.order_by("-pk")[:4])
    gone, made, limited = told[0], told[1], told[2]
    assert gone.what == f"Owner Marco Bellini, Account manager in charge, {contract.reference} removed"
    assert ("Member", "empty", "Marco Bellini") in [(one.label, one.before, one.after) for one in made.changes]
    assert [(one.before, one.after) for one in limited.changes] == [("all", contract.reference)]


def test_numbers_are_told_to_the_last_digit(cast, scope_of, draft):
    """More digits than a binary fraction holds: the trail tells what was stored."""
    with scope_of(cast.vera):
        Figure.objects.filter(submission=draft).update(numerator="123456789012.123457")
        (change,) = describe_entries(Entry.objects.order_by("-pk")[:1])[0].changes
    assert change.after == "123,456,789,012.123457"


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        ("2024-05-01", Submission._meta.get_field("month"), "May 2024"),
        ("[2024-05-01,2025-01-01)", Terms._meta.get_field("valid"), "from 1 May 2024, until before 1 Jan 2025"),
        ("[2024-05-01,)", Terms._meta.get_field("valid"), "from 1 May 2024"),
        ([{"from": "2024-05-01", "monthly": "12.50"}, "x"], None, "from 1 May 2024, monthly 12.50; x"),
        ("a" * 64, None, "a" * 12 + "…"),
        (False, None, "no"),
        ({"share": Decimal("0.50")}, None, "share 0.5"),
        ([], None, "empty"),
    ],
)
def test_values_in_words(value, field, text):
    assert format_value(value, field) == text
