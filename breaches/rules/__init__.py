"""The life of a breach."""

from datetime import timedelta

from django.db.models import TextChoices

# Months before the one in which a contract was entered that are news all the same: the last two closed ones, whose reviews,
# invoices and corrections are still under way. Defaults of earlier months are history: they are kept, and nobody is alarmed.
NEWS_MONTHS = 2
# What people are still notified of after an outage; older things are on the pages, and nobody wants the alert any more.
LATELY = timedelta(days=14)
HISTORY_NOTE = "On record from before the contract was kept here."


class Status(TextChoices):
    OPEN = "open", "Not acknowledged"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    PLAN = "plan", "Plan under way"
    VERIFIED = "verified", "Verified"
    CLOSED = "closed", "Closed"
    DISPUTED = "disputed", "Disputed"
    EXCUSED = "excused", "Excused"
    WAIVED = "waived", "Waived"
    RESTATED = "restated", "Restated"  # a correction made the default go away


TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.OPEN: (Status.ACKNOWLEDGED, Status.EXCUSED, Status.WAIVED, Status.RESTATED),
    Status.ACKNOWLEDGED: (
        Status.OPEN,
        Status.PLAN,
        Status.CLOSED,
        Status.EXCUSED,
        Status.WAIVED,
        Status.RESTATED,
    ),
    Status.PLAN: (Status.VERIFIED, Status.CLOSED, Status.EXCUSED, Status.WAIVED, Status.RESTATED),
    Status.VERIFIED: (Status.ACKNOWLEDGED, Status.RESTATED),
    Status.CLOSED: (Status.ACKNOWLEDGED, Status.RESTATED),
    Status.EXCUSED: (Status.ACKNOWLEDGED,),  # the vendor was not to answer for it, whatever the figures say by now
    Status.WAIVED: (Status.ACKNOWLEDGED, Status.RESTATED),
    Status.DISPUTED: (Status.ACKNOWLEDGED, Status.EXCUSED, Status.RESTATED),
    Status.RESTATED: (Status.OPEN,),
}

# Ended by somebody, or by later periods; they can be taken up again.
ENDED = (Status.VERIFIED, Status.CLOSED, Status.EXCUSED, Status.WAIVED)
LIVE = (Status.OPEN, Status.ACKNOWLEDGED, Status.PLAN, Status.DISPUTED)
