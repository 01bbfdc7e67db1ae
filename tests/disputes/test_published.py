"""From when on a month can be disputed."""

from datetime import date

from disputes.actions import note_published
from disputes.models import PublishedMonth
from tests.factories import contracts


def test_a_month_is_open_to_disputes_from_the_day_it_was_published_last(cast, scope_of):
    with scope_of(cast.marco):
        contract = contracts.contract(cast.corvid)
        note_published(contract=contract, month=date(2024, 4, 1), day=date(2024, 5, 10))
        note_published(contract=contract, month=date(2024, 4, 1), day=date(2024, 6, 3))
        note_published(contract=contract, month=date(2024, 5, 1), day=date(2024, 6, 10))
        found = PublishedMonth.objects.order_by("month").values_list("month", "published_on")
        assert list(found) == [(date(2024, 4, 1), date(2024, 6, 3)), (date(2024, 5, 1), date(2024, 6, 10))]
