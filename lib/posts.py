"""What is posted: the page it comes from, and how it is kept for somebody whose session ended meanwhile."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from lib.whole_numbers import whole

View = Callable[..., HttpResponseBase]
Page = str | Callable[..., str]
CSRF_FIELD = "csrfmiddlewaretoken"

# Why a form was not taken.
SIGNED_OUT, STALE, SECOND_FACTOR = "signed-out", "stale", "second-factor"


def posted_from(page: Page) -> Callable[[View], View]:
    """For views that change something: POST alone. GET leads to the page that has the form, for whoever comes by a bookmark,
    by the button Back or from signing in.

    `page` is the name of an address, which takes the first of the view's arguments, or a function of request and arguments.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in ("GET", "HEAD"):
                return redirect(
                    _address(page, list(kwargs.values())) if isinstance(page, str) else page(request, **kwargs)
                )
            if request.method != "POST":
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            return view(request, *args, **kwargs)

        guarded.posted_from = page  # type: ignore[attr-defined]
        return guarded

    return guard


def _address(page: str, values: list[Any]) -> str:
    """The address of that name with as many of the values as it takes."""
    while True:
        try:
            return reverse(page, args=values)
        except NoReverseMatch:
            if not values:
                raise
            values.pop()


def keep_form(request: HttpRequest, why: str, first: str = "") -> HttpResponse | None:
    """A page that holds what was typed, to be sent again: with the token of now, or after what is to be done at the address `first`.

    None where there is nothing to hold, for passwords, and for forms that no page of ours has sent: else a page of somebody
    else's would only have to wait for a click. Files cannot be held; the page names them.
    """
    if not _is_ours(request) or not _is_small(request):
        return None
    fields = [(name, value) for name, values in request.POST.lists() if name != CSRF_FIELD for value in values]
    if (not fields and not request.FILES) or any("password" in name for name, _ in fields):
        return None
    context = {
        "fields": fields,
        "files": [file.name for files in request.FILES.lists() for file in files[1]],
        "why": why,
        "first": first,
        "again": request.get_full_path(),
    }
    return render(request, "errors/kept.html", context, status=401 if why == SIGNED_OUT else 403)


def _is_ours(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this very address sent the form."""
    return request.method == "POST" and request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def _is_small(request: HttpRequest) -> bool:
    """Nothing is read for strangers that is longer than a form without files may be."""
    length = whole(request.headers.get("Content-Length", ""))
    return length is not None and length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
