"""What holds of a month that is corrected, beside what the correction would come to."""

from dataclasses import dataclass
from decimal import Decimal

from evaluation.models import Month, TriggeredRule
from measurements.models import Submission
from scorecards.models import Scorecard


@dataclass(frozen=True)
class Stood:
    """What the month comes to as it is accepted now."""

    points: Decimal
    credit: Decimal
    score: Decimal | None
    rules: frozenset[str]


def stood_before(submission: Submission) -> Stood | None:
    """What holds of the month of a correction before it is accepted. Three statements."""
    of = {"contract": submission.contract_id, "month": submission.month}
    month, card = Month.objects.filter(**of).first(), Scorecard.objects.filter(**of).only("score").first()
    if month is None:
        return None
    rules = TriggeredRule.objects.filter(**of).values_list("rule", flat=True)
    return Stood(month.points, month.credit, card.score if card else None, frozenset(rules))
