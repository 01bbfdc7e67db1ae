"""Files that were kept before there was a virus check, or while it did not answer, are scanned later."""

from datetime import datetime

from django.conf import settings

from files.actions.verification import opened, tell_administrators
from files.clamd import scan
from files.models import StoredFile
from files.registry import tables
from files.rules import FileState, Scan

A_NIGHT = 200  # of each table, of 25 MB at most
BLOCKED = "The virus check found {} in it: nobody can have it any more. Ask whoever attached it for a clean copy."


def scan_files(*, now: datetime) -> int:
    """Scan what was not scanned yet, a night's work of each table, and block what has a virus. Returns how many were scanned."""
    if not settings.CLAMD_ADDRESS:
        return 0
    return sum(_scan(model, now) for model in tables())


def _scan(model: type[StoredFile], now: datetime) -> int:
    found = []
    scanned = 0
    for row in model.objects.stored().filter(scan=Scan.NONE).select_related(model.PLACE).order_by("pk")[:A_NIGHT]:
        file, _ = opened(row)
        if file is None:  # `verify_files` tells of it
            continue
        with file:
            answer = scan(file)
        if answer.virus:
            model.objects.filter(pk=row.pk).update(state=FileState.BLOCKED)
            found.append((row, BLOCKED.format(answer.virus)))
        elif answer.said == Scan.CLEAN:
            model.objects.filter(pk=row.pk).update(scan=Scan.CLEAN)
        else:
            break  # it does not answer: the next night
        scanned += 1
    tell_administrators(found, "blocked", now)
    return scanned
