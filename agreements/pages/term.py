"""How long a contract runs, as pages say it: when it ends, what is being agreed about that, and what an early end closes."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from agreements.closing import what_it_closes
from agreements.models import Revision, RevisionEdition
from agreements.proposals import readable
from agreements.rules import ON_THE_WAY, Status
from contracts.models import Contract
from contracts.rules import ENDING_SOON
from contracts.wording import format_many

OPEN = (*ON_THE_WAY, Status.CONSENTED)


def term_of(revision: Revision, edition: RevisionEdition | None) -> dict[str, Any]:
    """Of an edition that moves the contract's last day: the days, and, while it is open, what an earlier one closes."""
    if edition is None or edition.new_end is None:
        return {}
    base = readable(edition.base)
    if base is None:
        return {}
    before = base.contract.ends_on
    found: dict[str, Any] = {"new_end": edition.new_end, "old_end": before, "earlier": edition.new_end < before}
    if edition.new_end < before and revision.status in OPEN:
        found["groups"] = what_it_closes(revision.contract, edition.new_end, timezone.now(), but=revision.pk)
    return found


@dataclass(frozen=True)
class Ending:
    """A contract's end as it draws near: `asks` whether somebody is to say what becomes of it. `revision` is under way to move the last day
    to `new_end`."""

    last: date
    days: int  # until then, on the contract's day; below 0 it is over
    revision: Revision | None = None
    new_end: date | None = None

    @property
    def over(self) -> bool:
        return self.days < 0

    @property
    def words(self) -> str:
        """ "in 47 days", "today"."""
        return "today" if self.days == 0 else f"in {format_many(self.days, 'day')}"


def ending_of(contract: Contract, today: date) -> Ending | None:
    """Of a contract that ends soon, has ended, or whose last day is being moved; None of any other. One statement."""
    moving = RevisionEdition.objects.filter(
        revision__contract=contract,
        revision__status__in=OPEN,
        number=F("revision__edition"),
        new_end__isnull=False,
    )
    found = moving.select_related("revision").defer("document", "base", "impact", "clauses").order_by("-pk").first()
    if found is None and contract.ends_on - today > timedelta(days=ENDING_SOON):
        return None
    days = (contract.ends_on - today).days
    return Ending(contract.ends_on, days, found and found.revision, found and found.new_end)
