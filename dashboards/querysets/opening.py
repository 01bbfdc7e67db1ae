"""Which month a page opens on where its address says none: the last that is over and has a score, else the last that is over.

In the first days of a month hardly a figure of the last one is there; a page without a score would say nothing.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from contracts.mine import OwnerFilter
from contracts.querysets import SPAN, Span, span_from
from lib.months import after
from organisations import kept_plans
from scorecards.models import Scorecard

# The span of the contracts in scope, and the last such month: of all of them, and of those that the member holds. Read backwards from an
# index, as far as the first score.
OPENING = f"""
WITH span (first, contracts, today, held, ending) AS ({SPAN})
SELECT span.*, (
        SELECT s.month FROM scorecards_scorecard AS s
        WHERE s.score IS NOT NULL AND s.month < date_trunc('month', span.today) ORDER BY s.month DESC LIMIT 1
    ), (
        SELECT s.month FROM scorecards_scorecard AS s
        WHERE s.score IS NOT NULL AND s.month < date_trunc('month', span.today) AND s.contract_id = ANY (span.held)
        ORDER BY s.month DESC LIMIT 1
    )
FROM span
"""  # noqa: S608

FURTHEST = timedelta(hours=14)  # ahead of UTC: there a month begins first


class Opening(NamedTuple):
    span: Span
    this_month: date
    scored: date | None
    scored_of_held: date | None

    def month(self, asked: date | None, owner: OwnerFilter) -> date:
        """The month of an address, or the one to open on; none lies ahead."""
        found = asked or (self.scored_of_held if owner.mine else self.scored) or after(self.this_month, -1)
        return min(found, self.this_month)


def opening_of(now: datetime, member_id: int) -> Opening:
    """One statement, the one that finds the span of the contracts."""
    [(*row, scored, held)] = kept_plans.rows(OPENING, {"member": member_id, "now": now})
    span = span_from(tuple(row))
    return Opening(span, span.this_month(now), scored, held)


def scored_month(now: datetime) -> Subquery:
    """For contracts: the last month with a score among those that are over somewhere; null where there is none."""
    running = (now + FURTHEST).date().replace(day=1)
    found = Scorecard.objects.filter(contract=OuterRef("pk"), score__isnull=False, month__lt=running)
    return Subquery(found.order_by("-month").values("month")[:1])


def opens_on(scored: date | None, this_month: date) -> date:
    """The month of one or some contracts, by the month that runs for them."""
    over = after(this_month, -1)
    return min(scored or over, over)


def passed_over(asked: date | None, month: date, this_month: date) -> date | None:
    """The last month that is over, where a page has opened on an earlier one because it has no score yet."""
    over = after(this_month, -1)
    return over if asked is None and month < over else None
