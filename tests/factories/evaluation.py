"""Judged rows, written by hand where a test needs one without the judgement. Made inside an open scope."""

import json
from datetime import UTC, datetime
from typing import Any

from contracts.models import Contract, Period
from evaluation.models import Month, PastResult, Result, TriggeredRule, Watermark
from evaluation.rules import Outcome
from slas.models import Terms

JUDGED_AT = datetime(2024, 5, 16, tzinfo=UTC)


def _judgement(of: Terms, period: Period) -> dict[str, Any]:
    level = of.service_level
    return {
        "vendor_id": level.vendor_id,
        "contract_id": level.contract_id,
        "service_level": level,
        "period": period,
        "terms": of,
        "starts_on": period.starts_on,
        "month": period.month,
        "outcome": Outcome.DEFAULT,
        "band": 2,
        "band_name": "Minor",
        "band_outcome": "default",
        "value": 92,
        "numerator": 92,
        "denominator": 100,
        "consecutive_defaults": 1,
        "streak": 1,
        "factor": 1,
        "points": 1,
        "score": 50,
        "trace": {},
        "judged_at": JUDGED_AT,
    }


def result(of: Terms, period: Period, **fields: Any) -> Result:
    """A default of 92 % in the period."""
    return Result.objects.create(**_judgement(of, period) | fields)


def past_result(of: Terms, period: Period, **fields: Any) -> PastResult:
    given = {"revision": 1, "restated_at": JUDGED_AT, "restated_because": "Two incidents were counted twice."}
    if "trace" in fields:  # read from a result: exact, and no longer what JSON is made of
        fields["trace"] = json.loads(json.dumps(fields["trace"], default=float))
    past = PastResult.objects.create(**_judgement(of, period) | given | fields)
    slot = {"service_level_id": past.service_level_id, "starts_on": past.starts_on}
    Result.objects.filter(**slot).update(revision=past.revision + 1)
    return past


def month(period: Period, **fields: Any) -> Month:
    """One point, worth 500.00."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month, "points": 1}
    given |= {"charges": 100_000, "at_risk": 10_000, "credit_before_caps": 500, "credit": 500, "capped_amount": 0}
    given |= {"earned_back": 0, "capped": False, "final": True, "trace": {}, "judged_at": JUDGED_AT}
    return Month.objects.create(**given | fields)


def triggered_rule(period: Period, **fields: Any) -> TriggeredRule:
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    given |= {"rule": "Chronic failure", "measured": 3, "then": "escalate", "judged_at": JUDGED_AT}
    return TriggeredRule.objects.create(**given | fields)


def watermark(of: Contract, step: str = "open", judgements: int = 0) -> Watermark:
    return Watermark.objects.create(contract=of, step=step, judgements=judgements)
