"""What the figures of a submission were judged as."""

from datetime import datetime

from django.db.models import Min, Subquery

from evaluation.models import PastResult
from measurements.models import Submission
from measurements.rules import Status

Slot = tuple[int, int]  # service level, period


def replaced_results(submission: Submission) -> dict[Slot, PastResult]:
    """Of each slot of a superseded submission's month the judgement that held until the next revision was accepted, where it is another
    than the one that holds now. One statement."""
    later = Submission.objects.filter(
        contract=submission.contract_id, month=submission.month, revision__gt=submission.revision
    )
    # A draft, or one that was returned without being accepted first, put nothing in its place.
    accepted = later.filter(status__in=(Status.ACCEPTED, Status.SUPERSEDED), decided_at__isnull=False).order_by(
        "decided_at"
    )
    past = PastResult.objects.filter(
        contract=submission.contract_id,
        month=submission.month,
        restated_at__gte=Subquery(accepted.values("decided_at")[:1]),
    )
    first = past.order_by("service_level_id", "starts_on", "revision").distinct("service_level_id", "starts_on")
    return {(one.service_level_id, one.period_id): one for one in first.defer("trace")}


def first_sent_at(submission: Submission) -> datetime | None:
    """When a submission was first submitted, where it was returned since; else when it was submitted. One statement."""
    steps = dict(submission.steps.filter(kind__in=("submitted", "returned")).values_list("kind").annotate(Min("at")))
    return steps.get("submitted", submission.submitted_at) if "returned" in steps else submission.submitted_at
