"""What happens to files at night: those that belong to nothing go, and those that nobody needs any longer."""

from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from files.models import StoredFile
from files.registry import tables
from files.rules import FileState
from organisations.scope import current

YEAR = timedelta(days=366)  # not a day less than was said
A_NIGHT = 1_000
LEFT_OVER = timedelta(days=1)  # longer than any upload takes


def purge_orphans(*, now: datetime) -> int:
    """Remove what failed uploads left behind for a day: pending rows, and files without a row. Returns how many files.

    In a scope of the whole organisation: in a vendor's, the others' files would seem to have no row.
    """
    if current().vendor_id is not None:
        raise RuntimeError("Files are swept for a whole organisation.")
    return sum(_purge(model, now - LEFT_OVER) for model in tables())


def _purge(model: type[StoredFile], old: datetime) -> int:
    model.objects.filter(state=FileState.PENDING, added_at__lt=old).delete()
    folder = f"{model.FOLDER}/{current().organisation_id}"
    try:
        files = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return 0
    kept = set(model.objects.exclude(state=FileState.EXPIRED).values_list("stored_name", flat=True))
    orphans = [path for path in files if path not in kept and default_storage.get_modified_time(path) < old]
    for path in orphans:
        default_storage.delete(path)
    return len(orphans)


@transaction.atomic
def expire_files(*, years: int | None, now: datetime) -> int:
    """Remove files that were attached more than `years` ago to what is over by now. Returns how many, at most a night's work of each
    table. None: they are kept for ever."""
    if years is None:
        return 0
    return sum(_expire(model, now - years * YEAR) for model in tables())


def _expire(model: type[StoredFile], before: datetime) -> int:
    old = model.objects.stored().filter(added_at__lt=before).exclude(model.STILL_NEEDED)
    rows = list(old.order_by("pk").values_list("pk", "stored_name")[:A_NIGHT])
    model.objects.filter(pk__in=[pk for pk, _ in rows]).update(state=FileState.EXPIRED)
    for _, stored_name in rows:
        transaction.on_commit(partial(default_storage.delete, stored_name), robust=True)
    return len(rows)
