"""What every answer has: the id of its request, and that nobody keeps it."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Answers:
    """Gives each request an id, by which the log, the trail and the person who asks about it know it; and lets no browser or proxy
    keep an answer that does not say how. Files that are the same for everybody are answered further out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = uuid4().hex[:12]  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        response.headers.setdefault("Cache-Control", "no-store")
        return response
