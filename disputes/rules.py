"""The life of what a vendor asks of the client about a month: relief, and disputes of results."""

from datetime import date
from decimal import Decimal

from django.db.models import TextChoices

from contracts.calendar import WorkingCalendar, due_on

# Working days in which the client answers, where the contract does not say (`answer_within`); what is not answered by then is escalated.
ANSWER_WITHIN = 10
# Working days in which a result can be disputed, where the contract does not say (`dispute_within`).
DISPUTE_WITHIN = 10


class ReliefStatus(TextChoices):
    OPEN = "open", "Relief asked for"
    GRANTED = "granted", "Granted"
    PARTLY = "partly", "Granted in part"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


RELIEF_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ReliefStatus.OPEN: (ReliefStatus.GRANTED, ReliefStatus.PARTLY, ReliefStatus.REFUSED, ReliefStatus.WITHDRAWN),
}


class DisputeStatus(TextChoices):
    OPEN = "open", "Disputed"
    UPHELD = "upheld", "Upheld"
    PARTLY = "partly", "Upheld in part"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


DISPUTE_TRANSITIONS: dict[str, tuple[str, ...]] = {
    DisputeStatus.OPEN: (DisputeStatus.UPHELD, DisputeStatus.PARTLY, DisputeStatus.REJECTED, DisputeStatus.WITHDRAWN),
}


class ReliefGround(TextChoices):
    """Why cases or minutes should not count. Source: relief events of the Model Services Contract."""

    CLIENT = "client", "Caused by the client"
    FORCE = "force", "Outside everybody’s control"
    AGREED = "agreed", "Agreed beforehand"
    COUNTED = "counted", "Counted by mistake"
    OTHER = "other", "Something else"


class DisputeGround(TextChoices):
    FIGURE = "figure", "The figure"
    RELIEF = "relief", "Relief that is missing"
    TERMS = "terms", "The terms applied"
    CALCULATION = "calculation", "The calculation"


class HearingKind(TextChoices):
    """What a line of a hearing's thread is about."""

    MESSAGE = "message", "Message"
    ASKED = "asked", "asked"
    RULED = "ruled", "decided"
    WITHDRAWN = "withdrawn", "withdrew it"
    ESCALATED = "escalated", "Escalated: no answer in time"


def relief_ruling(asked: Decimal, granted: Decimal) -> str:
    """What a ruling is that grants this much of what was asked for. ValueError for less than nothing, and for more than asked."""
    if not 0 <= granted <= asked:
        raise ValueError("between nothing and all")
    return ReliefStatus.REFUSED if not granted else ReliefStatus.GRANTED if granted == asked else ReliefStatus.PARTLY


def last_day(since: date, within: int, calendar: WorkingCalendar) -> date:
    """The last of so many working days after a day."""
    return due_on(since, within, calendar)
