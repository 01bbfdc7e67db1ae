"""Errors as application/problem+json, with the same words as the pages."""

from typing import Any

from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from contracts.rules import FileRefused
from lib.errors import Refused

CONTENT_TYPE = "application/problem+json"


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457: type, title, status, detail; `errors` where a file or a body has several things wrong."""
    if isinstance(exc, Refused):
        more = {"errors": [str(problem) for problem in exc.problems]} if isinstance(exc, FileRefused) else {}
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
    return {"type": f"about:blank#{code}", "title": code.replace("_", " "), "status": status, "detail": detail, **more}
