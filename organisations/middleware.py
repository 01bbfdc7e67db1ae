"""The web's door: from one membership row to one scope."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.core.handlers.exception import response_for_exception
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.contrib.auth.views import redirect_to_login

from organisations.models import Membership
from organisations.scope import open_scope

ADDRESS = re.compile(r"^/o/(?P<slug>[-a-zA-Z0-9_]+)/")


class Door:
    """Everything below /o/<organisation>/ runs in that organisation's scope and in one transaction; an answer >= 400 rolls back.

    "No such organisation" and "not yours" are the same 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None  # type: ignore[attr-defined]
        address = ADDRESS.match(request.path_info)
        if not address:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = find_membership(request.user.pk, address["slug"])
        if membership is None:
            # Raised inside the handler so that the 404 page is rendered as any other.
            return self._not_found(request)
        request.membership = membership  # type: ignore[attr-defined]
        request_id = uuid4().hex[:12]
        request.request_id = request_id  # type: ignore[attr-defined]
        with open_scope(
            organisation_id=membership.organisation_id,
            vendor_id=membership.vendor_id,
            actor_id=membership.pk,
            request_id=request_id,
        ):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
            if response.status_code >= 400:
                transaction.set_rollback(True)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _not_found(self, request: HttpRequest) -> HttpResponse:
        return response_for_exception(request, Http404("No such organisation, or not yours."))


def find_membership(user_id: int, slug: str) -> Membership | None:
    """The active membership of a user in the organisation with this slug: one row, read as the log-in role."""
    return (
        Membership.doors.select_related("organisation")
        .filter(user_id=user_id, organisation__slug=slug, is_active=True)
        .first()
    )
