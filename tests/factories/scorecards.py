"""Scorecards, written by hand. Made inside an open scope."""

from datetime import UTC, datetime
from typing import Any

from contracts.models import Period
from scorecards.models import Scorecard


def scorecard(period: Period, **fields: Any) -> Scorecard:
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    given |= {"score": 50, "coverage": 100, "provisional": False, "kras": []}
    return Scorecard.objects.create(**given | {"judged_at": datetime(2024, 5, 16, tzinfo=UTC)} | fields)
