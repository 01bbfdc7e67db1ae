"""What must be judged again is noted once, from its earliest day on."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from contracts.actions import mark_for_reevaluation
from contracts.models import Reevaluation
from tests.cast import Cast
from tests.factories import contracts as make

Scopes = Callable[..., Any]
MARCH, APRIL, MAY = date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1)


def test_the_earliest_day_counts_whatever_the_order(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        contract = make.contract(cast.corvid)
        for entered, stands in ((APRIL, APRIL), (MAY, APRIL), (MARCH, MARCH)):
            mark_for_reevaluation(contract, entered)
            assert Reevaluation.objects.get().from_on == stands


def test_an_entry_that_was_struck_out_is_made_again(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        contract = make.contract(cast.corvid)
        Reevaluation.objects.create(contract=contract, from_on=None, judged_on=MAY)
        mark_for_reevaluation(contract, APRIL)
        assert list(Reevaluation.objects.values_list("from_on", "judged_on")) == [(APRIL, MAY)]


def test_nobody_enters_another_organisations_contract(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        contract = make.contract(cast.corvid)
    for stranger in (cast.otto, cast.vera):  # of another client; of the vendor, who decides nothing
        with scope_of(stranger), pytest.raises(DatabaseError), transaction.atomic():
            mark_for_reevaluation(contract, APRIL)
    with scope_of(cast.marco):
        assert not Reevaluation.objects.exists()
