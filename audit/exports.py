"""The trail as files: CSV for people, JSON Lines with the hash chain for whoever checks it."""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter

from django.db.models import Max, Min
from django.http.response import HttpResponseBase

from audit.actions import checkpoint_in_scope, lines_between, own_seals
from audit.models import Checkpoint, Entry, Seal, VendorSeal
from audit.querysets import EntryQuerySet
from audit.wording import DescribedEntry, describe_entries
from lib import tables
from lib.errors import RuleBroken
from organisations.models import Membership

MOST = 100_000  # entries of a file: what is made in one answer
COLUMNS = ("entry", "at", "who", "what", "column", "before", "after", "request")


def as_csv(entries: EntryQuerySet, reader: Membership) -> HttpResponseBase:
    """One row for each changed column, oldest first. RuleBroken where it is too much."""
    _must_fit(entries[: MOST + 1].count())
    rows = _rows(describe_entries(entries.order_by("pk"), reader))
    return tables.spooled("trail.csv", tables.KINDS["csv"], lambda file: tables.write_csv(file, COLUMNS, rows))


def _rows(entries: Iterable[DescribedEntry]) -> Iterator[Sequence[tables.Cell]]:
    for told in entries:
        head = (told.entry.pk, told.entry.at, told.who or "Plumbline", told.what)
        for change in told.changes or [None]:
            columns = (change.label, change.before, change.after) if change else ("", "", "")
            yield *head, *columns, told.entry.request_id


def as_json_lines(begin: datetime | None, end: datetime | None) -> str:
    """The sealed stretches with anything between two moments, whole, each closed by its seal; before the first that is left, the checkpoint
    that stands for what is gone. What a vendor has in preparation is there by its hash alone for the client. RuleBroken where it is too
    much."""
    found = Entry.objects.between(begin, end).aggregate(first=Min("pk"), last=Max("pk"))
    if found["first"] is None:
        return ""
    wanted = list(own_seals().filter(last_entry__gte=found["first"], first_entry__lte=found["last"]))
    if not wanted:
        return ""
    _must_fit(sum(seal.entries for seal in wanted))
    checkpoint = checkpoint_in_scope()
    begins_there = checkpoint and wanted[0].previous_hash == checkpoint.hash
    lines = [_of_checkpoint(checkpoint)] if checkpoint and begins_there else []
    return "".join(f"{line}\n" for line in (*lines, *_stretches(wanted)))


def _of_checkpoint(one: Checkpoint) -> str:
    about = {"last": one.last_entry, "hash": one.hash, "made_at": one.made_at.isoformat(), "signature": one.signature}
    return json.dumps({"checkpoint": about})


def _stretches(seals: Sequence[Seal | VendorSeal]) -> Iterator[str]:
    """The entries of each seal, and after them the seal. Two statements, however many there are."""
    first, last = seals[0].first_entry, seals[-1].last_entry
    seen = set(Entry.objects.filter(pk__gte=first, pk__lte=last).open_to_reader().values_list("pk", flat=True))
    rows = lines_between(first, last)
    for seal in seals:
        begin = bisect_left(rows, seal.first_entry, key=itemgetter(0))
        for pk, line in rows[begin : bisect_right(rows, seal.last_entry, key=itemgetter(0))]:
            told = {"line": line} if pk in seen else {"withheld": hashlib.sha256(line.encode()).hexdigest()}
            yield json.dumps(told, ensure_ascii=False)
        about = {"first": seal.first_entry, "last": seal.last_entry, "entries": seal.entries, "scheme": seal.scheme}
        chain = {"previous": seal.previous_hash, "hash": seal.hash}
        yield json.dumps({"seal": about | chain})


def _must_fit(count: int) -> None:
    if count > MOST:
        raise RuleBroken("too_much", f"That is more than {MOST:,} entries. Choose a shorter time.")
