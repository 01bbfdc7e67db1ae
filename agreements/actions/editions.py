"""An edition of a revision: the proposed contract as it is put to others, with what it would have meant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agreements.impact import USUAL_MONTHS, work_out
from agreements.models import Revision, RevisionEdition
from agreements.proposals import Proposed
from agreements.rules import checksum
from organisations.models import Membership


@dataclass(frozen=True)
class OneOfMany:
    """What holds for a revision that is submitted with others: what its draft says, examined a moment ago; how many have to approve them
    all, by their sum; and the months over which it was replayed for whoever submits them (0: there were none)."""

    proposed: Proposed
    needed: int
    months: int
    until: date | None


def next_edition(
    revision: Revision,
    proposed: Proposed,
    *,
    by: Membership,
    at: datetime,
    months: int = USUAL_MONTHS,
    until: date | None = None,
    **given: Any,
) -> RevisionEdition:
    """Write the edition that the revision has just moved to. `months`, `until`: over which it is replayed, the last ones unless somebody
    has seen others; `given`: its other columns."""
    impact = work_out(revision.contract, proposed.file, now=at, months=months, until=until, by_vendor=by.is_vendor)
    edition: RevisionEdition = RevisionEdition.objects.create(
        vendor_id=revision.vendor_id,
        revision=revision,
        number=revision.edition,
        document=proposed.text,
        checksum=checksum(proposed.text),
        effective_on=proposed.effective_on,
        new_end=proposed.new_end,
        impact=impact.summary,
        fingerprint=impact.fingerprint,
        by=by,
        by_name=by.name,
        at=at,
        **given,
    )
    return edition
