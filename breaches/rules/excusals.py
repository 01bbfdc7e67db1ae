"""Ending a breach because the vendor is not to answer for it, or because nothing more is asked of it."""

from decimal import Decimal

from django.db.models import TextChoices

from breaches.rules import Status


class Ending(TextChoices):
    """What becomes of the breach. Points and credits stay as they are: relief and the ledger are their own matter."""

    EXCUSED = Status.EXCUSED.value, "Excused"
    WAIVED = Status.WAIVED.value, "Waived"


class ExcusalStatus(TextChoices):
    PROPOSED = "proposed", "Waits for a second person"
    ALONE = "alone", "Done by one person"
    AGREED = "agreed", "Agreed by a second person"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


EXCUSAL_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ExcusalStatus.PROPOSED: (ExcusalStatus.AGREED, ExcusalStatus.DECLINED, ExcusalStatus.WITHDRAWN),
}


def needs_two(amount: Decimal, alone: Decimal, two_people_from: Decimal | None) -> bool:
    """Whether a second person has to agree: where credit hangs on the breach, and with what one person has let go of the contract's month
    it reaches the organisation's amount (None: every amount). Parts count together."""
    return amount > 0 and alone + amount >= (two_people_from or 0)
