"""Tables in the background: asking for one, one's own, and their files."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from exports.actions import ask_for_table, cancel_table
from exports.models import TableExport, TableExportFile
from exports.rules import KEPT_FOR, ExportStatus
from lib.errors import Gone
from lib.htmx import render_part
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest

SHOWN = 50


@require_safe
@allows("export.make")
def exports(request: MemberRequest, organisation: str) -> HttpResponse:
    """One's own, the latest first; the list asks again while one is being made."""
    rows = list(TableExport.objects.filter(asked_by=request.membership)[:SHOWN])
    context = {
        "rows": rows,
        "live": any(row.status == ExportStatus.WAITING for row in rows),
        "days": KEPT_FOR.days,
    }
    return render_part(request, "exports/list.html", "exports", context)


@posted_from("exports")
@allows("export.make")
def ask(request: MemberRequest, organisation: str) -> HttpResponse:
    """`address`: of the list, with `export`, its filters, order and columns."""
    ask_for_table(by=request.membership, address=request.POST.get("address", ""))
    wake_workers(request.membership.organisation_id)
    return redirect("exports", organisation)


def _own(request: MemberRequest, table_export: int) -> TableExport:
    found: TableExport = get_object_or_404(TableExport, pk=table_export, asked_by=request.membership)
    return found


@posted_from("exports")
@allows("export.make")
def cancel(request: MemberRequest, organisation: str, table_export: int) -> HttpResponse:
    cancel_table(by=request.membership, export=_own(request, table_export))
    return redirect("exports", organisation)


@require_safe
@allows("export.make")
def file(request: MemberRequest, organisation: str, table_export: int) -> HttpResponse:
    """For whoever asked for it. Gone after its time."""
    found = _own(request, table_export)
    if found.status == ExportStatus.EXPIRED:
        raise Gone("expired", "This file was removed after a week. Export the list again.")
    made = get_object_or_404(TableExportFile, export=found)
    if not made.is_intact:
        raise Gone("damaged", "This file is not the one that was made. Export the list again.")
    answer = HttpResponse(bytes(made.content), content_type=made.kind)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer
