"""Whether files are what was attached: compared with their SHA-256 when somebody wants one, and all of them by command."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import default_storage

from files.models import StoredFile
from files.rules import FileState
from lib.errors import Gone
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.models import Membership
from organisations.scope import current

log = logging.getLogger(__name__)

SAID: dict[str, str] = {
    FileState.BLOCKED: "cannot be had any more: the virus check found a virus in it.",
    FileState.EXPIRED: "was removed after the time for which files are kept. Its name and checksum stay.",
}
SHARE = 100  # files in one transaction, of 25 MB at most


@dataclass(frozen=True)
class Damage:
    """A row whose file is not what was attached, and what is wrong with it, in words."""

    row: StoredFile
    what: str


def open_as_attached(row: StoredFile) -> IO[bytes]:
    """Its file, compared with what was attached. Gone where it is another one, or none; the log says which."""
    if row.state in SAID:
        raise Gone(row.state, f"{row.name} {SAID[row.state]}")
    file, what = opened(row)
    if file is None:
        log.error("%s %s (%s) is %s.", row._meta.label, row.pk, row.stored_name, what)
        sentence = f"{row.name} is not what was attached: its file is {what}. An administrator is told."
        raise Gone("file_damaged", sentence)
    return file


def verify_files(
    model: type[StoredFile], *, after: int = 0, only: int | None = None, now: datetime
) -> tuple[list[Damage], int, int | None]:
    """Compare a share of a table's files, or one, with what was attached, and tell the administrators once of each damage.

    Returns what is damaged, how many were compared, and the id after which the next share begins; None where nothing is left.
    """
    rows = model.objects.stored().filter(pk__gt=after).select_related(model.PLACE)
    share = list((rows.filter(pk=only) if only else rows).order_by("pk")[:SHARE])
    damaged = []
    for row in share:
        file, what = opened(row)
        if file is None:
            damaged.append(Damage(row, what))
        else:
            file.close()
    for one in damaged:
        log.error("%s %s (%s) is %s.", model._meta.label, one.row.pk, one.row.stored_name, one.what)
    restore = "Restore it from a backup."
    tell_administrators(((one.row, f"Its file is {one.what}. {restore}") for one in damaged), "damaged", now)
    return damaged, len(share), share[-1].pk if len(share) == SHARE else None


def opened(row: StoredFile) -> tuple[IO[bytes] | None, str]:
    """Its file from the beginning, or what is wrong with it."""
    folder = f"{row.FOLDER}/{current().organisation_id}/"
    if not row.stored_name.startswith(folder) or ".." in row.stored_name:
        return None, "not in its organisation’s folder"
    try:
        file: Any = default_storage.open(row.stored_name)
    except FileNotFoundError:
        return None, "missing"
    if file.size != row.size:
        what = f"{file.size:,} bytes long instead of {row.size:,}"
    elif hashlib.file_digest(file, "sha256").hexdigest() != row.sha256:
        what = "altered"
    else:
        file.seek(0)
        return file, ""
    file.close()
    return None, what


def tell_administrators(found: Iterable[tuple[StoredFile, str]], what: str, now: datetime) -> None:
    """Once of each file: that it is `what`, and what to do."""
    found = list(found)
    if not found:
        return
    members = tuple(member.pk for member in Membership.objects.administrators())
    publish_events([_event(row, what, detail, members) for row, detail in found], now=now)


def _event(row: StoredFile, what: str, detail: str, members: tuple[int, ...]) -> NewEvent:
    words, path = row.place
    return NewEvent(
        key=f"{row._meta.model_name}:{row.pk}:{what}",
        kind="damaged",
        title=f"{row._meta.verbose_name.capitalize()} {what}: {row.name}",  # type: ignore[union-attr]
        detail=f"{words}. {detail}",
        path=path,
        members=members,
    )
