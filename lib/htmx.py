"""Pages and their parts over htmx 4: what is rendered, what is said besides, and what becomes of refusals.

htmx 4 swaps the body of every answer below 500, so each 4xx for it must be a fragment that was meant to be swapped, or
a toast and nothing else. `FragmentErrors` sees to that.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_cache_control, patch_vary_headers

from lib.errors import Refused
from lib.whole_numbers import whole

Answer = TypeVar("Answer", bound=HttpResponseBase)

# Said when a request was refused and the view had no fragment to show for it.
SENTENCES = {
    400: "That could not be read. Reload the page and try again.",
    403: "You may not do that here.",
    404: "That is not here, or no longer.",
    405: "That cannot be done here.",
    410: "That is no longer here.",
    413: "That file is too large.",
    415: "That kind of file is not accepted.",
    429: "Too many requests. Wait a minute and try again.",
}
STALE_PAGE = "This page is out of date. Reload it and try again."


def seen_version(request: HttpRequest, field: str = "version") -> int | None:
    """The version of what somebody looked at when they pressed the button, as their form carries it; None where it carries none.

    Anything that no form of ours carries is a version that nothing has.
    """
    given = request.POST.get(field)
    if given is None:
        return None
    version = whole(given, 9)
    return -1 if version is None else version


def wants_part(request: HttpRequest) -> bool:
    """True if htmx asks for a piece of a page: not a link that swaps the body, not a step back in the history."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def target_id(request: HttpRequest) -> str:
    """The id of the element that will receive the answer ("portfolio"), or "" when it has none.

    htmx 4 sends `tag#id`. It is a hint from outside: use it to choose among parts the view names, never as a name.
    """
    target = getattr(getattr(request, "htmx", None), "target", None) or ""
    return str(target).partition("#")[2]


def render_part(
    request: HttpRequest,
    template: str,
    part: str | Mapping[str, str],
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the named part of the same file (`template#part`).

    With a string every htmx request gets that part. With a mapping {target id: part} the view names a part for each
    element of the page that can be swapped; an unknown target gets the whole page, swapped into the body.
    """
    name, whole = template, False
    if wants_part(request):
        chosen = part if isinstance(part, str) else part.get(target_id(request))
        whole = chosen is None
        name = template if chosen is None else f"{template}#{chosen}"
    response = render(request, name, dict(context or {}), status=status)
    if whole:
        response["HX-Retarget"], response["HX-Reswap"] = "body", "outerSync"
    response.is_fragment = True  # type: ignore[attr-defined]
    return varied(response)


def render_refused(
    request: HttpRequest, template: str, part: str, context: Mapping[str, Any], why: Refused
) -> HttpResponse:
    """The `form` of a page again with what was typed, and why it was not taken."""
    why.add_to(context["form"])
    return render_part(request, template, part, context, status=why.status)


def varied(response: Answer) -> Answer:
    """An answer that depends on htmx: kept apart by caches and never stored, or Back would show a fragment."""
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    patch_cache_control(response, private=True, no_store=True)
    return response


def trigger(response: Answer, event: str, **detail: object) -> Answer:
    """Raise `event` on the page after the answer, where parts listen with `hx-trigger="event from:body"`.

    It is raised on the body, since the element that asked may have been swapped away. Several calls add up.
    """
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = {"target": "body", **detail}
    response["HX-Trigger"] = json.dumps(events)
    return response


def toast(response: Answer, text: str, undo: str | None = None, error: bool = False) -> Answer:
    """Say `text` in the corner of the page; `undo` is the address that takes it back by POST; errors stay."""
    detail: dict[str, object] = {"text": text}
    if undo:
        detail["undo"] = undo
    if error:
        detail["error"] = True
    return trigger(response, "toast", **detail)


def done(text: str = "", *events: str, undo: str | None = None) -> HttpResponse:
    """204 for an act whose page parts refresh themselves: a toast, the events they listen to, and a closed dialog."""
    response = varied(HttpResponse(status=204))
    for event in events:
        trigger(response, event)
    return toast(response, text, undo) if text else response


class FragmentErrors:
    """For htmx requests: refusals become a toast, and an ended session leads to sign-in instead of into the page.

    Stands after HtmxMiddleware. Whole pages, answers of `render_part` and 5xx (never swapped) pass unchanged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not getattr(request, "htmx", None):
            return response
        patch_vary_headers(response, ["HX-Request"])
        if self.leads_to_sign_in(response) or (response.status_code == 401 and not is_fragment(response)):
            return self.sign_in(request)
        if response.status_code in SENTENCES and wants_part(request) and not is_fragment(response):
            return self.said(request, response)
        return response

    @staticmethod
    def leads_to_sign_in(response: HttpResponseBase) -> bool:
        """True for a redirect to the sign-in page, which fetch would follow and htmx would swap in."""
        if response.status_code not in (301, 302, 303, 307, 308):
            return False
        return urlsplit(response.headers.get("Location", "")).path == urlsplit(resolve_url(settings.LOGIN_URL)).path

    @staticmethod
    def sign_in(request: HttpRequest) -> HttpResponse:
        """401 that takes the page to sign-in and back to itself. app.js asks first if something typed would be lost."""
        here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        response = HttpResponse(status=401)
        response["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here})}"
        response["HX-Reswap"] = "none"
        return varied(response)

    @staticmethod
    def said(request: HttpRequest, refused: HttpResponseBase) -> HttpResponse:
        """The refusal as a toast: its own sentence if it has one, else that of its status. Nothing is swapped."""
        sentence = getattr(refused, "sentence", "") or SENTENCES[refused.status_code]
        if refused.status_code == 403 and getattr(request, "csrf_processing_done", None) is not True:
            sentence = STALE_PAGE if request.method == "POST" else sentence
        response = HttpResponse(status=refused.status_code)
        for name in ("Retry-After", "Allow", "X-Request-Id"):
            if name in refused.headers:
                response[name] = refused.headers[name]
        response.cookies = refused.cookies
        response["HX-Reswap"] = "none"
        return varied(toast(response, sentence, error=True))


def is_fragment(response: HttpResponseBase) -> bool:
    """True if the view rendered this answer to be swapped, or has already said what to do with it."""
    return bool(getattr(response, "is_fragment", False)) or "HX-Reswap" in response.headers
