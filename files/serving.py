"""The way out of an attached file: to be saved, or, for a picture or a PDF, to be looked at apart from everything else."""

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from files.actions import open_as_attached
from files.kinds import kind_of
from files.models import StoredFile
from files.rules import FileState
from lib.errors import Gone
from lib.wakeup import VERIFY_FILE, call_at_once

# Somebody else wrote it: no script, no form, nothing of ours beside it.
SAVED = "sandbox"
SHOWN = "default-src 'none'; img-src 'self'; object-src 'self'; plugin-types application/pdf; style-src 'unsafe-inline'; sandbox"


def file_answer(row: StoredFile, *, shown: bool = False) -> HttpResponseBase:
    """The file as it was attached; 410 where it is not that any more, 404 where it is asked to be `shown` and cannot be."""
    kind = kind_of(row.name)
    if shown and not row.preview:
        raise Http404("This kind of file is not shown.")
    try:
        file = open_as_attached(row)
    except Gone:
        if row.state == FileState.STORED:  # this answer takes back what it writes
            call_at_once(VERIFY_FILE, row.organisation_id, row._meta.label, row.pk)
        raise
    answer = FileResponse(
        file,
        as_attachment=not shown,
        filename=row.name,
        content_type=kind.content_type if kind else "application/octet-stream",
    )
    answer["Content-Security-Policy"] = SHOWN if shown else SAVED
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
