"""Pages that are open ask every few seconds whether anything happened, and mostly nothing did: they are told so without a door.

Whoever asks the database asks for everybody whose page is open, and the tags that are current then are kept for less than a second. A page
that carries one of them is answered by that alone. A tag cannot be guessed, and the answer says nothing but that nothing happened.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from hmac import new

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase

from lib import moments

TAG = "HX-PTag"
ADDRESS = re.compile(r"/o/(?P<slug>[-a-zA-Z0-9_]+)/pulse/")
# With the four seconds between two questions of a page, what happened is there within five.
KEPT = 900  # milliseconds
# Whose page is open. Who has signed out meanwhile is told so after this time at the latest.
OPEN = 60  # seconds


def tag_of(slug: str, member: int, state: str) -> str:
    """An entity tag that only whoever was told can know."""
    return new(settings.SECRET_KEY.encode(), f"{slug} {member} {state}".encode(), sha256).hexdigest()[:32]


def open_pages(slug: str, member: int) -> list[int]:
    """The members whose pages are open, this one among them."""
    return moments.come(f"open:{slug}", member, OPEN)


def keep(slug: str, tags: Iterable[str]) -> None:
    moments.keep(f"pulse:{slug}", tags, KEPT)


class QuietPages:
    """Stands before sessions and doors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        tag = request.headers.get(TAG, "")
        if tag and request.method == "GET" and (address := ADDRESS.fullmatch(request.path_info)):
            if moments.is_kept(f"pulse:{address['slug']}", tag):
                return HttpResponseNotModified()
        return self.get_response(request)
