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
    agreed: Revision | None = None  # by which it ends earlier than was agreed first: nothing is to be decided

    @property
    def over(self) -> bool:
        return self.days < 0

    @property
    def words(self) -> str:
        """ "in 47 days", "today"."""
        return "today" if self.days == 0 else f"in {format_many(self.days, 'day')}"


def ending_of(contract: Contract, today: date) -> Ending | None:
    """Of a contract that ends soon, has ended, or whose last day is being moved; None of any other. One statement."""
    moves = RevisionEdition.objects.filter(
        revision__contract=contract,
        revision__status__in=(*OPEN, Status.IN_FORCE),
        number=F("revision__edition"),
        new_end__isnull=False,
    )
    found = list(moves.select_related("revision").defer("document", "base", "impact", "clauses").order_by("-pk"))
    moving = next((one for one in found if one.revision.status in OPEN), None)
    if moving is None and contract.ends_on - today > timedelta(days=ENDING_SOON):
        return None
    agreed = next((one.revision for one in found if _is_early(one, contract.ends_on)), None)
    days = (contract.ends_on - today).days
    return Ending(contract.ends_on, days, moving and moving.revision, moving and moving.new_end, agreed)


def _is_early(edition: RevisionEdition, last: date) -> bool:
    """Whether a contract ends on its last day because this was agreed: what a renewal changes begins before its new last day."""
    in_force = edition.revision.status == Status.IN_FORCE and edition.new_end == last
    return in_force and edition.effective_on is not None and edition.effective_on > last
