"""Figures that nobody decides on are accepted by themselves, where the contract, or else the organisation, says so."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from disputes.models import Dispute
from lib.errors import Conflict
from measurements.actions import accept
from measurements.models import Submission
from measurements.rules import Status
from organisations.actions import settings_in_scope

# Whether any may be due: working days are at least as long as days, so it may say so some days early.
IS_DUE = """
EXISTS (
    SELECT FROM measurements_submission AS s
    JOIN contracts_contract AS c ON c.organisation_id = s.organisation_id AND c.id = s.contract_id
    LEFT JOIN organisations_organisationsettings AS o ON o.organisation_id = s.organisation_id
    WHERE s.organisation_id = %(organisation)s AND s.status = 'submitted'
        AND s.submitted_at < %(now)s - make_interval(days => coalesce(c.accept_after, o.accept_after)::int)
)
"""


@transaction.atomic
def accept_due(*, now: datetime) -> int:
    """Accept what waits longer than its contract gives the client for a decision. Returns how many; 0 the second time.

    Counted in working days of the contract, from the day of submission or the end of the last period, whichever is later. What was
    returned does not wait, and a month in which a result is disputed waits for its ruling.
    """
    usual = settings_in_scope().accept_after
    waiting = (
        Submission.objects.filter(status=Status.SUBMITTED)
        .select_related("contract")
        .annotate(ends_on=Max("figures__period__ends_on"))
    )
    if usual is None:
        waiting = waiting.filter(contract__accept_after__isnull=False)
    found = list(waiting.order_by("pk"))
    if not found:
        return 0
    disputed = set(Dispute.objects.open().values_list("contract_id", "month"))
    accepted = 0
    for one in found:
        last = one.contract.last_day_to_decide(one.submitted_at, one.ends_on, usual)
        if (one.contract_id, one.month) in disputed or last is None or one.contract.day(now) <= last:
            continue
        try:
            accept(by=None, submission=one, now=now)
        except Conflict:  # somebody decides at this moment
            continue
        accepted += 1
    return accepted
