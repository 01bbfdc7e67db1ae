"""Errors as application/problem+json, with the same words as the pages."""

from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from lib.errors import Refused
from organisations.access import open_to_all

CONTENT_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A type of problem: its name in the address, what it means, what to do."""

    name: str
    meaning: str
    remedy: str


KINDS = {
    HTTPStatus.BAD_REQUEST: Kind(
        "invalid",
        "The request cannot be read: it is no JSON, a value has the wrong form, or a parameter is unknown.",
        "Correct what “detail” and “errors” name, and send it again.",
    ),
    HTTPStatus.UNAUTHORIZED: Kind(
        "not-signed-in", "Nobody is signed in.", "Sign in first, and send the key or cookie."
    ),
    HTTPStatus.FORBIDDEN: Kind(
        "not-allowed", "You may not do this here.", "Ask an administrator of the organisation for the role that may."
    ),
    HTTPStatus.NOT_FOUND: Kind(
        "not-found",
        "There is nothing at this address, or it is not yours.",
        "Take addresses from the lists of the API.",
    ),
    HTTPStatus.CONFLICT: Kind(
        "conflict",
        "Somebody changed it since you read it, or its state does not allow this any more. Nothing was changed.",
        "Read it again, and decide on what is there now.",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: Kind(
        "refused",
        "The request can be read, but contradicts a rule of the contract or of Plumbline. Nothing was changed.",
        "“detail” and “errors” say which rule, where, and what to send instead. “code” names the rule for programs.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Kind("too-many", "Too many requests.", "Wait as long as “Retry-After” says."),
    HTTPStatus.INTERNAL_SERVER_ERROR: Kind(
        "failed",
        "It failed on our side.",
        "Look whether it is there before you try again; then report the request’s id.",
    ),
    HTTPStatus.GONE: Kind(
        "gone", "It was here, and is not any more or not as it was.", "Tell an administrator of the organisation."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Kind(
        "unavailable",
        "Plumbline is busy or being updated, or what the call wants to change is held by somebody else.",
        "Wait as long as “Retry-After” says, then try again. With the code “outcome_unknown” look first whether it was saved.",
    ),
    HTTPStatus.INSUFFICIENT_STORAGE: Kind(
        "no-room", "The disk for uploaded files is full. Nothing was changed.", "Tell whoever runs Plumbline."
    ),
}
"""By status; any other status below 500 is "invalid"."""
OF_CODE = {
    "second_factor_needed": Kind(
        "second-factor-needed",
        "The organisation lets nobody in without a second factor, and the account of this session has none.",
        "Add a passkey or a code app to the account, or call with a key: keys need none.",
    ),
}
"""What has a type of its own."""


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457: type, title, status, detail; `errors` where a file or a body has several things wrong."""
    if isinstance(exc, Refused):
        more = {"errors": [str(problem) for problem in exc.problems]} if exc.problems else {}
        return _problem(exc.status, exc.code, exc.sentence, **more)
    if isinstance(exc, Http404):
        return _problem(404, "not_found", "There is no such thing, or it is not yours.")
    answer = exception_handler(exc, context)
    if answer is None:
        return None
    errors = {"errors": exc.detail} if isinstance(exc, exceptions.ValidationError) else {}
    code = exc.get_codes() if isinstance(exc, exceptions.APIException) else "error"
    detail = (
        str(exc.detail)
        if isinstance(exc, exceptions.APIException) and not errors
        else "The body cannot be used; see errors."
    )
    return _problem(answer.status_code, code if isinstance(code, str) else "invalid", detail, **errors)


def answer(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """The same for what fails outside an endpoint, before or after the framework had its turn."""
    return JsonResponse(_body(status, code, detail, **more), status=status, content_type=CONTENT_TYPE)


def _problem(status: int, code: str, detail: str, **more: Any) -> Response:
    return Response(_body(status, code, detail, **more), status=status, content_type=CONTENT_TYPE)


def _body(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    kind = OF_CODE.get(code) or KINDS.get(HTTPStatus(status)) or KINDS[HTTPStatus.BAD_REQUEST]
    type_ = f"{settings.BASE_URL}{reverse('api-problems')}#{kind.name}"
    return {"type": type_, "title": code.replace("_", " "), "status": status, "code": code, "detail": detail, **more}


@open_to_all
@require_safe
def problem_types(request: HttpRequest) -> HttpResponse:
    """The page that a problem's `type` leads to: each kind, what it means and what to do."""
    listed = [*KINDS.items(), *((HTTPStatus.FORBIDDEN, kind) for kind in OF_CODE.values())]
    return render(request, "api/problems.html", {"kinds": [(int(status), *kind) for status, kind in listed]})
