"""The product as the web process serves it, with one address more: a bare view, beside which pages are measured.

A request that says `X-Count` is answered with the number of its statements and the seconds spent in them, one that says `X-Processor` with
the processor time, in seconds, of this process and its database session. Those that are timed by the clock say neither.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import include, path

import config.urls
from measurements.models import Submission
from organisations.access import allows
from organisations.models import Vendor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


@allows("inbox.view")
def bare(request: HttpRequest, organisation: str) -> HttpResponse:
    """What every page costs at least: the session, the member, the scope, and one query."""
    return HttpResponse(f"{Vendor.objects.count()}\n", content_type="text/plain")


def _processor_time() -> float:
    """Of this process and of its database session, in seconds, as Linux counts them."""
    connection.ensure_connection()
    ran = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]
    return time.process_time() + int(ran) / 1e9


@allows("inbox.view")
def bare_save(request: HttpRequest, organisation: str) -> HttpResponse:
    """What everything that saves costs at least: the same, and one row that is written and audited."""
    with transaction.atomic():
        Submission.objects.filter(pk=Submission.objects.order_by("-pk").values("pk")[:1]).update(
            source=str(time.time())
        )
    return HttpResponse("saved\n", content_type="text/plain")


class Counting:
    """Outside everything else, so that the statements of the session and of the door are counted, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "X-Processor" in request.headers:
            before = _processor_time()
            response = self.get_response(request)
            response["X-Processor-Seconds"] = f"{_processor_time() - before:.6f}"
            return response
        if "X-Count" not in request.headers:
            return self.get_response(request)
        taken: list[float] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            start = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                taken.append(time.perf_counter() - start)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response["X-Statements"], response["X-Statements-Seconds"] = str(len(taken)), f"{sum(taken):.6f}"
        return response


urlpatterns = [
    path("o/<slug:organisation>/bare/", bare),
    path("o/<slug:organisation>/bare/save/", bare_save),
    path("", include(config.urls)),
]
handler500 = config.urls.handler500
