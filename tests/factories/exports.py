"""Large tables that somebody asked for. Made inside an open scope."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from exports.models import TableExport, TableExportFile
from exports.rules import ExportStatus
from organisations.models import Membership


def table_export(by: Membership, **fields: Any) -> TableExport:
    """One that is made, with its file."""
    at = datetime(2024, 5, 20, tzinfo=UTC)
    given = {
        "name": "breaches",
        "address": f"/o/{by.organisation.slug}/breaches/?export=csv",
        "rows": 3,
        "asked_by": by,
        "vendor_id": by.vendor_id,
    }
    given |= {"asked_by_name": by.name, "asked_at": at, "made_at": at, "status": ExportStatus.MADE}
    made = TableExport.objects.create(**given | fields)
    content = b"Breach\r\n"
    file = {"name": "breaches.csv", "kind": "text/csv; charset=utf-8", "content": content}
    TableExportFile.objects.create(export=made, vendor_id=by.vendor_id, sha256=sha256(content).hexdigest(), **file)
    return made
