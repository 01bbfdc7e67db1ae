"""Whether evidence is what was attached: compared with its SHA-256 when somebody wants it, and all of it by command."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import default_storage

from lib.errors import Gone
from measurements.models import Evidence
from measurements.rules import EvidenceState
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.models import Membership
from organisations.scope import current

log = logging.getLogger(__name__)

SHARE = 100  # files in one transaction, of 25 MB at most


@dataclass(frozen=True)
class Damage:
    """Evidence whose file is not what was attached, and what is wrong with it, in words."""

    evidence: Evidence
    what: str


def open_as_attached(*, evidence: Evidence) -> IO[bytes]:
    """Its file, compared with what was attached. Gone where it is another one, or none; the log says which."""
    file, what = _open(evidence)
    if file is None:
        log.error("Evidence %s (%s) is %s.", evidence.pk, evidence.stored_name, what)
        sentence = f"{evidence.name} is not what was attached: its file is {what}. An administrator is told."
        raise Gone("evidence_damaged", sentence)
    return file


def verify_evidence(*, after: int = 0, only: int | None = None, now: datetime) -> tuple[list[Damage], int, int | None]:
    """Compare a share of the evidence, or one piece, with what was attached, and tell the administrators once of each damage.

    Returns what is damaged, how many were compared, and the id after which the next share begins; None where nothing is left.
    """
    rows = Evidence.objects.filter(state=EvidenceState.STORED, pk__gt=after).select_related("submission__contract")
    share = list((rows.filter(pk=only) if only else rows).order_by("pk")[:SHARE])
    damaged = []
    for row in share:
        file, what = _open(row)
        if file is None:
            damaged.append(Damage(row, what))
        else:
            file.close()
    _tell(damaged, now)
    return damaged, len(share), share[-1].pk if len(share) == SHARE else None


def _open(evidence: Evidence) -> tuple[IO[bytes] | None, str]:
    """Its file from the beginning, or what is wrong with it."""
    if not evidence.stored_name.startswith(f"evidence/{current().organisation_id}/") or ".." in evidence.stored_name:
        return None, "not in its organisation’s folder"
    try:
        file: Any = default_storage.open(evidence.stored_name)
    except FileNotFoundError:
        return None, "missing"
    if file.size != evidence.size:
        what = f"{file.size:,} bytes long instead of {evidence.size:,}"
    elif hashlib.file_digest(file, "sha256").hexdigest() != evidence.sha256:
        what = "altered"
    else:
        file.seek(0)
        return file, ""
    file.close()
    return None, what


def _tell(damaged: Iterable[Damage], now: datetime) -> None:
    damaged = list(damaged)
    if not damaged:
        return
    members = tuple(member.pk for member in Membership.objects.administrators())
    for one in damaged:
        log.error("Evidence %s (%s) is %s.", one.evidence.pk, one.evidence.stored_name, one.what)
    publish_events([_event(one, members) for one in damaged], now=now)


def _event(one: Damage, members: tuple[int, ...]) -> NewEvent:
    submission = one.evidence.submission
    return NewEvent(
        key=f"evidence:{one.evidence.pk}:damaged",
        kind="damaged",
        title=f"Evidence damaged: {one.evidence.name}",
        detail=f"{submission.contract.reference}, {submission.month:%B %Y}. Its file is {one.what}. Restore it from a backup.",
        path=f"submissions/{submission.pk}/",
        members=members,
    )
