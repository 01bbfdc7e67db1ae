"""Letting go of old entries, so that what is left can be checked as before: a signed checkpoint stands for what is gone.

The database removes the entries itself when the checkpoint is written (`walls/audit_forget.sql`), and writes none over entries that the
organisation's settings still keep: nobody else, not even the owner of the tables, removes any.
"""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Sum, Window

from audit.models import Checkpoint, Seal, VendorSeal
from lib import encryption
from organisations.scope import current

YEAR = timedelta(days=366)
A_NIGHT = 100_000  # entries that go at once; the rest the night after


@transaction.atomic
def forget_entries(*, years: int | None, now: datetime) -> int:
    """Remove sealed entries that are older than `years`, in whole stretches, and leave a checkpoint. Returns how many, at most a
    night's work. None: they are kept for ever."""
    if years is None:
        return 0
    last = Checkpoint.objects.filter(concerned_vendor_id=None).aggregate(last=Max("last_entry"))["last"] or 0
    old = Seal.objects.filter(last_entry__gt=last, sealed_at__lt=now - years * YEAR)
    counted = old.annotate(so_far=Window(Sum("entries"), order_by=F("last_entry").asc())).order_by("last_entry")
    going = [seal for seal in counted if seal.so_far <= A_NIGHT] or list(counted[:1])
    if not going:
        return 0
    end = going[-1]
    _write(None, end.last_entry, end.hash, now)
    for vendor_id, entry in (
        VendorSeal.objects.filter(last_entry__gt=last, last_entry__lte=end.last_entry)
        .values_list("concerned_vendor_id")
        .annotate(last=Max("last_entry"))
        .order_by("concerned_vendor_id")
    ):
        _write(vendor_id, entry, VendorSeal.objects.get(concerned_vendor_id=vendor_id, last_entry=entry).hash, now)
    return int(end.so_far)


@transaction.atomic
def sign_again(*, now: datetime) -> int:
    """Sign the latest checkpoints under the first of the keys: a key is replaced. Returns how many."""
    seen: set[int | None] = set()
    for one in Checkpoint.objects.order_by("-last_entry", "-pk"):
        if one.concerned_vendor_id not in seen:
            seen.add(one.concerned_vendor_id)
            _write(one.concerned_vendor_id, one.last_entry, one.hash, now)
    return len(seen)


def checkpoint_in_scope() -> Checkpoint | None:
    """The latest checkpoint of the chain that whoever the scope is of can check."""
    found = Checkpoint.objects.filter(concerned_vendor_id=current().vendor_id)
    newest: Checkpoint | None = found.order_by("-last_entry", "-pk").first()
    return newest


def is_signed(checkpoint: Checkpoint) -> bool:
    """Whether the application wrote it: who has the database alone has not the key."""
    return encryption.is_signature(checkpoint.signature, _text(checkpoint))


def _write(vendor_id: int | None, last_entry: int, hash_: str, now: datetime) -> None:
    one = Checkpoint(concerned_vendor_id=vendor_id, last_entry=last_entry, hash=hash_, made_at=now)
    one.signature = encryption.sign(_text(one))
    one.save(force_insert=True)


def _text(one: Checkpoint) -> str:
    whose = [one.organisation_id, one.concerned_vendor_id]
    return json.dumps(["trail checkpoint", *whose, one.last_entry, one.hash, one.made_at.isoformat()])
