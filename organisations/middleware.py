"""The web's door: from one membership row to one scope."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.exception import response_for_exception
from django.db import InterfaceError, OperationalError, transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from lib import formats
from lib.errors import Refused
from lib.htmx import toast, varied, wants_part
from lib.posts import SECOND_FACTOR, SIGNED_OUT, keep_form
from organisations import api_keys
from organisations.backends import memberships_read
from organisations.models import Membership
from organisations.presence import note_presence, second_factor_due
from organisations.scope import open_scope

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ADDRESS = re.compile(r"^/o/(?P<slug>[-a-zA-Z0-9_]+)/(?P<api>api/)?")
KEY_INVALID = "This key lets nobody in here: it may be mistyped, revoked, past its end, or another organisation’s."


class TenantMiddleware:
    """Everything below /o/<organisation>/ runs in that organisation's scope and in one transaction; an answer >= 400 rolls back.

    "No such organisation" and "not yours" are the same 404. What an action refuses becomes a page or a toast with its sentence.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.membership = None  # type: ignore[attr-defined]
        address = ADDRESS.match(request.path_info)
        if not address:
            return self.get_response(request)
        membership, refused = self._find(request, address)
        if membership is None:
            return refused
        _read_body(request)
        # Not before: the page that says that a body cannot be read is shown outside the scope.
        request.membership = membership  # type: ignore[attr-defined]
        return self._answer(request, membership)

    def _answer(self, request: HttpRequest, membership: Membership) -> HttpResponseBase:
        response: HttpResponseBase | None = None
        try:
            with (
                commit_is_certain(request),
                open_scope(
                    organisation_id=membership.organisation_id,
                    vendor_id=membership.vendor_id,
                    actor_id=membership.pk,
                    request_id=request.request_id,  # type: ignore[attr-defined]
                    contracts=membership.contracts,
                    limits="web",
                ),
                timezone.override(membership.house.zone),
                formats.override(membership.house.formats),
            ):
                response = self.get_response(request)
                _made_in_the_scope(response)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                elif not membership.is_key:
                    note_presence(membership, timezone.now())
        except (OperationalError, InterfaceError):
            # The connection was lost in a statement, which has been answered. What cannot be rolled back then has been.
            if response is None or response.status_code < 400:
                raise
        return response

    @staticmethod
    def _find(request: HttpRequest, address: re.Match[str]) -> tuple[Membership | None, HttpResponseBase]:
        """Who comes in, by a key at the API or else by the session; or the answer to whom nobody lets in."""
        of_api, header = bool(address["api"]), request.headers.get("Authorization", "")
        if of_api and api_keys.is_bearer(header):
            membership = api_keys.find_member(header, address["slug"])
            if membership is None:
                return None, refusal(
                    401, "key_invalid", KEY_INVALID, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
                )
        elif not request.user.is_authenticated:
            kept = (
                None
                if of_api or wants_part(request)
                else keep_form(request, SIGNED_OUT, resolve_url(settings.LOGIN_URL))
            )
            return None, kept or redirect_to_login(request.get_full_path())
        else:
            own = memberships_read(request.user)
            membership = next((one for one in own if one.organisation.slug == address["slug"]), None)
            if membership is None:
                # Not raised: outside the innermost handler nobody would turn it into the page.
                return None, response_for_exception(request, Http404("No such organisation, or not yours."))
            if (due := second_factor_due(membership)) and due <= timezone.localdate(timezone=membership.house.zone):
                return None, second_factor_needed(request, membership, of_api)
            membership.factor_due = due  # said on each page until then
        if of_api and (wait := api_keys.count_call(membership)):
            sentence = f"That is more than {settings.API_CALLS_PER_MINUTE} calls in a minute. Wait {wait} seconds."
            return None, refusal(429, "too_many_calls", sentence, {"Retry-After": str(wait)})
        return membership, HttpResponse()

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """An action's refusal: its sentence as a page, or for a part of a page as a toast that swaps nothing."""
        if not isinstance(exception, Refused):
            return None
        if wants_part(request):
            response = HttpResponse(status=exception.status, headers={"HX-Reswap": "none"})
            varied(toast(response, exception.sentence, error=True))
        else:
            context = {"sentence": exception.sentence, "code": exception.code}
            response = render(request, f"errors/{exception.status}.html", context, status=exception.status)
        response.headers["X-Refused"] = exception.code
        return response


class OutcomeUnknown(OperationalError):
    """The connection was lost while the database was asked to commit: it has, or it has not."""


@contextmanager
def commit_is_certain(request: HttpRequest) -> Iterator[None]:
    """Raises OutcomeUnknown where the end of the transaction inside fails with a lost connection, after something may have been written.

    Whatever fails earlier is answered inside: an error that comes out here is one of the commit.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as lost:
        # With a code the server has refused to commit, and said so; without one, or when it was shutting down, nobody knows.
        code = getattr(lost.__cause__, "pgcode", None) or ""
        if request.method in ("GET", "HEAD", "OPTIONS") or (code and not code.startswith(("08", "57P"))):
            raise
        raise OutcomeUnknown(*lost.args) from lost


def _read_body(request: HttpRequest) -> None:
    """A body arrives as slowly as its sender likes: no transaction waits for it. A form that cannot be read ends here with 400."""
    try:
        if request.content_type in FORMS:
            request.POST  # noqa: B018  read by being asked for
        else:
            with suppress(RequestDataTooBig):  # said by whoever needs it
                request.body  # noqa: B018
    except UnreadablePostError as gone:
        raise BadRequest("The connection ended before the body did.") from gone


def _made_in_the_scope(response: HttpResponseBase) -> None:
    """Nothing of an answer may be made after the scope is closed. Templates have been rendered; streams may only be files."""
    if response.streaming and not isinstance(response, FileResponse):
        raise RuntimeError("An answer that is streamed would be made outside the scope. Build it whole.")


def refusal(status: int, code: str, sentence: str, headers: dict[str, str]) -> HttpResponse:
    """What the door answers a program; `api.middleware` gives it the form of the API's other refusals."""
    response = HttpResponse(sentence, status=status, headers=headers, content_type="text/plain; charset=utf-8")
    response.problem = (code, sentence)  # type: ignore[attr-defined]
    return response


def second_factor_needed(request: HttpRequest, membership: Membership, of_api: bool) -> HttpResponseBase:
    """To the page where one is set up; what was typed is kept, and the API refuses."""
    if of_api:
        sentence = f"{membership.organisation.name} asks for a second factor. Add one to your account, or use a key."
        return refusal(403, "second_factor_needed", sentence, {})
    if wants_part(request):
        here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        address = f"{reverse('second-factor')}?{urlencode({'next': here})}"
        return varied(HttpResponse(status=403, headers={"HX-Redirect": address, "HX-Reswap": "none"}))
    address = f"{reverse('second-factor')}?{urlencode({'next': request.get_full_path()})}"
    return keep_form(request, SECOND_FACTOR, address) or redirect(address)
