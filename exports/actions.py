"""Large tables: asked for, made by a worker, removed after some days."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from exports.models import TableExport, TableExportFile
from exports.replay import NOT_THERE, file_of
from exports.rules import KEPT_FOR, LEASE, LONGEST_ADDRESS, MOVES, ExportStatus
from lib import clock
from lib.errors import Refused, RuleBroken
from lib.tables import MadeInBackground, content_of, in_background
from lib.transitions import move
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import require
from organisations.models import Membership

log = logging.getLogger(__name__)

IS_DUE = (
    "EXISTS (SELECT FROM exports_tableexport AS e WHERE e.organisation_id = %(organisation)s"
    f" AND e.status = '{ExportStatus.WAITING}' AND (e.leased_until IS NULL OR e.leased_until <= %(now)s))"
)
WENT_WRONG = "Something went wrong while it was made. Try again; if it fails again, tell whoever runs Plumbline."
NOT_THEIRS = "Whoever asked for it is not here any more."
# The scope of a member, or of the system (None): a transaction of its own.
ScopeOf = Callable[[Membership | None], AbstractContextManager[object]]


@transaction.atomic
def ask_for_table(*, by: Membership, address: str) -> TableExport:
    """Have the table of a list made. Asked for again while it waits, it is the same one. RuleBroken where there is nothing to make."""
    require(by, "export.make")
    if len(address) > LONGEST_ADDRESS:
        raise RuleBroken("address", "This list has too many filters for a file. Take some off.")
    try:
        with in_background(limit=0):
            file_of(by, address)
    except MadeInBackground as large:
        given = {"name": large.name, "rows": large.count, "asked_by_name": by.name, "asked_at": clock.database_now()}
        try:
            with transaction.atomic():
                return TableExport.objects.create(asked_by=by, vendor_id=by.vendor_id, address=address, **given)
        except IntegrityError:
            return TableExport.objects.get(asked_by=by, address=address, status=ExportStatus.WAITING)
    raise RuleBroken("address", NOT_THERE)


@transaction.atomic
def cancel_table(*, by: Membership, export: TableExport) -> TableExport:
    """Whoever asked for it does not want it any more. Conflict where it is made already."""
    require(by, "export.make")
    return move(export, ExportStatus.CANCELLED, MOVES)


# In the background -------------------------------------------------------------------------------------------------


def make_table(*, scope: ScopeOf, now: datetime) -> int:
    """Make the table that waits longest and that nobody makes. Returns 1, or 0 where none waits.

    It is read in the scope of whoever asked for it, so that it holds what they may see at this moment, and kept in the system's: three
    transactions. Whoever makes it has claimed it for a while; of a worker that died another takes it over.
    """
    with scope(None):
        export = _claim(now)
    if export is None:
        return 0
    made, why = _read(export, scope)
    with scope(None), transaction.atomic():
        found = TableExport.objects.select_for_update().get(pk=export.pk)
        if found.status != ExportStatus.WAITING:  # cancelled, or made by whoever took it over
            return 1
        if made is None:
            move(found, ExportStatus.FAILED, MOVES, failed_because=why)
        else:
            TableExportFile.objects.create(export=found, vendor_id=found.vendor_id, **made)
            move(found, ExportStatus.MADE, MOVES, made_at=now)
        _tell(found, now)
    return 1


def _claim(now: datetime) -> TableExport | None:
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    waiting = TableExport.objects.filter(free, status=ExportStatus.WAITING).select_related("asked_by").order_by("pk")
    found: TableExport | None = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if found:
        TableExport.objects.filter(pk=found.pk).update(leased_until=now + LEASE)
    return found


def _read(export: TableExport, scope: ScopeOf) -> tuple[dict[str, Any] | None, str]:
    """The file's columns, or why there is none."""
    try:
        with scope(export.asked_by), in_background():
            member = (
                Membership.objects.select_related("organisation").filter(pk=export.asked_by_id, is_active=True).first()
            )
            if member is None or not member.may("export.make"):
                return None, NOT_THEIRS
            answer = file_of(member, export.address)
            content = content_of(answer)
        file = {"name": answer["Content-Disposition"].split('"')[1], "kind": answer["Content-Type"], "content": content}
        return {**file, "sha256": sha256(content).hexdigest()}, ""
    except Exception as failed:
        # Whatever it is: the next table of somebody else must not wait for it for ever.
        log.exception("The table %s was not made", export.pk)
        return None, failed.sentence if isinstance(failed, Refused) else WENT_WRONG


def _tell(export: TableExport, now: datetime) -> None:
    done = export.status == ExportStatus.MADE
    event = NewEvent(
        key=f"export:{export.pk}",
        kind="export",
        title=f"Your table “{export.name}” {'is ready' if done else 'could not be made'}",
        detail=f"{export.rows:,} rows" if done else export.failed_because,
        path="exports/",
        members=(export.asked_by_id,),
        vendor_id=export.vendor_id,
    )
    publish_events([event], now=now)


def expire_tables(*, now: datetime) -> int:
    """Remove the files of tables that were made a week ago. Returns how many."""
    old = TableExport.objects.filter(status=ExportStatus.MADE, made_at__lt=now - KEPT_FOR)
    for export in old:
        TableExportFile.objects.filter(export=export).delete()
        move(export, ExportStatus.EXPIRED, MOVES)
    return len(old)
