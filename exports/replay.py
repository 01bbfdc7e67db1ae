"""A list's own view is asked for the address that a person was on, as that person.

So filters, order, columns and permissions are those of the page, and the file is what the page would have given.
"""

from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone

from lib import formats
from lib.errors import RuleBroken
from lib.tables import KINDS
from organisations.models import Membership

NOT_THERE = "This is not the address of a table. Go back to the list, and export it from there."


def file_of(member: Membership, address: str) -> HttpResponseBase:
    """What the list's view answers a member: a file. RuleBroken where it is no address of a table of theirs."""
    if not address.startswith("/o/"):  # what is no path may be no address at all
        raise RuleBroken("address", NOT_THERE)
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404:
        raise RuleBroken("address", NOT_THERE) from None
    if match.kwargs.get("organisation") != member.organisation.slug or not hasattr(match.func, "action"):
        raise RuleBroken("address", NOT_THERE)
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", parts.path, parts.path
    request.GET = QueryDict(parts.query)
    request.resolver_match = match
    # A worker has no right on people's accounts, and a list asks for none.
    request.user, request.membership, request.htmx = AnonymousUser(), member, None  # type: ignore[attr-defined]
    try:
        with timezone.override(member.house.zone), formats.override(member.house.formats):
            answer = match.func(request, *match.args, **match.kwargs)
    except Http404:
        raise RuleBroken("address", NOT_THERE) from None
    if answer.get("Content-Type") not in KINDS.values() or "attachment" not in answer.get("Content-Disposition", ""):
        raise RuleBroken("address", NOT_THERE)
    return answer
