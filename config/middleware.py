"""The outermost layer: what people see when the database is away."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


class Outage:
    """PostgreSQL away: 503 with Retry-After, and the next request tries anew, so recovery needs no restart."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError) as away:
            return unavailable(request, away)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError | InterfaceError):
            return unavailable(request, exception)
        return None


def unavailable(request: HttpRequest, away: Exception) -> HttpResponse:
    """The page for an outage. It must not touch the database, so it has no shell."""
    log.error("Database away for %s: %s", request.path, away)
    response = HttpResponse(render_to_string("errors/503.html"), status=503)
    response["Retry-After"] = "10"
    response["Cache-Control"] = "no-store"
    return response
