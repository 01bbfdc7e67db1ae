"""Figures that nobody decides on in time are accepted by themselves, where the contract or the organisation says so."""

from datetime import datetime, timedelta

from contracts.defaults import acceptance_day
from lib.errors import Conflict
from measurements.actions.submissions import accept
from measurements.models import Submission
from measurements.rules import Status
from organisations.actions import settings_in_scope

# Whether so many days have passed since anything was submitted that so many working days may have.
IS_DUE = """
SELECT EXISTS (
    SELECT FROM measurements_submission AS s
    JOIN contracts_contract AS c ON c.organisation_id = s.organisation_id AND c.id = s.contract_id
    LEFT JOIN organisations_organisationsettings AS o ON o.organisation_id = s.organisation_id
    WHERE s.organisation_id = %(organisation)s AND s.status = 'submitted'
        AND s.submitted_at < %(now)s - make_interval(days => coalesce(c.accept_after, o.accept_after)::int)
)
"""


def accept_due(*, now: datetime) -> int:
    """Accept in nobody's name what waits for longer than agreed. Returns how many submissions."""
    usual = settings_in_scope().accept_after
    waiting = Submission.objects.filter(status=Status.SUBMITTED, submitted_at__lt=now - timedelta(days=1))
    accepted = 0
    for one in waiting.select_related("contract").order_by("submitted_at", "pk"):
        last = acceptance_day(one.contract, one.submitted_at, usual)
        if last is None or one.contract.day(now) <= last:
            continue
        try:
            accept(by=None, submission=one, seen=one.version, now=now)
        except Conflict:  # somebody decides at this moment
            continue
        accepted += 1
    return accepted
