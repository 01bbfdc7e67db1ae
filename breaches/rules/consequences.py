"""What follows from a triggered rule of a contract: a right, a plan, an escalation, a notice; and what people decide about it."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import TextChoices

# From so many days on before a right ends its owners are reminded of it.
SOON = timedelta(days=14)


class ConsequenceStatus(TextChoices):
    OPEN = "open", "To decide"
    USED = "used", "Used"
    LAPSED = "lapsed", "Let lapse"
    WAIVED = "waived", "Waived"
    WITHDRAWN = "withdrawn", "Withdrawn"  # a correction made the rule not hold any more


DECISIONS = (ConsequenceStatus.USED, ConsequenceStatus.LAPSED, ConsequenceStatus.WAIVED)
_S = ConsequenceStatus
CONSEQUENCE_TRANSITIONS: dict[str, tuple[str, ...]] = {
    _S.OPEN: (*DECISIONS, _S.WITHDRAWN),
    _S.USED: (_S.LAPSED, _S.WAIVED, _S.WITHDRAWN),
    _S.LAPSED: (_S.USED, _S.WAIVED, _S.WITHDRAWN),
    _S.WAIVED: (_S.USED, _S.LAPSED, _S.WITHDRAWN),
    _S.WITHDRAWN: (_S.OPEN,),
}


class Follows(NamedTuple):
    """What a rule's `then` is called, what is done with it, and whether the vendor is told. Rights of the client are its own matter."""

    name: str
    use: str
    said_to_vendor: bool


FOLLOWS = {
    "termination_right": Follows("Right to terminate", "Use the right", False),
    "rectification_plan": Follows("Rectification plan needed", "Ask for the plan", True),
    "escalate": Follows("To be escalated", "Escalate", False),
    "notify": Follows("Rule holds", "Take it up", True),
}


def is_over(usable_until: date | None, today: date) -> bool:
    """Whether a right can be used no longer."""
    return usable_until is not None and usable_until < today
