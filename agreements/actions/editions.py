"""An edition of a revision: the proposed contract as it is put to others, with what it would have meant."""

from datetime import datetime
from typing import Any

from agreements.impact import work_out
from agreements.models import Revision, RevisionEdition
from agreements.proposals import Proposed
from agreements.rules import checksum
from organisations.models import Membership


def next_edition(
    revision: Revision, proposed: Proposed, *, by: Membership, at: datetime, **given: Any
) -> RevisionEdition:
    """Write the edition that the revision has just moved to. `given`: its other columns."""
    impact = work_out(revision.contract, proposed.file, now=at, by_vendor=by.is_vendor)
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
