"""The life of a breach, and the kinds of entries in the credit ledger."""

from django.db.models import TextChoices


class Status(TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    PLAN = "plan", "Plan under way"
    VERIFIED = "verified", "Verified"
    CLOSED = "closed", "Closed"
    DISPUTED = "disputed", "Disputed"
    EXCUSED = "excused", "Excused"
    WAIVED = "waived", "Waived"
    RESTATED = "restated", "Restated"  # a correction made the default go away


TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.OPEN: (Status.ACKNOWLEDGED, Status.RESTATED),
    Status.ACKNOWLEDGED: (Status.OPEN, Status.PLAN, Status.CLOSED, Status.RESTATED),
    Status.PLAN: (Status.VERIFIED, Status.RESTATED),
    Status.VERIFIED: (Status.CLOSED, Status.RESTATED),
    Status.DISPUTED: (Status.ACKNOWLEDGED, Status.EXCUSED, Status.RESTATED),
    Status.RESTATED: (Status.OPEN,),
}

LIVE = (Status.OPEN, Status.ACKNOWLEDGED, Status.PLAN, Status.DISPUTED)


class EntryKind(TextChoices):
    ACCRUAL = "accrual", "Credit accrued"
    FORGONE = "forgone", "Cut by a cap"  # for the record: amount 0 in the balance
    EARN_BACK = "earn_back", "Earned back"
    ADJUSTMENT = "adjustment", "Restatement"
    WAIVER = "waiver", "Waived"
    INVOICE = "invoice", "Taken on an invoice"
