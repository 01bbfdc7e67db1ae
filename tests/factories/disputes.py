"""Requests for relief, disputes and what they need. Made inside an open scope."""

from datetime import timedelta
from typing import Any

from contracts.models import Period
from disputes.models import PublishedMonth


def published_month(period: Period, **fields: Any) -> PublishedMonth:
    """The period's month was published ten days after its end."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    return PublishedMonth.objects.create(**given | {"published_on": period.ends_on + timedelta(days=10)} | fields)
