"""One place for requests that nobody can mean: they end here with 400, before anything looks for what they name."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from lib.whole_numbers import whole

NUL = "\0"  # PostgreSQL stores none, and no address, name or number has one


class Readable:
    """Refuses a NUL in the path, a header, the query and a form's fields, and a length that is no number. Stands above the sessions: a
    cookie is looked up there.

    The form is read where the token is checked anyway, so nothing is read sooner or twice. JSON is read by the API's own parser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        headers = (str(value) for name, value in request.META.items() if name.startswith(("HTTP_", "CONTENT_")))
        if _has_nul((request.path_info, *headers, *request.COOKIES.values(), *_texts(request.GET))):
            return self.refused(request)
        if whole(request.META.get("CONTENT_LENGTH") or "0") is None:
            return self.refused(request, "The length of a body is a number.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        return self.refused(request) if _has_nul(_texts(request.POST)) else None

    @staticmethod
    def refused(request: HttpRequest, why: str = "A NUL is no part of a request.") -> HttpResponseBase:
        """The page of a 400, which htmx does not swap into another page."""
        response = response_for_exception(request, BadRequest(why))
        response.headers["HX-Reswap"] = "none"
        return response


def _texts(fields: QueryDict) -> Iterator[str]:
    for name, values in fields.lists():
        yield name
        yield from (str(value) for value in values)


def _has_nul(texts: Iterable[str]) -> bool:
    return any(NUL in text for text in texts)
