"""What people and programs see when a request failed: 503 while the database is away, else the answer for errors."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api import problems
from api.middleware import ADDRESS as API

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
    reference = getattr(request, "request_id", "")
    log.error("Reference %s: %s %s failed.", reference, request.method, request.path)
    if API.match(request.path_info):
        return problems.answer(500, "failed", "That did not work. Nothing was changed.", request_id=reference)
    return HttpResponse(render_to_string("errors/500.html", {"reference": reference}), status=500)


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
