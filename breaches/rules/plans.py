"""The life of a corrective plan: asked for, proposed, accepted, carried out, and verified by later results."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import TextChoices

from breaches.rules import Status

# Working days that the vendor has for a plan, unless whoever asks says another day.
PLAN_DAYS = 5
MOST_STEPS = 20
# What is asked where whoever asks does not say it in other words.
WANTED = "The cause; the steps that keep it from happening again, with who does each and by when; and what will show that they work."


class PlanStatus(TextChoices):
    """As the client decided last. That a proposal waits is no status: its revision is above the one decided on."""

    ASKED = "asked", "Plan asked for"
    ACCEPTED = "accepted", "Plan under way"
    REOPENED = "reopened", "Failed again, a new plan is needed"
    VERIFIED = "verified", "Verified"
    WITHDRAWN = "withdrawn", "Withdrawn"


# What is said of a breach that stands under such a plan.
STANDS: dict[str, str] = {
    PlanStatus.ASKED: "Plan asked for",
    PlanStatus.ACCEPTED: "Plan under way",
    PlanStatus.REOPENED: "New plan needed",
}


def stands_as(status: str, plan: str | None) -> str:
    """A breach's status in words; under a plan, how far that is."""
    return STANDS.get(plan or "", "") if plan and status == Status.PLAN else str(Status(status).label)


PLAN_TRANSITIONS: dict[str, tuple[str, ...]] = {
    PlanStatus.ASKED: (PlanStatus.ACCEPTED, PlanStatus.WITHDRAWN),
    PlanStatus.ACCEPTED: (PlanStatus.REOPENED, PlanStatus.VERIFIED, PlanStatus.WITHDRAWN),
    PlanStatus.REOPENED: (PlanStatus.ACCEPTED, PlanStatus.VERIFIED, PlanStatus.WITHDRAWN),
}
ENDED = (PlanStatus.VERIFIED, PlanStatus.WITHDRAWN)


class Cause(TextChoices):
    """Root causes, so that they can be counted. Sources: ITIL problem management, ISO 9001 clause 10.2."""

    STAFF = "staff", "Too few people, or not trained"
    PROCESS = "process", "The process, or not following it"
    SYSTEM = "system", "A system or tool failed"
    SUPPLIER = "supplier", "A supplier of the vendor’s"
    CLIENT = "client", "Something the client owed"
    DEMAND = "demand", "More work than foreseen"
    DATA = "data", "Wrong or missing data"
    OUTSIDE = "outside", "Outside everybody’s control"
    OTHER = "other", "Something else"


class EntryKind(TextChoices):
    """What a line of a breach's thread is about."""

    MESSAGE = "message", "Message"
    ASKED = "asked", "asked for a corrective plan"
    PROPOSED = "proposed", "sent a plan"
    SENT_BACK = "sent_back", "sent the plan back"
    ACCEPTED = "accepted", "accepted the plan"
    DONE = "done", "finished a step"
    UNDONE = "undone", "took up a step again"
    REOPENED = "reopened", "Failed again"
    VERIFIED = "verified", "Verified"
    CLOSED = "closed", "closed the breach"
    OPENED_AGAIN = "opened_again", "opened the breach again"
    EXCUSED = "excused", "excused the breach"
    WAIVED = "waived", "waived the breach"


class NewStep(NamedTuple):
    """A step as it is proposed. Without a due day it is done for as long as the plan runs, such as a weekly review."""

    text: str
    owner: str
    due_on: date | None = None


class Judged(NamedTuple):
    """A later period of a breached service level. `failed`: it counts as a default."""

    starts_on: date
    outcome: str
    failed: bool


class Progress(NamedTuple):
    """How far verification has come: periods met in a row, whether the level failed again, and what decided."""

    met: int
    failed_on: date | None
    counted: tuple[Judged, ...]

    def enough(self, verify_after: int) -> bool:
        return self.failed_on is None and self.met >= verify_after


def progress(periods: Iterable[Judged]) -> Progress:
    """Fold the periods from the first that counts on, in their order.

    Met counts one; a tolerated miss begins the row again; a default ends it. What has no result (exempt, no volume, excluded)
    neither counts nor begins again.
    """
    met = 0
    counted: list[Judged] = []
    for period in periods:
        if period.failed:
            return Progress(0, period.starts_on, (*counted, period))
        if period.outcome in ("met", "miss"):
            met = met + 1 if period.outcome == "met" else 0
            counted.append(period)
    return Progress(met, None, tuple(counted))


def counts_from(accepted_on: date, due_days: Sequence[date | None]) -> date:
    """The day after which a period must begin to count: the plan is accepted and its last dated step is due."""
    return max([accepted_on, *(day for day in due_days if day is not None)])
