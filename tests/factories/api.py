"""Calls of the API that may be repeated. Made inside an open scope."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from api.models import RepeatableCall
from organisations.models import Membership


def repeatable_call(by: Membership, **fields: Any) -> RepeatableCall:
    given = {"by": by, "vendor_id": by.vendor_id, "key": uuid4().hex, "made_at": datetime(2024, 5, 16, tzinfo=UTC)}
    return RepeatableCall.objects.create(**given | fields)
