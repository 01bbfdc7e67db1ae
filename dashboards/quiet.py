"""Pages that are open ask every few seconds whether anything happened: most are answered without a door.

Whoever asks the database asks for everybody whose page is open, and what each is to be told is kept for less than a second: under the tag
that is current, that nothing happened; under those that were a moment ago, that something did. A page that carries one of them is answered
by that alone. A tag cannot be guessed, and only whoever is told it has it.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import new
from json import dumps, loads

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from lib import moments
from lib.htmx import done, trigger

TAG = "HX-PTag"
ADDRESS = re.compile(r"/o/(?P<slug>[-a-zA-Z0-9_]+)/pulse/")
# With the four seconds between two questions of a page, what happened is there within five.
KEPT = 900  # milliseconds
# Whose page is open. Who has signed out meanwhile is told so after this time at the latest.
OPEN = 60  # seconds
FORMER = 8  # seconds in which a page that carries a tag has asked again


def tag_of(slug: str, member: int, state: str) -> str:
    """An entity tag that only whoever was told can know."""
    return new(settings.SECRET_KEY.encode(), f"{slug} {member} {state}".encode(), sha256).hexdigest()[:32]


def open_pages(slug: str, member: int) -> list[int]:
    """The members whose pages are open, this one among them."""
    return sorted(map(int, moments.come(f"open:{slug}", [str(member)], OPEN)))


def keep(slug: str, news: Mapping[int, tuple[str, int, int]]) -> None:
    """What each member is told who asks now: their tag, unread notifications, and live breaches."""
    carried = moments.come(f"told:{slug}", [f"{member} {tag}" for member, (tag, _, _) in news.items()], FORMER)
    answers = {}
    for member, tag in (one.split() for one in carried):
        if found := news.get(int(member)):
            answers[tag] = "" if tag == found[0] else dumps(found)
    moments.keep(f"pulse:{slug}", answers, KEPT)


def something_happened(tag: str, unread: int, live: int) -> HttpResponse:
    """The parts of the page refresh themselves, and the counts of the navigation are told."""
    answer = trigger(done("", "happened"), "counted", inbox=unread, breaches=live)
    answer[TAG] = tag
    return answer


class QuietPages:
    """Stands before sessions and doors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        tag = request.headers.get(TAG, "")
        if tag and request.method == "GET" and (address := ADDRESS.fullmatch(request.path_info)):
            said = moments.kept(f"pulse:{address['slug']}", tag)
            if said is not None:
                return something_happened(*loads(said)) if said else HttpResponseNotModified()
        return self.get_response(request)
