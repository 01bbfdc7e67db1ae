"""Files are kept, and taken away again: what may be attached to what, and by whom, the rooms decide that call this."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from files import kinds
from files.clamd import scan
from files.models import StoredFile
from files.rules import FileState, Scan
from lib.errors import NO_ROOM, NO_ROOM_SAID, RuleBroken, StorageFull
from organisations.models import Membership
from organisations.scope import current

log = logging.getLogger(__name__)
S = TypeVar("S", bound=StoredFile)


class Examined(NamedTuple):
    """A file that may be kept: its name for people, its SHA-256, and what the virus check said."""

    file: File[bytes]
    name: str
    sha256: str
    scan: Scan


def examine(files: Sequence[File[bytes]]) -> list[Examined]:
    """Look at each before any is kept. RuleBroken with the remedy where one is not taken, or there are too many."""
    if len(files) > kinds.MAX_FILES:
        raise RuleBroken("attachments", f"{len(files)} files are more than {kinds.MAX_FILES}. Leave some out.")
    return [_examined(file) for file in files]


def _examined(file: File[bytes]) -> Examined:
    name = kinds.shown_name(file.name or "")
    kinds.check(name, file.size, file)
    answer = scan(file)
    if answer.virus:
        log.warning("An attached file was refused: %s.", answer.virus)
        refused = f"{name} was not kept: the virus check found {answer.virus} in it."
        raise RuleBroken("attachments", f"{refused} Clean the machine that it comes from, then attach a clean copy.")
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Examined(file, name, sha256, answer.said)


@transaction.atomic
def attach_files(
    model: type[S], files: Sequence[Examined], *, by: Membership | None, at: datetime, **of: Any
) -> list[S]:
    """Keep files that were examined as rows of `model`; `of` says what they are attached to.

    Each row comes first, then the file: what fails leaves no row, and at most a file that the sweep takes away.
    StorageFull where there is no room.
    """
    return [_keep(model, one, by, at, of) for one in files]


def _keep(model: type[S], given: Examined, by: Membership | None, at: datetime, of: dict[str, Any]) -> S:
    row: S = model.objects.create(
        **of,
        name=given.name,
        size=given.file.size,
        sha256=given.sha256,
        scan=given.scan,
        stored_name=f"{model.FOLDER}/{current().organisation_id}/{uuid4().hex}",
        added_by=by,
        added_by_name=by.name if by else "",
        added_at=at,
    )
    given.file.seek(0)
    # Copied, never moved: what several rows are given stays where it is.
    row.stored_name, row.state = _store(row.stored_name, File(given.file.file)), FileState.STORED
    row.save(update_fields=["stored_name", "state"])
    return row


def _store(name: str, file: File[bytes]) -> str:
    """What a full disk leaves behind is swept like any other upload that failed."""
    try:
        return default_storage.save(name, file)
    except OSError as full:
        if full.errno not in NO_ROOM:
            raise
        log.error("No room for a file: %s", full)
        raise StorageFull("no_room", NO_ROOM_SAID) from full


def discard(row: StoredFile) -> None:
    """Take a row away, and its file once that is certain."""
    row.delete()
    transaction.on_commit(partial(default_storage.delete, row.stored_name), robust=True)
