"""What people and programs see when a request failed: 503 while the database is away or busy, 507 where no file fits, else the answer
for errors. Each says whether anything was changed."""

import logging
import sys
from http import HTTPStatus
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api import problems
from api.middleware import ADDRESS as API
from lib.errors import NO_ROOM, NO_ROOM_SAID
from organisations.middleware import OutcomeUnknown

log = logging.getLogger(__name__)

RETRY_AFTER = 10  # seconds
LOCK_NOT_AVAILABLE = "55P03"


class Said(NamedTuple):
    """What is answered: a status, a code for programs, and what people are told."""

    status: int
    code: str
    heading: str
    sentence: str


AWAY = Said(
    503,
    "unavailable",
    "Back in a moment",
    f"Plumbline is busy or being updated. Nothing was changed; try again in {RETRY_AFTER} seconds.",
)
TAKEN = Said(
    503,
    "in_use",
    "Somebody else is at it",
    "What you want to change is being worked on, by a colleague or by the judgement of the contract, and was not free within seconds. "
    "Nothing was changed. Go back, where what you typed still stands, and try again in a minute. "
    "If it stays so, tell whoever runs Plumbline.",
)
UNKNOWN = Said(
    503,
    "outcome_unknown",
    "Look whether it was saved",
    "The connection to the database was lost at the very moment of saving, so it is not known whether this was saved. "
    "Open the page again and look; repeat it only if it is not there.",
)
FULL = Said(
    507,
    "no_room",
    "No room for files",
    NO_ROOM_SAID,
)


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to an exception that nobody caught; Django calls this while it is being handled (`handler500`).

    Not a middleware: each of those is wrapped so that it never sees an exception of the next one, and most requests find out
    in one (session, door) that PostgreSQL is away. The next request tries again, so recovery needs no restart.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OutcomeUnknown):
        return unavailable(request, error, UNKNOWN)
    if isinstance(error, DatabaseError | InterfaceError) and is_away(error):
        code = getattr(error.__cause__, "pgcode", None)
        return unavailable(request, error, TAKEN if code == LOCK_NOT_AVAILABLE else AWAY)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return unavailable(request, error, FULL)
    reference = getattr(request, "request_id", "")
    log.error("Reference %s: %s %s failed.", reference, request.method, request.path)
    if API.match(request.path_info):
        return problems.answer(500, "failed", "That did not work. Nothing was changed.", request_id=reference)
    return HttpResponse(render_to_string("errors/500.html", {"reference": reference}), status=500)


def is_away(error: Exception) -> bool:
    """Whether the database is out of reach or busy, rather than the statement wrong. One that is ended in the middle of a statement leaves
    an error of no kind and without a code."""
    bare = type(error) is DatabaseError and getattr(error.__cause__, "pgcode", None) is None
    return bare or isinstance(error, OperationalError | InterfaceError)


def unavailable(request: HttpRequest, cause: Exception, say: Said) -> HttpResponse:
    """A page, for the API a problem. Neither may touch the database, so the page has no shell."""
    log.error("%s for %s: %s", say.code, request.path, cause)
    response: HttpResponse
    if API.match(request.path_info):
        response = problems.answer(say.status, say.code, say.sentence)
    else:
        response = HttpResponse(render_to_string("errors/unavailable.html", {"said": say}), status=say.status)
    if say.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response
