"""What is said about a breach: lines that both sides read, and notes among the client's own people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files import File
from django.db import transaction

from breaches.models import Breach, InternalNote, NoteFile, ThreadEntry, ThreadFile
from breaches.rules.plans import Cause, EntryKind
from files.actions import Examined, attach_files, examine
from lib import clock
from lib.errors import RuleBroken
from lib.texts import checked
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def say(
    *, by: Membership, breach: Breach, text: str, cause: str = "", files: Sequence[File[bytes]] = ()
) -> ThreadEntry:
    """A message that both sides can read, with files; `alert_due` tells the other side. A vendor may name the root cause with it.

    RuleBroken where it is empty or too long, a file is not taken, or the cause is none or the client's.
    """
    require(by, "breach.discuss")
    if cause and (cause not in Cause.values or not by.is_vendor):
        raise RuleBroken("cause", f"The vendor names the root cause, as one of {', '.join(Cause.values)}.")
    said, given = checked(text, "message"), examine(files)
    (entry,) = write([breach], EntryKind.MESSAGE, by=by, at=clock.database_now(), text=said, cause=cause, files=given)
    return entry


@transaction.atomic
def note(*, by: Membership, breach: Breach, text: str, files: Sequence[File[bytes]] = ()) -> InternalNote:
    """A note that only the client's people can read, with files that only they can have. RuleBroken as for `say`."""
    require(by, "breach.note")
    now, given = clock.database_now(), examine(files)
    row = InternalNote.objects.create(breach=breach, text=checked(text, "note"), by=by, by_name=by.name, at=now)
    attach_files(NoteFile, given, by=by, at=now, note=row)
    return row


def write(
    breaches: Iterable[Breach],
    kind: EntryKind,
    *,
    by: Membership | None,
    at: datetime,
    text: str = "",
    cause: str = "",
    files: Sequence[Examined] = (),
) -> list[ThreadEntry]:
    """The same line in the thread of each of these breaches, each with the files. One statement, and two for each file."""
    entries: list[ThreadEntry] = ThreadEntry.objects.bulk_create(
        ThreadEntry(**_line(breach, kind, by, at, text), cause=cause) for breach in breaches
    )
    for entry in entries if files else ():
        attach_files(ThreadFile, files, by=by, at=at, vendor_id=entry.vendor_id, entry=entry)
    return entries


def _line(breach: Breach, kind: EntryKind, by: Membership | None, at: datetime, text: str) -> dict[str, object]:
    name, from_vendor = (by.name, by.is_vendor) if by else ("", False)
    given = {"by": by, "by_name": name, "from_vendor": from_vendor, "at": at, "text": text}
    return {"vendor_id": breach.vendor_id, "breach": breach, "kind": kind, **given}
