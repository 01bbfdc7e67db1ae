"""What is said about a breach: lines that both sides read, and notes among the client's own people."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from breaches.models import Breach, InternalNote, ThreadEntry
from breaches.rules.plans import EntryKind
from lib.texts import checked
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def say(*, by: Membership, breach: Breach, text: str) -> ThreadEntry:
    """A message that both sides can read; `alert_due` tells the other side. RuleBroken where it is empty or too long."""
    require(by, "breach.discuss")
    line = _line(breach, EntryKind.MESSAGE, by, timezone.now(), checked(text, "message"))
    return ThreadEntry.objects.create(**line)


@transaction.atomic
def note(*, by: Membership, breach: Breach, text: str) -> InternalNote:
    """A note that only the client's people can read. RuleBroken where it is empty or too long."""
    require(by, "breach.note")
    return InternalNote.objects.create(
        breach=breach, text=checked(text, "note"), by=by, by_name=by.name, at=timezone.now()
    )


def write(breaches: Iterable[Breach], kind: EntryKind, *, by: Membership | None, at: datetime, text: str = "") -> None:
    """The same line in the thread of each of these breaches. One statement."""
    ThreadEntry.objects.bulk_create(ThreadEntry(**_line(breach, kind, by, at, text)) for breach in breaches)


def _line(breach: Breach, kind: EntryKind, by: Membership | None, at: datetime, text: str) -> dict[str, object]:
    name, from_vendor = (by.name, by.is_vendor) if by else ("", False)
    given = {"by": by, "by_name": name, "from_vendor": from_vendor, "at": at, "text": text}
    return {"vendor_id": breach.vendor_id, "breach": breach, "kind": kind, **given}
