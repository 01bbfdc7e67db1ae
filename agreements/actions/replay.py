"""What a proposed contract would have meant, as it is kept with an edition, and whether that still matches the data."""

from datetime import datetime
from typing import Any

from agreements.impact import still_holds, work_out
from agreements.models import RevisionEdition
from agreements.proposals import as_stored
from contracts.contract_file import ContractFile
from contracts.models import Contract


def replayed(contract: Contract, file: ContractFile, now: datetime) -> tuple[dict[str, Any], str]:
    """The summary and the fingerprint of what it was worked out from; without one where nothing has been judged yet."""
    impact = work_out(contract, file, now=now)
    return impact.summary, impact.fingerprint


def as_seen(contract: Contract, edition: RevisionEdition, now: datetime) -> bool:
    """Whether an edition's impact would be the same of the data as they are now. Months that were judged since change nothing."""
    if not edition.fingerprint or edition.impact is None:
        return True
    return still_holds(contract, as_stored(edition.document), edition.impact, edition.fingerprint, now=now)
