"""What answers below /o/<organisation>/api/ before an endpoint does: never a page, never a way to the sign-in form."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import problems

ADDRESS = re.compile(r"/o/[^/]+/api/")
NOT_SIGNED_IN = "Send a key as “Authorization: Bearer plb_…”, or sign in and send the session's cookie along."
KEPT = ("Retry-After", "WWW-Authenticate")


class Problems:
    """The door's answers as problems: 401 for whoever is not signed in, 404 where there is no such organisation or address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not ADDRESS.match(request.path_info) or _is_json(response):
            return response
        if response.status_code == HTTPStatus.FOUND:
            return _with_headers(problems.answer(401, "not_signed_in", NOT_SIGNED_IN), {"WWW-Authenticate": "Bearer"})
        if hasattr(response, "problem"):
            code, sentence = response.problem
            kept = {name: response.headers[name] for name in KEPT if name in response.headers}
            return _with_headers(problems.answer(response.status_code, code, sentence), kept)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            status = HTTPStatus(response.status_code)
            return problems.answer(
                status, status.phrase.lower().replace(" ", "_"), f"{status.description or status.phrase}."
            )
        return response


def _with_headers(response: HttpResponseBase, headers: dict[str, str]) -> HttpResponseBase:
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _is_json(response: HttpResponseBase) -> bool:
    return "json" in response.headers.get("Content-Type", "")
