"""Letting go of old entries, so that what is left can be checked as before: a signed checkpoint stands for what is gone.

The database removes the entries itself when the checkpoint is written (`walls/audit_forget.sql`), and writes none over entries that the
organisation's settings still keep: nobody else, not even the owner of the tables, removes any.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Sum, Window

from audit.models import Checkpoint, Seal, VendorSeal
from lib import encryption
from organisations.scope import current

YEAR = timedelta(days=366)
A_NIGHT = 100_000  # entries that go at once; the rest the night after
Place = tuple[
    int | None, int, str
]  # where a chain is cut: whose it is (None: the organisation's), the last entry, and the hash there


@transaction.atomic
def forget_entries(*, years: int | None, now: datetime) -> int:
    """Remove sealed entries that are older than `years`, in whole stretches, and leave a checkpoint. Returns how many, at most a
    night's work. None: they are kept for ever."""
    if years is None:
        return 0
    checkpoint = checkpoint_in_scope()
    last = checkpoint.last_entry if checkpoint else 0
    old = Seal.objects.filter(last_entry__gt=last, sealed_at__lt=now - years * YEAR)
    counted = old.annotate(so_far=Window(Sum("entries"), order_by=F("last_entry").asc())).order_by("last_entry")
    end = counted.filter(so_far__lte=A_NIGHT).last() or counted.first()
    if end is None:
        return 0
    _write([(None, end.last_entry, end.hash)], now)  # before those of vendors: with it the entries go
    _write(_latest(VendorSeal.objects.filter(last_entry__gt=last, last_entry__lte=end.last_entry)), now)
    return int(end.so_far)


@transaction.atomic
def sign_again(*, now: datetime) -> int:
    """Sign the latest checkpoints under the first of the keys: a key is replaced. Returns how many."""
    return _write(_latest(Checkpoint.objects.all()), now)


def checkpoint_in_scope() -> Checkpoint | None:
    """The latest checkpoint of the chain that whoever the scope is of can check."""
    found = Checkpoint.objects.filter(concerned_vendor_id=current().vendor_id)
    newest: Checkpoint | None = found.order_by("-last_entry", "-pk").first()
    return newest


def is_signed(checkpoint: Checkpoint) -> bool:
    """Whether the application wrote it: who has the database alone has not the key."""
    return encryption.is_signature(checkpoint.signature, _text(checkpoint))


def _latest(found: QuerySet[Any]) -> QuerySet[Any, Place]:
    """The last place of each chain among seals or checkpoints."""
    latest = found.order_by("concerned_vendor_id", "-last_entry", "-pk").distinct("concerned_vendor_id")
    return latest.values_list("concerned_vendor_id", "last_entry", "hash")


def _write(places: Iterable[Place], now: datetime) -> int:
    """A signed checkpoint at each place. Returns how many."""
    made = [
        Checkpoint(concerned_vendor_id=vendor_id, last_entry=last_entry, hash=hash_, made_at=now)
        for vendor_id, last_entry, hash_ in places
    ]
    for one in made:
        one.signature = encryption.sign(_text(one))
    return len(Checkpoint.objects.bulk_create(made))


def _text(one: Checkpoint) -> str:
    whose = [one.organisation_id, one.concerned_vendor_id]
    return json.dumps(["trail checkpoint", *whose, one.last_entry, one.hash, one.made_at.isoformat()])
