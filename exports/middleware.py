"""A table that is too large to wait for is offered in the background, wherever a list says so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from lib.tables import MadeInBackground
from organisations.models import Membership


class LargeTables:
    """Stands inside the scope: a list's view has counted its rows and refused to make them into a file while somebody waits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        member: Membership | None = getattr(request, "membership", None)
        if not isinstance(exception, MadeInBackground) or member is None or not member.may("export.make"):
            return None  # a refusal like any other, with what to do
        context = {"large": exception, "address": request.get_full_path()}
        return render(request, "exports/ask.html", context)
