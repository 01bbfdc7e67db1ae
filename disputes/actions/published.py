"""From when on a month can be disputed."""

from datetime import date

from contracts.models import Contract
from disputes.models import PublishedMonth


def note_published(*, contract: Contract, month: date, day: date) -> None:
    """A month was published on this day of the contract. `month` is its first day.

    Called by whoever publishes, in their transaction; a restated edition begins the time for disputes again. One statement.
    """
    PublishedMonth.objects.bulk_create(
        [PublishedMonth(vendor_id=contract.vendor_id, contract=contract, month=month, published_on=day)],
        update_conflicts=True,
        unique_fields=["organisation", "contract", "month"],
        update_fields=["published_on"],
    )
