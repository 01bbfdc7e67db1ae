"""What people and programs see when a request failed: 503 while the database is away, 507 where a disk is full, else an error."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api import problems
from api.middleware import ADDRESS as API
from lib.errors import NO_ROOM

log = logging.getLogger(__name__)

RETRY_AFTER = 10  # seconds


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to an exception that nobody caught; Django calls this while it is being handled (`handler500`).

    Not a middleware: each of those is wrapped so that it never sees an exception of the next one, and most requests find out
    in one (session, door) that PostgreSQL is away. The next request tries again, so recovery needs no restart.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable(request, error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return no_room(request, error)
    reference = getattr(request, "request_id", "")
    log.error("Reference %s: %s %s failed.", reference, request.method, request.path)
    if API.match(request.path_info):
        return problems.answer(500, "failed", "That did not work. Nothing was changed.", request_id=reference)
    return HttpResponse(render_to_string("errors/500.html", {"reference": reference}), status=500)


def no_room(request: HttpRequest, full: OSError) -> HttpResponse:
    """A disk is full: of uploads on their way, or of files that are kept."""
    log.error("No room for files at %s: %s", request.path, full)
    if API.match(request.path_info):
        sentence = (
            "There is no room for files. Nothing was saved; tell whoever runs Plumbline, and send it again later."
        )
        return problems.answer(507, "storage_full", sentence)
    return HttpResponse(render_to_string("errors/507.html"), status=507)


def unavailable(request: HttpRequest, away: Exception) -> HttpResponse:
    """The page for an outage, for the API a problem. Neither may touch the database, so the page has no shell."""
    log.error("Database away for %s: %s", request.path, away)
    response: HttpResponse
    if API.match(request.path_info):
        sentence = f"Plumbline is busy or being updated. Nothing was changed; try again in {RETRY_AFTER} seconds."
        response = problems.answer(503, "unavailable", sentence)
    else:
        response = HttpResponse(render_to_string("errors/503.html"), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response
